"""Each place of an answer has its sentence, its people and its curve, likeliest first."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest
from tests.report.answers import PATIENTS, forecast_of
from tests.report.test_view import of_section

from mesospread.app.report import MODES, Mode, forecast_page
from mesospread.report.html import fragment
from mesospread.report.pdf import pdf
from mesospread.report.svg import Picture
from mesospread.report.view import ForecastView, Share, SiteView
from mesospread.report.view_blocks import Folded, Heading, Table, starting_big

LANGUAGES = ("en", "es")


def section_of(html: str, name: str) -> str:
    found = re.search(rf'<section class="ms-section" id="{name}".*?</section>', html, re.DOTALL)
    assert found
    return found[0]


def plain(html: str) -> str:
    """Return what a reader sees of a piece of the page."""
    return " ".join(unescape(re.sub("<[^>]+>", "", html)).split())


def places_of(html: str) -> list[tuple[bool, str, str]]:
    """Return the places of a page in their order: whether open, the title, all that is inside."""
    pieces = re.split(r"(?=<details class=\"ms-folded)", section_of(html, "time"))[1:]
    drawn = [piece for piece in pieces if "ms-people" in piece]
    return [
        (
            bool(re.match("<details[^>]* open>", piece)),
            plain(piece[: piece.index("</summary>")]),
            piece,
        )
        for piece in drawn
    ]


def rows_of(html: str, name: str) -> dict[str, list[str]]:
    """Return the rows of a table of all places: first cell to all numbers."""
    table = section_of(html, name).split("<tbody>")[1].split("</tbody>")[0]
    rows = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL):
        first = re.search('<th scope="row">(.*?)<details', row, re.DOTALL)
        assert first
        cells = re.findall(r"<td class=\"ms-n\">(.*?)</td>", row, re.DOTALL)
        rows[plain(first[1])] = [plain(cell) for cell in cells]
    return rows


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("primary", PATIENTS)
def test_every_row_of_the_tables_has_its_people_and_its_curve(
    primary: str, mode: Mode, lang: str
) -> None:
    view = forecast_page(forecast_of(primary), mode=mode, lang=lang)
    html = str(fragment(view))
    today, later = rows_of(html, "now"), rows_of(html, "time")
    drawn = {title.rsplit(":", 1)[0]: piece for _, title, piece in places_of(html)}
    assert len(drawn) == len(today) == len(view.sites)
    for row, numbers in today.items():
        place = row.partition(". ")[2]
        piece = drawn[place]
        captions = [
            plain(one) for one in re.findall("<figcaption>(.*?)</figcaption>", piece, re.DOTALL)
        ]
        assert captions[0].endswith(f": {numbers[0]}")
        if place not in later:
            # the nodes of some models have a number for today alone
            assert "ms-curve" not in piece
            continue
        assert captions[1].endswith(f": {numbers[1]}")
        assert captions[2].endswith(f": {later[place][1]}")
        told = plain(piece.split("<table")[1])
        assert all(number in told for number in (*numbers[:2], *later[place]))
        assert piece.count("<svg") == 4
        assert piece.count('class="ms-figure ms-curve"') == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_place_says_its_numbers_in_words(lang: str) -> None:
    view = forecast_page(forecast_of("pleural"), lang=lang)
    drawn = {title.rsplit(":", 1)[0]: piece for _, title, piece in places_of(str(fragment(view)))}
    for site in view.sites:
        piece = drawn[starting_big(site.label)]
        paragraphs = " ".join(
            plain(one) for one in re.findall(r"<p class=\"ms-.*?</p>", piece, re.DOTALL)
        )
        for share in (site.now, site.seen_now, site.by.get(12)):
            assert share is None or share.words(lang) in paragraphs


def told(site: SiteView) -> Share:
    return site.by[12] if site.by else site.now


def kinds_of(view: ForecastView) -> list[list[Folded]]:
    """Return the places below each heading."""
    section = view.section("time")
    assert section is not None
    kinds: list[list[Folded]] = []
    for block in section.blocks:
        if isinstance(block, Heading):
            kinds.append([])
        if isinstance(block, Folded):
            kinds[-1].append(block)
    return kinds


@pytest.mark.parametrize("primary", PATIENTS)
def test_no_place_that_stands_open_is_less_likely_than_a_closed_one(primary: str) -> None:
    view = forecast_page(forecast_of(primary))
    sites = {site.label: site for site in view.sites}
    kinds = kinds_of(view)
    assert len(kinds) == 2
    for kind, distant in zip(kinds, (True, False), strict=True):
        assert {one.about for one in kind} == {
            label for label, site in sites.items() if site.distant is distant
        }
        chances = [told(sites[one.about]).estimate for one in kind]
        assert all(one >= other for one, other in pairwise(chances))
        opened = [one.opened for one in kind]
        assert opened[0]
        assert not all(opened)
        # all that stand open come before all that do not
        assert opened == sorted(opened, reverse=True)
        assert [one.printed for one in kind] == opened


def test_places_open_without_a_script_and_few_are_open_at_first() -> None:
    places = places_of(str(fragment(forecast_page(forecast_of("pleural")))))
    opened = [title for is_open, title, _ in places if is_open]
    assert 2 <= len(opened) <= 4
    for _, _, piece in places:
        assert re.match(r"<details class=\"ms-folded[^>]*><summary>", piece)
        assert "<script" not in piece
        assert "style=" not in piece


def test_people_are_light() -> None:
    arrays = [
        b
        for b in of_section(forecast_page(forecast_of("pleural")), "time")
        if isinstance(b, Picture) and b.kind == "people"
    ]
    assert len(arrays) > 40
    assert max(len(one.svg) for one in arrays) < 1800


def test_on_paper_the_table_holds_all_places_and_the_text_says_so() -> None:
    view = forecast_page(forecast_of("pericardial"))
    blocks = of_section(view, "time")
    table = next(b for b in blocks if isinstance(b, Folded) and not b.about)
    assert table.printed
    assert isinstance(table.blocks[0], Table)
    assert len(table.blocks[0].rows) == sum(bool(site.by) for site in view.sites)
    section = view.section("time")
    assert section is not None
    assert any(f"“{table.title}” holds the others" in str(block) for block in section.blocks)
    assert pdf(view).startswith(b"%PDF-")
