"""The claims are complete, readable and rest on published values; damage is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.support.reading_level import grade

from mesospread.errors import InputError
from mesospread.evidence.claims import STANDINGS, find_claims, load_claims, read_claims
from mesospread.evidence.published import load_published

GOOD = """
format = 1
[[claim]]
id = "smith-40"
primary = "pleural"
statement = "Four in ten."
origin = "Smith."
people = "Ten."
eyes = "CT."
counted = "4 of 10."
standing = "some_people"
verdict = "So it is."
sources = ["finn-2012-liver"]
"""
#: what people read most, each with a word of the claim that must answer it
FIGURES = [
    "13.3", "67", "brain 5 %", "brain 4 %", "peritoneal 50", "pericardial 25", "14.9", "halves",
    "3 to 7", "55", "seer 72", "18.2", "44", "53 months", "testicle 31",
]  # fmt: skip


def written(folder: Path, text: str) -> Path:
    path = folder / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("words", FIGURES)
def test_the_figures_that_people_read_are_there(words: str) -> None:
    assert find_claims(words, survival=True)


def test_every_claim_is_complete_and_readable() -> None:
    claims = load_claims().values()
    assert len(claims) >= 15
    assert {claim.standing for claim in claims} == set(STANDINGS)
    assert {claim.primary for claim in claims} >= {
        "pleural", "peritoneal", "pericardial", "testicular"
    }  # fmt: skip
    for claim in claims:
        assert grade(claim.verdict) <= 8, claim.id


def test_survival_is_told_only_in_claims_about_it() -> None:
    """Neither the words nor the sources of the others say how long people live."""
    for claim in find_claims():
        shown = " ".join((claim.statement, claim.counted, claim.verdict))
        assert not re.search(r"lived? \d|live for|months of life|alive", shown), claim.id
        for source in claim.sources:
            value = load_published()[source]
            assert value.topic != "survival", (claim.id, source)
            assert not re.search(r"\bOS\b|death", value.subject), (claim.id, source)


@pytest.mark.parametrize(
    ("identifier", "counted"),
    [
        ("distant-13", "8 of 60"),
        ("brain-immunotherapy-4", "6 of 149"),
        ("peritoneal-50", "962 of 1,591"),
        ("peritoneal-50", "12 of 294"),
        ("m1-3-to-7", "84 of 2,414"),
        ("m1-3-to-7", "228 of 3,221"),
        ("testicular-31", "84 of 275"),
        ("nodes-half", "44 of 92"),
        ("outside-chest-44", "65 of 148"),
    ],
)
def test_counts_are_those_of_the_sources(identifier: str, counted: str) -> None:
    claim = load_claims()[identifier]
    assert counted in claim.counted
    events, n = (float(x.replace(",", "")) for x in counted.split(" of "))
    values = [load_published()[source] for source in claim.sources]
    assert any((v.events, v.n) == (events, n) for v in values)


def test_words_are_searched_in_all_parts() -> None:
    assert [claim.id for claim in find_claims("stalker brain")] == ["brain-immunotherapy-4"]
    assert find_claims("xyzzy", survival=True) == []


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert read_claims(written(tmp_path, GOOD))["smith-40"].model == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("finn-2012-liver", "finn-2012-livr"), "Did you mean 'finn-2012-liver'"),
        (('sources = ["finn-2012-liver"]', ""), "without a source"),
        (("verdict", "verdct"), "unknown key"),
        (("some_people", "true"), "standing"),
        (("smith-40", "Smith 40"), "id"),
        (("\n[[claim]]", "\ncolour = 1\n[[claim]]"), "unknown key"),
        (('sources = ["f', 'model = ["collins"]\nsources = ["f'), "model"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        read_claims(written(tmp_path, GOOD.replace(*change)))


def test_an_identifier_may_be_used_once(tmp_path: Path) -> None:
    twice = GOOD + GOOD[GOOD.index("[[claim]]") :]
    with pytest.raises(InputError, match="an identifier is used twice"):
        read_claims(written(tmp_path, twice))


def test_where_the_model_says_nothing_it_says_why() -> None:
    for claim in load_claims().values():
        assert bool(claim.model) != bool(claim.no_answer), claim.id
        if claim.no_answer:
            assert claim.no_answer.endswith(".")
            assert claim.no_answer.count(".") == 1, claim.id


def test_an_answer_and_a_reason_for_none_are_refused(tmp_path: Path) -> None:
    both = GOOD + 'model = ["finn-2012/liver"]\nno_answer = "None."\n'
    with pytest.raises(InputError, match="reason for none"):
        read_claims(written(tmp_path, both))
