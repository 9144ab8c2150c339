"""Every number that the model gives stands with its range, in every form."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from rich.console import Console
from tests.report.answers import PATIENTS, comparison, forecast_of
from tests.report.test_view import blocks_of, of_section

from mesospread.app.report import MODES, Mode, compare_page, forecast_page
from mesospread.report.compare_text import CompareText
from mesospread.report.forecast_text import ForecastText
from mesospread.report.html import document
from mesospread.report.view import CompareView, ForecastView, Share
from mesospread.report.view_blocks import Paragraph, Table

_END = r"(?:<1|>99|\d{1,3})"
#: 34 (22–47), 97 (70+), >99 (>99), <1 (<1); never (<1–<1)
SHARE = re.compile(rf"{_END} \((?:(?!<1–<1){_END}–{_END}|{_END}\+|>99|<1)\)")
#: −4 (−9 to +1), in any language
CHANGE = re.compile(r"[+−]?[\d.,]+ \([+−]?[\d.,]+\s[a-z]+ [+−]?[\d.,]+\)")
#: sections with numbers of the model
SECTIONS = ("now", "next", "time", "scans", "symptoms", "survival", "readings")
LANGUAGES = ("en", "es")


def figures(page: ForecastView | CompareView, sections: tuple[str, ...]) -> list[str]:
    """Return the cells that hold figures; not those that are empty."""
    return [
        cell
        for section in page.sections
        if section.id in sections
        for table in blocks_of(section.blocks)
        if isinstance(table, Table)
        for row in table.rows
        for column, cell in enumerate(row)
        if column and column not in table.words and cell not in ("", "–")
    ]


@pytest.mark.parametrize("primary", PATIENTS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_of_a_forecast_has_its_range(primary: str, mode: Mode, lang: str) -> None:
    page = forecast_page(forecast_of(primary), mode=mode, lang=lang)
    cells = figures(page, SECTIONS)
    assert len(cells) > 40
    assert [cell for cell in cells if not SHARE.fullmatch(cell)] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_of_a_comparison_has_its_range(mode: Mode, lang: str) -> None:
    page = compare_page(comparison(prognosis=True), mode=mode, lang=lang)
    spread = figures(page, ("short", "survival", "readings"))
    spread = [cell for cell in spread if not CHANGE.fullmatch(cell)]
    assert spread
    assert [cell for cell in spread if not SHARE.fullmatch(cell)] == []
    for option in page.options[1:]:
        section = page.section(f"option-{option.number}")
        assert section is not None
        gains = next(b for b in section.blocks if isinstance(b, Table))
        for _, before, after, change in gains.rows:
            assert SHARE.fullmatch(before)
            assert SHARE.fullmatch(after)
            assert CHANGE.fullmatch(change), change


def test_a_range_that_no_study_gives_is_not_made_up() -> None:
    harms = [harm for option in compare_page(comparison()).options for harm in option.harms]
    counted = [harm.share for harm in harms if harm.share is not None]
    assert any(share.ranged for share in counted)
    for share in counted:
        assert not share.ranged or share.low_of_100 <= share.of_100 <= share.high_of_100


def test_speeds_have_the_range_that_was_tried() -> None:
    page = compare_page(comparison())
    section = page.section("basis")
    assert section is not None
    tables = [b for b in blocks_of(section.blocks) if isinstance(b, Table)]
    # one table for each treatment of which an effect is known, none of them named twice
    treatments = {effect.treatment for effect in comparison().evidence}
    assert len({table.caption for table in tables}) == len(tables) == len(treatments)
    assert sum(len(table.rows) for table in tables) == len(comparison().evidence)
    speeds = [row[1] for table in tables for row in table.rows]
    assert any(re.fullmatch(r"0\.\d+ \(0\.\d+–[\d.]+\)", speed) for speed in speeds)


def test_ways_to_a_place_have_their_ranges() -> None:
    tables = [b for b in of_section(forecast_page(forecast_of("pleural")), "next") if is_table(b)]
    ways = [way for table in tables for row in table.rows for way in row[2].split(", ") if way]
    numbered = [way for way in ways if ":" in way]
    assert numbered
    for way in numbered:
        assert SHARE.fullmatch(way.partition(": ")[2]), way


def is_table(block: object) -> bool:
    return isinstance(block, Table)


def test_all_places_are_listed_with_the_chance_that_none_is_next() -> None:
    answer = forecast_of("pleural")
    tables = [b for b in of_section(forecast_page(answer), "next") if isinstance(b, Table)]
    shown = [row for table in tables for row in table.rows]
    likely = [site for site in answer.sites if site.next >= 0.005]
    assert len(shown) == len(likely) + 1
    assert Share.of(answer.no_new_site).cell() in [row[1] for row in shown]
    assert sum(s.next for s in answer.sites) + answer.no_new_site.estimate == pytest.approx(1.0)


def test_sentences_say_the_range() -> None:
    page = forecast_page(forecast_of("pleural", prognosis=True))
    leads = [
        block.text
        for section in page.sections
        for block in blocks_of(section.blocks)
        if isinstance(block, Paragraph)
        and block.style == "lead"
        and re.search(r"\d", block.text)
        and section.id != "symptoms"
    ]
    assert len(leads) > 5
    for text in leads:
        assert re.search(r"between \d+ and \d+|up to|at least|fewer than|less than", text), text


def printed(shown: ForecastText | CompareText, width: int) -> list[str]:
    console = Console(width=width, record=True, file=StringIO())
    console.print(shown)
    return console.export_text().splitlines()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_terminal_shows_every_number_with_its_band(width: int) -> None:
    lines = printed(ForecastText(forecast_of("pleural", prognosis=True, why=True)), width)
    assert max(map(len, lines)) <= width
    start = next(k for k, line in enumerate(lines) if "near the tumour" in line)
    rows = [line for line in lines[start:] if re.match(r" (liver|brain|skin|MRI) .*\d", line)]
    # what a finding did is a difference, and has its own form
    rows = [row for row in rows if "negative" not in row]
    assert len(rows) >= 6
    for row in rows:
        loose = re.sub(rf"{_END} \((?:{_END}–{_END}|<1)\)", "", row)
        assert not re.search(r"\d", loose), row


@pytest.mark.parametrize("width", [80, 140])
def test_the_terminal_compares_with_bands(width: int) -> None:
    lines = printed(CompareText(comparison()), width)
    assert max(map(len, lines)) <= width
    ends = rf"\((?:{_END}–{_END}|<1)\)"
    pair = rf"{_END} {ends} → {_END} {ends}"
    rows = [line for line in lines if re.match(r" liver .*→", line)]
    assert len(rows) == len(comparison().options) - 1
    for row in rows:
        assert len(re.findall(pair, row)) == (1 if width == 80 else 2), row


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_stands_between_the_ends_is_in_the_language_of_the_page(lang: str) -> None:
    page = compare_page(comparison(), lang=lang)
    cells = figures(page, tuple(f"option-{option.number}" for option in page.options))
    between = {word for cell in cells for word in re.findall(r"[a-z]+", cell.partition("(")[2])}
    assert between == {{"en": "to", "es": "a"}[lang]}


def test_the_kind_of_the_intervals_is_said() -> None:
    answer, options = forecast_of("pleural"), comparison()
    assert (answer.interval.level, answer.interval.kind) == (0.95, "credible")
    assert (options.interval.kind, options.harm_interval.kind) == ("credible", "confidence")
    assert "95 out of 100" in document(forecast_page(answer))
    assert "95 % credible intervals" in document(forecast_page(answer, mode="clinician"))
    assert any("95 % credible band" in line for line in printed(ForecastText(answer), 200))
