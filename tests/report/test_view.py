"""One number, many forms: sentence, icons, curve and table can only say the same."""

from __future__ import annotations

import re
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.answers import PATIENTS, comparison, forecast_of, with_band

from mesospread.anatomy.catalogue import primaries
from mesospread.app.report import MODES, Mode, compare_page, forecast_page
from mesospread.evidence.published import load_published
from mesospread.guide.directory import centres
from mesospread.infer.result import Band
from mesospread.report.html import document, fragment
from mesospread.report.svg import PALE, Picture, icons
from mesospread.report.view import Change, ForecastView, Share, forecast_view
from mesospread.report.view_blocks import (
    Block,
    Contacts,
    Folded,
    Group,
    Paragraph,
    Table,
    starting_big,
)
from mesospread.report.view_compare import change_sentence
from mesospread.report.view_numbers import count, short_count, signed
from mesospread.report.view_parts import Words

SHARES = st.lists(
    st.floats(0, 1, allow_nan=False), min_size=3, max_size=3
).map(sorted).map(lambda s: Band(low=s[0], estimate=s[1], high=s[2]))  # fmt: skip


def blocks_of(blocks: tuple[Block, ...]) -> list[Block]:
    """Return all blocks, also those inside others."""
    found: list[Block] = []
    for one in blocks:
        found.append(one)
        if isinstance(one, Group | Folded):
            found += blocks_of(one.blocks)
    return found


def of_section(page: ForecastView, name: str) -> list[Block]:
    section = page.section(name)
    assert section is not None
    return blocks_of(section.blocks)


@given(SHARES)
@settings(max_examples=25)
def test_sentence_icons_curve_and_table_show_one_number(band: Band) -> None:
    site = "liver"
    page = forecast_view(with_band(forecast_of("pleural"), site, band))
    view = next(s for s in page.sites if s.site == site)
    share = view.by[12]
    assert (share.estimate, share.low, share.high) == (band.estimate, band.low, band.high)
    blocks = of_section(page, "time")
    table = next(b for b in blocks if isinstance(b, Table) and "within" in b.caption)
    assert next(row for row in table.rows if row[0] == view.label)[2] == share.cell()
    place = next(b for b in blocks if isinstance(b, Folded) and b.about == view.label)
    assert share.cell() in place.title
    inside = blocks_of(place.blocks)
    lead = next(b for b in inside if isinstance(b, Paragraph) and b.style == "lead")
    assert share.words() in lead.text
    *arrays, line = [b for b in inside if isinstance(b, Picture)]
    for array, number in zip(arrays, (view.now, view.seen_now, share), strict=True):
        assert number is not None
        assert number.words() in array.alt
        assert number.cell() in array.caption
        assert drawn(array.svg) == (number.low_of_100, number.of_100, number.high_of_100)
    assert share.words() in line.alt
    small = next(b for b in inside if isinstance(b, Table))
    assert ("Within 12 months", share.cell()) in small.rows


def drawn(svg: str) -> tuple[int, int, int]:
    """Return how many figures are solid, up to the best guess, and up to the high end."""
    high, inside = _figures(svg, "9"), _figures(svg, "7.4", "#fff")
    light = _figures(svg, "3.8", "#fff")
    assert high + _figures(svg, "9", PALE) == 100
    assert inside - light == _figures(svg, "1") // 4
    assert light == _figures(svg, "1.2")
    return high - inside, high - light, high


def _figures(svg: str, thick: str, colour: str = "") -> int:
    """Return over how many figures the lines of a thickness and colour run."""
    stroke = f' stroke="{colour}"' if colour else '(?! stroke="#)'
    paths = re.findall(rf'<path d="([^"]*)" stroke-width="{thick}"{stroke}', svg)
    return sum((int(long) + 7) // 15 for path in paths for long in re.findall(r"h(\d+)", path))


@given(SHARES)
def test_a_number_has_no_false_zero_and_no_false_hundred(band: Band) -> None:
    share = Share.of(band)
    for value in (band.estimate, band.low, band.high):
        assert (count(value) == "0") == (value == 0)
        assert (count(value) == "100") == (value == 1)
        assert short_count(value).strip("<>").isdigit()
    assert drawn(icons(share, "x"))[1] == share.of_100


@pytest.mark.parametrize(
    ("low", "estimate", "high", "words", "cell"),
    [
        (0.22, 0.34, 0.47, "about 34 (between 22 and 47)", "34 (22–47)"),
        (0.001, 0.004, 0.04, "fewer than 1 (up to 4)", "<1 (<1–4)"),
        (0.001, 0.002, 0.004, "fewer than 1", "<1 (<1)"),
        (0.7, 0.97, 0.999, "about 97 (at least 70)", "97 (70+)"),
        (None, 0.5, None, "about 50", "50"),
        (0.0, 0.0, 0.0, "0", "0 (0–0)"),
    ],
)
def test_how_numbers_are_written(
    low: float | None, estimate: float, high: float | None, words: str, cell: str
) -> None:
    share = Share(estimate, low, high)
    assert (share.words(), share.cell()) == (words, cell)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(-0.04, -0.09, -0.01), "4 fewer .* range: 1 to 9 fewer"),
        (Change(0.04, 0.01, 0.09), "4 more .* range: 1 to 9 more"),
        (Change(-0.01, -0.05, 0.02), "not clear .* from 5 fewer to 2 more"),
        (Change(-0.004, -0.008, -0.001), "less than 1 fewer"),
    ],
)
def test_a_difference_says_which_way_and_whether_it_is_clear(change: Change, expected: str) -> None:
    sentence = change_sentence(change, "none", Words())
    assert re.search(expected, sentence), sentence


