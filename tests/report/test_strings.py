"""The words of the report: easy to read, calm, complete, and every one of them used."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from tests.report.answers import PATIENTS, comparison, forecast_of
from tests.support.reading_level import grade

import mesospread.report
from mesospread.anatomy import primaries
from mesospread.app.report import compare_page, forecast_page
from mesospread.errors import InputError
from mesospread.model.load import treatments
from mesospread.report.html import document
from mesospread.report.strings import NAMES, Catalogue, catalogue, text
from mesospread.report.view import CompareView, ForecastView
from mesospread.report.view_blocks import Block, Bullets, Folded, Group, Paragraph
from mesospread.report.view_parts import Words, harm_told

HARDEST_GRADE = 8.0
REPORT = catalogue("mesospread.report")
KEYS = REPORT.keys()
#: said of the machine, below the texts for readers
MACHINE = re.compile(r"^(?:page|about\.made|about\.effort|about\.note)")
BANNED = re.compile(
    r"\b(?:fight\w*|battl\w*|war|brave\w*|victims?|hopeless|miracles?|deadly|fatal|terminal|"
    r"suffer\w*|unfortunately|sadly|devastating|cure[sd]?|1 in \d+|one in \w+)\b",
    re.IGNORECASE,
)


def plain_keys() -> list[str]:
    return sorted(
        key for key in KEYS if not key.startswith("clinician.") and not MACHINE.match(key)
    )


def test_the_plain_sentences_as_a_whole_are_easy_to_read() -> None:
    sentences = [text_of(key) for key in plain_keys()]
    assert grade("\n\n".join(s for s in sentences if s.endswith("."))) <= HARDEST_GRADE - 2


def test_each_plain_text_is_easy_to_read() -> None:
    texts = {key: text_of(key) for key in plain_keys()}
    long = {key: words for key, words in texts.items() if len(words.split()) >= 12}
    assert len(long) > 40
    assert {key: grade(words) for key, words in long.items() if grade(words) > HARDEST_GRADE} == {}


def test_words_are_calm_and_risks_have_one_denominator() -> None:
    assert {key: found for key in KEYS if (found := BANNED.findall(text_of(key)))} == {}


def text_of(key: str) -> str:
    """Return an English sentence with a word in each blank."""
    sentence = REPORT.sentences["en"][key]
    names = [name for _, name, _, _ in string.Formatter().parse(sentence) if name]
    return REPORT.text(key, **dict.fromkeys(names, "9"))


@pytest.mark.parametrize("primary", PATIENTS)
def test_a_plain_report_is_easy_to_read(primary: str) -> None:
    page = forecast_page(forecast_of(primary, prognosis=True), country="GB")
    told = sentences_of(page)
    assert len(told) > 20
    assert grade("\n\n".join(told)) <= HARDEST_GRADE


def test_a_plain_comparison_is_easy_to_read() -> None:
    assert grade("\n\n".join(sentences_of(compare_page(comparison())))) <= HARDEST_GRADE


def sentences_of(page: ForecastView | CompareView) -> list[str]:
    return [
        words
        for section in page.sections
        if section.id not in ("about", "basis", "help")
        for block in section.blocks
        for words in words_of(block)
        if words.endswith((".", "?"))
    ]


def words_of(block: Block) -> list[str]:
    match block:
        case Paragraph(words, _):
            return [words]
        case Bullets(items):
            return list(items)
        case Group(blocks) | Folded(_, blocks):
            return [words for one in blocks for words in words_of(one)]
    return []


def test_every_key_that_the_program_names_exists_and_is_used() -> None:
    """Keys are named in full or by their table; a table named by a blank stands for its keys."""
    folder = Path(mesospread.report.__file__).parent
    code = "\n".join(
        path.read_text("utf-8")
        for path in [*folder.glob("*.py"), *(folder / "templates").glob("*.html")]
    )
    named = set(re.findall(r'(?:words|maybe|text)\(\s*"([a-z_.]+)"', code))
    assert len(named) > 80
    assert named <= KEYS
    made = [
        re.compile(re.sub(r"\\{.*?\\}", "[A-Za-z0-9_]+", re.escape(form)))
        for form in re.findall(r'f"([a-z_.]*\{[^"]*?)"', code)
        if "." in form and " " not in form
    ]
    assert len(made) > 20
    unused = [
        key
        for key in plain_keys()
        if key not in named and f'"{key}"' not in code and not any(m.fullmatch(key) for m in made)
    ]
    assert unused == []


def test_a_sentence_for_clinicians_replaces_one_that_exists() -> None:
    special = {k.removeprefix("clinician.") for k in KEYS if k.startswith("clinician.")}
    assert special <= KEYS


def test_clinicians_read_spanish_too() -> None:
    special = {key for key in REPORT.sentences["en"] if key.startswith("clinician.")}
    assert special - REPORT.sentences["es"].keys() == set()


def test_every_harm_of_a_treatment_is_told_in_spanish() -> None:
    harms = {h.text for p in primaries() for t in treatments(p.name).treatment for h in t.harms}
    assert len(harms) > 50
    same = {harm for harm in harms if harm_told(harm, Words("es")) == harm}
    assert same == set()


def test_an_unknown_key_and_an_unknown_language_are_errors() -> None:
    with pytest.raises(InputError, match=r"now\.title"):
        text("now.titel")
    with pytest.raises(InputError, match="language"):
        text("now.title", "xx")
    with pytest.raises(KeyError):
        text("number.about")


def test_what_a_language_lacks_is_taken_from_english() -> None:
    half = Catalogue({"en": {"a": "one {n}", "b": "two"}, "es": {"a": "uno {n}"}})
    assert (half.text("a", "es", n=1), half.text("b", "es")) == ("uno 1", "two")
    assert half.languages() == ("en", "es")
    assert not half.has("b.c", "es")


def test_a_translation_has_the_same_blanks_and_no_keys_of_its_own() -> None:
    for lang in REPORT.languages():
        own = {key for key in REPORT.keys(lang) if not key.startswith(NAMES)}
        assert own <= KEYS, lang
        for key in own:
            sentences = [REPORT.sentences[one][key] for one in (lang, "en")]
            assert blanks(sentences[0]) == blanks(sentences[1]), (lang, key)


def test_spanish_has_all_that_patients_read_and_says_who_made_it() -> None:
    missing = {key for key in plain_keys() if not key.startswith(FOR_EXPERTS)}
    assert missing - REPORT.keys("es") == set()
    assert "máquina" in text("page.machine_assisted", "es")
    assert text("page.machine_assisted") == ""


@pytest.mark.parametrize("primary", PATIENTS)
def test_a_spanish_report_has_spanish_names(primary: str) -> None:
    answer = forecast_of(primary)
    page = forecast_page(answer, lang="es")
    english = {site.label for site in forecast_page(answer).sites}
    assert {site.label for site in page.sites} & english == set()
    assert not ({title.title for title in page.sections} & TITLES)
    whole = document(page)
    assert '<html lang="es">' in whole
    assert text("page.machine_assisted", "es") in whole
    assert "people like you" not in whole


#: what only clinicians read
FOR_EXPERTS = (
    "acts", "holds", "effect_grade", "now.true", "now.column.axis", "now.column.level",
    "now.column.chance",
)  # fmt: skip
TITLES = {words for key, words in REPORT.sentences["en"].items() if key.endswith(".title")}


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
