"""The words of the validation: in English and in Spanish, complete, and every one of them used."""

from __future__ import annotations

import re
import string
from typing import Any

import pytest
from tests.report.test_validation_lead import made
from tests.report.validations import made_check, made_curve, measured

from mesospread.anatomy import primaries
from mesospread.app.page_validation import shipped_validation
from mesospread.app.text import validation_text
from mesospread.errors import InputError
from mesospread.report.validation_cohort_html import cohort_document
from mesospread.report.validation_html import validation_document, validation_fragment
from mesospread.report.validation_lead import lead, limits
from mesospread.report.validation_words import IN_ENGLISH, NAMES, Said, validation_words

WORDS = validation_words()
SPANISH = Said("es")


def shipped() -> list[dict[str, Any]]:
    found = [
        shipped_validation(p.name, prognosis=asked) for p in primaries() for asked in (True, False)
    ]
    return [one for one in found if one is not None]


def checks() -> list[dict[str, Any]]:
    check = made_check()
    cells = {
        "histology": "epithelioid", "patients": 40, "predicted": {"12": 0.5},
        "observed": {"12": measured(0.5)},
    }  # fmt: skip
    followed = {"median_follow_up_months": 13.0, "posterior": "abc", "by_histology": [cells]}
    check["at"][0]["fifths"][0]["observed"] = measured(None)
    return [check, check | followed | {"precision": "full"}, check | {"precision": "own"}]


def rare() -> list[dict[str, Any]]:
    """Return validations with what those that ship need not have."""
    one = shipped()[0]
    inside = [row | {"inside": True} for row in one["results"]]
    both = made_curve() | {"study": "tcga", "histology": ["epithelioid", "biphasic"]}
    beyond = [
        {"study": study, "result": result, "inside": False, "use": "validate", "reported": 0.03}
        for study, result in (
            ("collins-2020", "any"),
            ("hyseni-2024", "brain"),
            ("hyogo-2022", "tract-pathology"),
            ("penn-2013", "pn"),
        )
    ]
    wide = {
        "study": "iaslc-9", "result": "os-m1", "inside": True, "use": "validate",
        "reported": 10.5, "predicted_low": 6.0, "predicted_high": 27.0,
    }  # fmt: skip
    said_of = made(1, 1) | {"results": [*beyond, wide], "curves": [both]}
    helped = made(8, 10)
    helped["results"][0]["stands_behind"] = ["mortality"]
    leads = [said_of, helped, made(0, 0), made(80, 100), made(95, 100), made(100, 100)]
    for validation in (*leads, made(80, 100, kind="nodes")):
        lead(validation)
        limits(validation)
    return [one | {"results": inside, "curves": [both, made_curve() | {"histology": []}]}]


def test_every_sentence_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()
    say = Said.__call__

    def heard(self: Said, key: str, **values: object) -> str:
        used.add(key)
        return say(self, key, **values)

    monkeypatch.setattr(Said, "__call__", heard)
    for validation in (*shipped(), *rare()):
        validation_document(validation)
        validation_text(validation)
    for check in checks():
        cohort_document(check)
    assert sorted(WORDS.keys() - used) == []


def test_spanish_has_every_sentence_with_the_same_blanks() -> None:
    own = {key for key in WORDS.keys("es") if not key.startswith(NAMES)}
    assert own == WORDS.keys()
    for key in own:
        assert blanks(WORDS.sentences["es"][key]) == blanks(WORDS.sentences["en"][key]), key


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_what_recurs_in_study_files_has_a_spanish_name() -> None:
    found = {("kind", row["kind"]) for one in shipped() for row in one["coverage"]}
    found |= {("read_in", row["read_in"]) for one in shipped() for row in one["results"]}
    learnt = [one["learnt"] for one in shipped() if one["learnt"]]
    found |= {("measured_in", number["unit"]) for one in learnt for number in one["numbers"]}
    found |= {("histology", c) for one in shipped() for v in one["curves"] for c in v["histology"]}
    assert len(found) > 15
    keys = {f"{table}.{name.replace(' ', '_')}" for table, name in found}
    assert keys - WORDS.keys("es") == set()
    assert SPANISH.named("kind", "made_up") == "made up"


def test_numbers_are_written_as_the_language_does() -> None:
    assert SPANISH.number(2.5, ".1f") == "2,5"
    assert SPANISH.whole(8000) == "8\u00a0000"
    assert (IN_ENGLISH.number(2.5, ".1f"), IN_ENGLISH.whole(8000)) == ("2.5", "8,000")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_documents_say_their_language(lang: str) -> None:
    for page in (validation_document(shipped()[0], lang), cohort_document(checks()[0], lang)):
        assert f'<html lang="{lang}">' in page
        assert ('<td lang="en">' in page or '<li lang="en">' in page) == (lang == "es")


def test_a_spanish_page_shows_the_numbers_of_the_english_one() -> None:
    pages = [[validation_fragment(one, to) for one in shipped()] for to in ("en", "es")]
    english, spanish = ([figures(page) for page in made_of] for made_of in pages)
    assert sum(map(len, english)) > 500
    assert spanish == english


def figures(page: str) -> list[str]:
    """Return the numbers in the cells of tables, with decimal points."""
    cells = re.findall(r'<td class="ms-n">(.*?)</td>', page)
    return [n.replace(",", ".") for cell in cells for n in re.findall(r"\d+(?:[.,]\d+)?", cell)]


def test_hostile_words_stay_words_in_spanish() -> None:
    row = shipped()[0]["results"][0]
    hostile = '<script>alert("x")</script>'
    made_up = row | {"subject": hostile, "assumed": hostile, "title": hostile, "inside": False}
    assert "<script>" not in validation_document(shipped()[0] | {"results": [made_up]}, "es")
    check = made_check()
    check["refused"][0]["reason"] = hostile
    assert "<script>" not in cohort_document(check | {"interval_is": hostile}, "es")


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(InputError, match="language"):
        validation_document(shipped()[0], "xx")