def test_a_change_is_written_with_its_sign() -> None:
    assert [signed(x) for x in (-0.041, 0.0, 0.1, -0.0004)] == ["−4", "0", "+10", "0"]
    assert signed(-0.0041, whole=False) == "−0.4"


def test_survival_is_there_only_if_the_answer_holds_it() -> None:
    without = forecast_page(forecast_of("pleural"))
    asked = forecast_page(forecast_of("pleural", prognosis=True))
    assert without.section("survival") is None
    assert not without.survival
    assert asked.survival
    assert "alive" in str(fragment(asked))
    # nor does anything else on the page tell how long people live
    hidden = str(fragment(without)).lower()
    for word in ("alive", "months or more", "live longer"):
        assert word not in hidden, word
    told = {value.id for value in load_published().values() if value.topic == "survival"}
    sources = [one for one in forecast_of("pleural").sources if one["id"] in told]
    assert sources
    # the answer leaves out what they say; what they would say is not on the page either
    assert all(one["says"] == "" for one in sources)
    for one in sources:
        assert escape(load_published()[one["id"]].says().lower()) not in hidden


def test_survival_under_options_is_there_only_if_asked_for() -> None:
    without, asked = compare_page(comparison()), compare_page(comparison(prognosis=True))
    assert without.section("survival") is None
    assert asked.section("survival") is not None
    assert "alive" not in str(fragment(without)).lower()


@pytest.mark.parametrize("primary", PATIENTS)
def test_every_place_has_a_number_on_the_map_and_a_row_in_the_list(primary: str) -> None:
    page = forecast_page(forecast_of(primary))
    names = {site.name for one in primaries() if one.name == primary for site in one.sites}
    assert {site.site for site in page.sites} == names
    blocks = of_section(page, "now")
    body = next(b for b in blocks if isinstance(b, Picture))
    table = next(b for b in blocks if isinstance(b, Table))
    assert len(table.rows) == len(page.sites)
    for site, row in zip(page.sites, table.rows, strict=True):
        assert row[0] == f"{site.number}. {site.label}"
        assert row[1] == site.now.cell()
        assert f">{site.number}</text>" in body.svg
        assert f"<title>{site.number}. {site.label}: {site.now.words()} out of 100" in body.svg


@pytest.mark.parametrize("mode", MODES)
def test_all_sections_are_there(mode: Mode) -> None:
    page = forecast_page(forecast_of("pleural", why=True), mode=mode, country="GB")
    assert [section.id for section in page.sections] == [
        "short", "now", "next", "time", "scans", "symptoms", "why", "questions", "help", "about",
    ]  # fmt: skip
    made = page.provenance
    about = str(fragment(page))
    for told in (made.version, made.definition, made.input_hash, f"seed {made.seed}"):
        assert told in about


def test_the_same_facts_have_the_same_hash_and_others_another() -> None:
    one, other = (forecast_page(forecast_of(name)).provenance for name in ("pleural", "testicular"))
    assert one.input_hash == forecast_page(forecast_of("pleural")).provenance.input_hash
    assert one.input_hash != other.input_hash
    assert re.fullmatch(r"[0-9a-f]{12}", one.input_hash)


def test_the_status_of_the_model_is_what_the_answer_says() -> None:
    assert "not yet been tuned" in str(fragment(forecast_page(forecast_of("pericardial"))))
    page = str(fragment(forecast_page(forecast_of("pleural"))))
    assert "was tuned to published studies" in page
    assert "not yet been tuned" not in page


@pytest.mark.parametrize("mode", MODES)
def test_what_it_is_not_is_said_once(mode: Mode) -> None:
    assert document(forecast_page(forecast_of("pleural"), mode=mode)).count("medical device") == 1
    assert document(compare_page(comparison(), mode=mode)).count("medical device") == 1


def test_gains_have_their_harms_beside_them() -> None:
    page = compare_page(comparison())
    assert page.options[0].name == "none"
    for option in page.options[1:]:
        assert option.harms
        shown = str(fragment(page))
        assert all(starting_big(harm.what) in shown for harm in option.harms)
        section = page.section(f"option-{option.number}")
        assert section is not None
        assert any(isinstance(b, Table) and "Change" in b.header for b in section.blocks)


def test_clinicians_read_clinical_names() -> None:
    answer = forecast_of("pleural")
    assert "peritoneum" in str(fragment(forecast_page(answer, mode="clinician")))
    assert "belly lining" in str(fragment(forecast_page(answer)))


def test_centres_of_the_chosen_country_stand_beside_who_to_call() -> None:
    answer = forecast_of("pleural")
    page = forecast_page(answer, country="GB")
    blocks = of_section(page, "help")
    (listed,) = [b for b in blocks[1:] if isinstance(b, Contacts)][-1:]
    assert 0 < len(listed.items) <= 8
    assert all(one.web.startswith("http") for one in listed.items)
    known = {c.name for c in centres() if c.country == "GB" and "pleural" in c.primaries}
    assert {one.name.split(": ", 1)[1] for one in listed.items} <= known
    text = " ".join(b.text for b in blocks if isinstance(b, Paragraph))
    assert "not a recommendation" in text
    more = len(
        [c for c in centres() if c.country == "GB" and "pleural" in c.primaries and c.treats]
    )
    assert (more > 8) == ("more on the page of centres" in text)


def test_a_country_without_a_centre_and_no_country_are_told_where_to_look() -> None:
    answer = forecast_of("testicular")
    for country, told in ((None, "near a place you name"), ("CY", "No centre is listed")):
        blocks = of_section(forecast_page(answer, country=country), "help")
        assert told in " ".join(b.text for b in blocks if isinstance(b, Paragraph))
