"""The report on paper: PDF/UA-1, tagged, titled, in a language, and safe from what was typed."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.answers import PATIENTS, comparison, forecast_of
from tests.report.test_html import HOSTILE, hostile_source

from mesospread.app.report import MODES, Mode, compare_page, forecast_page
from mesospread.report.pdf import pdf
from mesospread.report.svg import Picture
from mesospread.report.view import forecast_view
from mesospread.report.view_blocks import Block, Folded, Group


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def structure(node: Any) -> list[Any]:
    """Return all elements of the tree of tags."""
    kids = node.get("/K") if isinstance(node, pikepdf.Dictionary) else None
    if kids is None:
        return []
    found = []
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found += [kid, *structure(kid)]
    return found


@pytest.mark.parametrize("primary", PATIENTS)
@pytest.mark.parametrize("mode", MODES)
def test_it_is_pdf_ua(primary: str, mode: Mode) -> None:
    page = forecast_page(forecast_of(primary, prognosis=True), mode=mode, country="GB")
    file = opened(pdf(page))
    root = file.Root
    assert bool(root.MarkInfo.Marked)
    assert str(root.Lang) == "en"
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    with file.open_metadata() as meta:
        assert meta["pdfuaid:part"] == "1"
        assert meta["dc:title"] == page.title
    tags = structure(root.StructTreeRoot)
    figures = [tag for tag in tags if str(tag.S) == "/Figure"]
    drawn = [b for s in page.sections for b in blocks_of(s.blocks) if isinstance(b, Picture)]
    assert len(figures) == len(drawn) > 3
    assert {str(tag.Alt) for tag in figures} == {one.alt for one in drawn}
    names = [str(tag.S) for tag in tags]
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L", "/LI", "/P"} <= set(names)
    assert names.count("/H2") == len(page.sections)


def blocks_of(blocks: tuple[Block, ...]) -> list[Block]:
    """Return all blocks that are printed, also those inside others."""
    found: list[Block] = []
    for one in blocks:
        if isinstance(one, Folded) and not one.printed:
            continue
        inner = one.blocks if isinstance(one, Group | Folded) else ()
        found += [one, *blocks_of(inner)]
    return found


def test_a_comparison_is_pdf_ua() -> None:
    file = opened(pdf(compare_page(comparison(prognosis=True)), paper="us-letter"))
    with file.open_metadata() as meta:
        assert meta["pdfuaid:part"] == "1"
    assert [float(x) for x in file.pages[0].mediabox] == [0, 0, 612, 792]


def test_text_that_was_typed_stays_text() -> None:
    answer = forecast_of("pleural")
    typed = answer.patient | {"treatments": [{"name": HOSTILE, "start": "2026-01-01"}]}
    hostile = answer.model_copy(
        update={"patient": typed, "assumptions": [HOSTILE], "sources": [hostile_source()]}
    )
    file = opened(pdf(forecast_view(hostile, mode="clinician")))
    assert len(file.pages) > 3
    assert "/JavaScript" not in str(file.Root.get("/Names", ""))


@given(st.text(min_size=1))
@settings(max_examples=15)
def test_whatever_was_typed_can_be_printed(words: str) -> None:
    answer = forecast_of("testicular").model_copy(update={"assumptions": [words]})
    page = forecast_view(answer)
    why = page.section("why")
    assert why is not None
    assert pdf(replace(page, sections=(why,))).startswith(b"%PDF-")


def test_the_same_view_gives_the_same_pages() -> None:
    page = forecast_page(forecast_of("testicular"))
    assert strip(pdf(page)) == strip(pdf(page))


def strip(content: bytes) -> bytes:
    """Leave out when it was made."""
    return re.sub(
        rb"(?:Date\(?|Date>)[^<)]*|/ID ?\[.*?\]|uuid:[^<]*|InstanceID>[^<]*", b"", content
    )


def test_survival_is_on_paper_only_if_asked_for() -> None:
    def titles(*, prognosis: bool) -> list[str]:
        page = forecast_page(forecast_of("pleural", prognosis=prognosis))
        file = opened(pdf(page))
        tags = structure(file.Root.StructTreeRoot)
        return [str(tag.get("/T", "")) or str(tag.get("/Alt", "")) for tag in tags]

    assert not any("alive" in title for title in titles(prognosis=False))
    assert any("alive" in title for title in titles(prognosis=True))
