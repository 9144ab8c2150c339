"""What the guide says about the numbers of the model: in words, in tables, for every topic."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from tests.support.reading_level import grade

from mesospread.app.guide import explain
from mesospread.app.guide_model import model_says
from mesospread.app.guide_numbers import ModelSays, guide_numbers
from mesospread.errors import InputError
from mesospread.guide.topics import Topic, load_guide
from mesospread.model.load import disease, observation, shipped_primaries, treatments
from mesospread.report.guide_model_text import cell_text
from mesospread.report.strings import catalogue

TOPICS = load_guide().topics
SAID = {name: said for name, topic in TOPICS.items() if (said := model_says(topic)) is not None}
HARDEST_GRADE = 8.0
#: topics about something that the model does not hold
WITHOUT = [
    "genes", "asbestos", "chest-x-ray", "thoracoscopy", "blood-tests", "repeat-scans",
    "scan-limits", "scan-false-alarm", "waiting", "tongue-scalp", "stage-editions",
    "pleural-effusion", "bowel-change", "mood", "urine", "mouth", "hiccups", "pain-relief",
    "combinations", "treatment-lines", "immunotherapy-before-surgery", "clinical-trials",
    "no-treatment", "steroids", "oxygen", "brain-radiotherapy", "fluid-drainage",
]  # fmt: skip
#: symptoms and treatments of the model that no topic is about
UNTOLD = {"hernia", "leg swelling", "lymph node dissection"}


def told(name: str) -> ModelSays:
    return SAID[name]


def of(said: ModelSays, primary: str):  # type: ignore[no-untyped-def]
    return next(part for part in said.parts if part.primary == primary)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.id)
def test_every_topic_with_a_counterpart_has_numbers(topic: Topic) -> None:
    kinds = ("primary", "stage", "route", "site", "symptom", "scan", "treatment", "factor")
    expected = topic.kind in kinds and topic.id not in WITHOUT
    if topic.kind in kinds:
        assert (topic.id in SAID) == expected
    if topic.kind == "living":
        assert topic.id not in SAID


def test_all_that_the_model_holds_is_told_somewhere() -> None:
    shown = " ".join(
        f"{table.title.lower()} {' '.join(row.label for row in table.rows)}"
        for said in SAID.values()
        for part in said.parts
        for table in part.tables
    )
    for primary in shipped_primaries():
        for site in disease(primary).of_role("site"):
            about = TOPICS[site.replace("_", "-")]
            assert primary in {part.primary for part in SAID[about.id].parts}, site
        for symptom in observation(primary).symptom:
            assert symptom.name in UNTOLD or f"{symptom.name.lower()}: " in shown, symptom.name
        for modality in observation(primary).modality:
            assert f"{modality.name.lower()}: chance" in shown
        names = {name for topic in TOPICS.values() for name in topic.treatments}
        for treatment in treatments(primary).treatment:
            assert treatment.name in names | UNTOLD, treatment.name


@pytest.mark.parametrize("name", sorted(SAID))
def test_sentences_are_easy_to_read_and_calm(name: str) -> None:
    said = told(name)
    for part in said.parts:
        words = " ".join(part.plain)
        assert not words or grade(words) <= HARDEST_GRADE, words
        assert not re.search(r"surviv|alive|\bdeath\b|\bdie[sd]?\b|prognos|fatal", words)
        assert "  " not in words
        assert "{" not in words
    assert grade(said.note) <= HARDEST_GRADE


@pytest.mark.parametrize("name", sorted(SAID))
def test_every_number_has_an_interval_and_a_source(name: str) -> None:
    for part in told(name).parts:
        assert part.posterior in part.source
        assert part.posterior == guide_numbers().primaries[part.primary].posterior
        for table in part.tables:
            assert table.unit in ("percent", "ratio", "months")
            for row in table.rows:
                assert row.kind
                assert len(row.cells) == len(table.columns)
                assert any(row.cells)
                for cell in filter(None, row.cells):
                    assert cell.low <= cell.value <= cell.high


def test_a_site_is_told_for_all_primaries_with_what_is_known() -> None:
    said = told("liver")
    assert [part.primary for part in said.parts] == [
        "pleural", "peritoneal", "pericardial", "testicular",
    ]  # fmt: skip
    cell = guide_numbers().primaries["pleural"].numbers["site:liver"]["any"]["diagnosis"]
    assert f"about {100 * cell[0]:.0f} in 100 people" in of(said, "pleural").plain[0]
    assert f"{100 * cell[1]:.0f} to {100 * cell[2]:.0f}" in of(said, "pleural").plain[0]
    titles = [table.title for table in of(said, "pleural").tables]
    assert titles == ["Liver: people with tumour there", "Liver: route by which it was reached"]
    for primary in ("pericardial", "testicular"):
        assert "small number of reports" in of(said, primary).little
    assert of(said, "pleural").little == ""


def test_only_primaries_that_have_it_speak() -> None:
    assert {part.primary for part in told("testis").parts} == {"testicular"}
    assert {part.primary for part in told("summary-stage").parts} == {"pericardial", "testicular"}
    assert {part.primary for part in told("peritoneal-index").parts} == {"peritoneal"}
    assert {part.primary for part in told("stage-4").parts} == {"pleural"}
    assert {part.primary for part in told("peritoneal").parts} == {"peritoneal"}


def test_what_rests_on_reasoning_says_so() -> None:
    plain = " ".join(of(told("bevacizumab"), "pleural").plain)
    assert "No study has shown this." in plain
    table = of(told("bevacizumab"), "pleural").tables[0]
    grades = {row.label: row.kind for row in table.rows}
    assert grades["new spread, blood"] == "mechanism"
    assert "randomised" in grades["death from the disease"]
    care = " ".join(of(told("palliative-care"), "pleural").plain)
    assert "changes no new spread" in care


def test_an_effect_in_some_places_is_no_missing_effect() -> None:
    plain = " ".join(of(told("tract-radiotherapy"), "pleural").plain)
    assert "slows new spread by contact" in plain
    assert "This is so in: skin." in plain
    # the interval reaches beyond no effect, and the sentence does not hide it
    _, _, high = (
        guide_numbers()
        .primaries["pleural"]
        .numbers["treatment:tract radiotherapy"]["direct@skin"]["given"]
    )
    assert ("It may be none at all" in plain) == (high > 0.995)


def test_effects_on_death_are_for_clinicians_only() -> None:
    page = explain("nivolumab")
    said = page["model"]
    assert "death" in json.dumps([part["tables"] for part in said["parts"]])
    assert "death" not in json.dumps([part["plain"] for part in said["parts"]])


def test_a_page_about_an_emergency_has_no_odds_in_its_words() -> None:
    said = told("confusion")
    assert all(part.plain == [] for part in said.parts)
    assert all(part.tables for part in said.parts)


def test_a_sign_is_always_a_reason_to_call() -> None:
    assert "call your team" in told("headache").note
    assert "call your team" not in told("liver").note


def test_one_primary_can_be_chosen() -> None:
    found = explain("liver", primary="peritoneal")["model"]
    assert [part["primary"] for part in found["parts"]] == ["peritoneal"]
    assert explain("testis", primary="pleural")["model"] is None
    with pytest.raises(InputError, match="pleural"):
        explain("liver", primary="plural")


def test_spanish_sentences() -> None:
    spanish = model_says(TOPICS["liver"], primary="pleural", lang="es")
    english = model_says(TOPICS["liver"], primary="pleural")
    assert spanish is not None
    assert english is not None
    assert "de cada 100 personas" in spanish.parts[0].plain[0]
    # what clinicians read stays English
    assert spanish.parts[0].tables == english.parts[0].tables
    figures = [re.findall(r"\d+", " ".join(said.parts[0].plain)) for said in (spanish, english)]
    assert figures[0] == figures[1]


def test_spanish_has_all_sentences_for_patients() -> None:
    words = catalogue("mesospread.app")
    tables = ("start", "number", "say", "what")
    english = words.keys()
    plain = {key for key in english if key.split(".")[0] in tables}
    plain -= {"say.source_own", "say.source_borrowed", "say.course"}
    assert plain <= words.keys("es")
    assert words.keys("es") <= words.keys("en")


def test_every_sentence_is_used() -> None:
    package = files("mesospread.app")
    code = " ".join(
        (package / f"{name}.py").read_text("utf-8")
        for name in ("guide_parts", "guide_effects", "guide_model", "guide_numbers")
    )
    keys = catalogue("mesospread.app").keys()
    for key in keys:
        table, name = key.split(".", 1)
        if table == "say":
            assert f'"say.{name}"' in code, key


def test_cells_are_written_shortly() -> None:
    def cell(value: float, low: float, high: float) -> dict[str, float]:
        return {"value": value, "low": low, "high": high}

    assert cell_text(cell(0.123, 0.04, 0.2), "percent") == "12 (4–20)"
    assert cell_text(cell(0.004, 0.0001, 0.02), "percent") == "0.4 (<0.1–2)"
    assert cell_text(cell(0.6, 0.35, 0.9), "ratio") == "0.60 (0.35–0.90)"
    assert cell_text(cell(1, 1, 1), "ratio") == "1.00"
    assert cell_text(None, "months") == "–"
