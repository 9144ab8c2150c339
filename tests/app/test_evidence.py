"""From a word to the numbers of the model and the published values behind them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mesospread.app.evidence import bibliography, claims, evidence_for, sources_in
from mesospread.app.page_evidence import found_evidence
from mesospread.app.page_validation import shipped_validation
from mesospread.cli.main import app
from mesospread.errors import InputError
from mesospread.evidence.bibtex import bibtex
from mesospread.evidence.published import load_published, tells_survival
from mesospread.model.load import disease, observation, treatments
from mesospread.studies.library import shipped_studies


def test_without_words_all_numbers_and_their_sources_are_listed():
    found = evidence_for()
    parts = (disease("pleural"), treatments("pleural"), observation("pleural"))
    assert len(found["parameters"]) == sum(len(part.parameters) for part in parts)
    used = {source for row in found["parameters"] for source in row["sources"]}
    assert {row["id"] for row in found["values"]} == used


def test_every_word_must_occur():
    one, both = evidence_for("liver"), evidence_for("liver autopsy")
    names = {row["name"] for row in one["parameters"]}
    assert {row["name"] for row in both["parameters"]} < names
    assert "blood_liver" in names
    assert "finn-2012-liver" in {row["id"] for row in one["values"]}


def test_a_number_is_shown_as_it_stands_in_the_model():
    (row,) = evidence_for("blood_thyroid")["parameters"]
    parameter = disease("pleural").parameters["blood_thyroid"]
    assert (row["value"], row["low"], row["high"]) == (
        parameter.value,
        parameter.low,
        parameter.high,
    )
    assert row["sources"] == list(parameter.sources)
    assert all(source in load_published() for source in row["sources"])


def test_an_author_finds_published_values():
    values = evidence_for("Elliott")["values"]
    assert values
    assert any("Elliott" in row["citation"] for row in values)


def test_nothing_found_says_what_to_try():
    with pytest.raises(InputError, match="nothing is known under these words") as caught:
        evidence_for("xyzzy")
    assert "liver" in caught.value.remedy


def test_a_value_says_what_it_is_used_for():
    use = {
        row["id"]: row["use"] for words in ("", "collins") for row in evidence_for(words)["values"]
    }
    assert use["collins-2020-any"] == "validates"
    fitted = {
        r.evidence for s in shipped_studies("pleural") for r in s.result if r.use == "calibrate"
    }
    assert len(fitted & set(use)) > 10
    assert {i for i in use if use[i] == "calibrates"} == fitted & set(use)
    assert "informs" in use.values()
    shown = CliRunner().invoke(app, ["evidence", "finn-2012-liver"]).stdout
    assert "the model was fitted to it" in " ".join(shown.split())


def test_an_unknown_primary_is_named():
    with pytest.raises(InputError, match="Did you mean 'pleural'"):
        evidence_for("liver", primary="plural")


def test_the_command_prints_tables_and_json():
    table = CliRunner().invoke(app, ["evidence", "thyroid"])
    assert table.exit_code == 0
    assert "of the model" in table.stdout
    assert "stated" in table.stdout
    as_json = CliRunner().invoke(app, ["evidence", "thyroid", "--json"])
    assert json.loads(as_json.stdout) == evidence_for("thyroid")


def test_claims_about_survival_wait_until_they_are_wanted():
    without, with_all = claims(), claims(prognosis=True)
    assert without["left_out"] > 0
    assert len(with_all["claims"]) == len(without["claims"]) + without["left_out"]
    assert "14.9" not in json.dumps(without)
    assert "14.9" in json.dumps(with_all)


def test_a_claim_carries_its_sources_and_their_confidence():
    (claim,) = claims("stalker")["claims"]
    assert claim["sources"][0]["confidence"] in ("high", "medium", "low")
    assert claim["standing"] == "Seen, but not settled"


@pytest.mark.parametrize(
    ("words", "study"),
    [
        ("67", "collins-2020"),
        ("peritoneal-50", "peri-psogi-2011"),
        ("testicular-31", "testis-reports-2021"),
        ("pericardial six", "peric-reports-2009"),
    ],
)
def test_the_model_of_its_own_primary_answers_a_claim(words: str, study: str):
    (claim,) = claims(words, prognosis=True)["claims"]
    assert claim["model"][0]["study"] == study
    assert claim["model"][0]["predicted"] > 0


def test_a_claim_that_no_study_of_the_model_counted_says_so():
    run = CliRunner().invoke(app, ["evidence", "--claims", "immunotherapy-before-surgery"])
    assert "Nothing. The model has no course" in " ".join(run.stdout.split())


def test_a_figure_that_nobody_counted_stands_beside_the_model():
    run = CliRunner().invoke(app, ["evidence", "--claims", "25 45 pericardial"])
    told = " ".join(run.stdout.split())
    assert "beside 35 (25–45) as told; this checks nothing" in told
    assert "Nothing." not in told


def test_no_claim_found_says_what_to_try():
    with pytest.raises(InputError, match="no statement holds these words") as caught:
        claims("xyzzy")
    assert "brain" in caught.value.remedy


def test_the_command_tells_claims():
    run = CliRunner().invoke(app, ["evidence", "--claims", "67"])
    assert run.exit_code == 0
    assert "164 people" in run.stdout
    assert "finn-2012" not in run.stdout
    as_json = CliRunner().invoke(app, ["evidence", "--claims", "67", "--json"])
    assert json.loads(as_json.stdout) == claims("67")


def test_bibtex_follows_from_what_was_used(tmp_path: Path):
    used = {"sources": [{"id": "finn-2012-liver"}], "inner": [{"sources": ["collins-2020-any"]}]}
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(used))
    assert sources_in(answer) == {"finn-2012-liver", "collins-2020-any"}
    assert bibliography(answer=answer) == bibtex(["finn-2012-liver", "collins-2020-any"])
    run = CliRunner().invoke(app, ["evidence", "--bibtex", "--from", str(answer)])
    assert run.stdout == bibliography(answer=answer)


def test_bibtex_of_words_and_of_claims():
    values = [row["id"] for row in evidence_for("thyroid")["values"]]
    assert bibliography("thyroid") == bibtex(values)
    assert "stalker2025jto" in bibliography("stalker", of_claims=True)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", "{}", "no sources in this file"),
        ("a.txt", "{}", "not the name of a JSON file"),
        ("a.json", "{", "not valid JSON"),
    ],
)
def test_an_answer_without_sources_is_refused(tmp_path: Path, name: str, text: str, words: str):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        bibliography(answer=path)


@pytest.mark.parametrize(
    "options",
    [
        ["--prognosis"],
        ["--from", "a.json"],
        ["liver", "--bibtex", "--from", "a.json"],
        ["--bibtex", "--json"],
    ],
)
def test_options_that_do_not_go_together_are_refused(options: list[str]):
    run = CliRunner().invoke(app, ["evidence", *options])
    assert isinstance(run.exception, InputError)


def test_a_value_tells_where_it_was_read_and_what_counted():
    (row,) = (r for r in evidence_for("finn")["values"] if r["id"] == "finn-2012-liver")
    published = load_published()["finn-2012-liver"]
    assert row["population"] == published.population
    assert (row["setting"], row["locator"], row["n"]) == ("autopsy", "abstract", 318)
    assert row["definition"] == published.note
    shown = " ".join(CliRunner().invoke(app, ["evidence", "finn"]).stdout.split())
    assert f"who {published.population} (autopsy)" in shown
    assert f"definition {published.note}" in shown


def test_a_claim_without_an_answer_says_why():
    (claim,) = claims("seer-distant-72")["claims"]
    assert claim["model"] == []
    shown = CliRunner().invoke(app, ["evidence", "--claims", "seer-distant-72"]).stdout
    assert " ".join(claim["no_answer"].split()[:4]) in " ".join(shown.split())


def test_a_claim_that_nobody_counted_has_an_answer_that_checks_nothing():
    (claim,) = claims("pericardial-25-45")["claims"]
    assert {row["use"] for row in claim["model"]} == {"inform"}
    assert all(row["predicted_low"] < row["predicted"] for row in claim["model"])
    validation = shipped_validation("pericardial", prognosis=True)
    assert validation is not None
    assert not any(row["study"] == "peric-claim-spread" for row in validation["results"])
    assert sum(row["figures"] for row in validation["coverage"] if row["kind"] == "all") == 3


def test_a_page_tells_no_survival_in_a_definition_unasked():
    hidden = found_evidence("", primary="pleural", prognosis=False)["values"]
    wanted = found_evidence("", primary="pleural", prognosis=True)["values"]
    assert any(tells_survival(row["definition"]) for row in wanted)
    for row in hidden:
        for name in ("definition", "population"):
            shown = row[name]
            assert shown.startswith("not shown here") or not tells_survival(shown)
