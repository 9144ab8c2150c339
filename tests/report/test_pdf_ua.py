"""The report on paper holds PDF/UA-1, by a check of its own that is shown to find each failure."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import pikepdf
import pytest
from tests.report.answers import comparison, forecast_of
from tests.report.pdf_ua import problems
from tests.report.pdf_ua_tree import Element, structure

from mesospread.app.report import MODES, Mode, compare_page, forecast_page
from mesospread.report.pdf import pdf
from mesospread.report.svg import Picture
from mesospread.report.view_blocks import (
    Bullets,
    Contact,
    Contacts,
    Heading,
    Paragraph,
    Section,
    Table,
)

REPORTS = list(product(("en", "es"), MODES, (False, True)))
Plant = Callable[[pikepdf.Pdf], object]


@pytest.mark.parametrize(("lang", "mode", "prognosis"), REPORTS)
def test_every_report_holds_it(lang: str, mode: Mode, prognosis: bool) -> None:
    answer = forecast_of("pleural", prognosis=prognosis)
    content = pdf(forecast_page(answer, mode=mode, lang=lang, country="GB"))
    assert problems(content) == []
    with pikepdf.open(io.BytesIO(content)) as file:
        assert str(file.Root.Lang) == lang


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_comparison_holds_it(lang: str) -> None:
    assert problems(pdf(compare_page(comparison(prognosis=True), lang=lang))) == []


# --- the check finds what it looks for ------------------------------------------------


@cache
def small() -> bytes:
    """Return a short report with a picture, a table, a list and a link."""
    page = forecast_page(forecast_of("testicular"))
    inside = [two for s in page.sections for one in s.blocks for two in getattr(one, "blocks", ())]
    picture = next(one for one in inside if isinstance(one, Picture))
    blocks = (
        Paragraph("What a scan may find."),
        Heading("By place"),
        picture,
        Table("Places", ("Place", "Share"), (("Lung", "3 %"), ("Liver", "4 %"))),
        Bullets(("Ask about pain.", "Ask about sleep.")),
        Contacts((Contact("A line to ring", phone="0800 000 000", web="https://example.org"),)),
    )
    return pdf(replace(page, sections=(Section("now", "Now", blocks),)))


def spoilt(plant: Plant, **saved: Any) -> bytes:
    with pikepdf.open(io.BytesIO(small())) as file:
        plant(file)
        written = io.BytesIO()
        file.save(written, **saved)
        return written.getvalue()


def first(file: pikepdf.Pdf, kind: str) -> Element:
    return next(one for one in structure(file) if one.kind == kind)


def rewrite(file: pikepdf.Pdf, pattern: bytes, by: bytes) -> None:
    """Change the first place in the content of the first page."""
    page = file.pages[0]
    page.contents_coalesce()
    before = page.Contents.read_bytes()
    after = re.sub(pattern, by, before, count=1, flags=re.DOTALL)
    assert after != before
    page.Contents.write(after)


def link(file: pikepdf.Pdf) -> tuple[Any, Any]:
    """Return a page and the first link on it."""
    page = next(page for page in file.pages if "/Annots" in page.obj and len(page.obj.Annots))
    return page.obj, page.obj.Annots[0]


def untagged(file: pikepdf.Pdf) -> None:
    del file.Root.StructTreeRoot
    del file.Root.MarkInfo


def without_meta(name: str) -> Plant:
    def plant(file: pikepdf.Pdf) -> None:
        with file.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            del meta[name]

    return plant


def renamed(kind: str, to: str) -> Plant:
    def plant(file: pikepdf.Pdf) -> None:
        first(file, kind).object.S = pikepdf.Name(to)

    return plant


def without(kind: str, key: str) -> Plant:
    def plant(file: pikepdf.Pdf) -> None:
        del first(file, kind).object[key]

    return plant


def without_scope(file: pikepdf.Pdf) -> None:
    for one in structure(file):
        if one.kind in ("/TH", "/TD"):
            del one.object["/A"]


def without_a_cell(file: pikepdf.Pdf) -> None:
    del first(file, "/TR").object.K[0]


def without_first_heads(file: pikepdf.Pdf) -> None:
    for one in first(file, "/TR").kids:
        one.object.S = pikepdf.Name.TD


def linked_by_nobody(file: pikepdf.Pdf) -> None:
    tag = first(file, "/Link").object
    tag.K = pikepdf.Array([one for one in tag.K if not isinstance(one, pikepdf.Dictionary)])
    for page in file.pages:
        for note in page.obj.get("/Annots", []):
            del note["/StructParent"]


def silent_links(file: pikepdf.Pdf) -> None:
    del link(file)[1]["/Contents"]
    tag = first(file, "/Link").object
    for key in ("/Alt", "/ActualText"):
        if key in tag:
            del tag[key]


def fonts(file: pikepdf.Pdf) -> list[Any]:
    return list(file.pages[0].resources.Font.values())


def without_font_file(file: pikepdf.Pdf) -> None:
    said = fonts(file)[0].DescendantFonts[0].FontDescriptor
    for key in ("/FontFile2", "/FontFile3"):
        if key in said:
            del said[key]


def without_characters(file: pikepdf.Pdf) -> None:
    for font in fonts(file):
        del font["/ToUnicode"]


def nameless_characters(file: pikepdf.Pdf) -> None:
    """Let the first character of each font stand for nothing."""
    for font in fonts(file):
        table = font.ToUnicode.read_bytes()
        changed = re.sub(rb"(beginbfchar\s*<\w+>\s*)<\w+>", rb"\1<0000>", table, count=1)
        assert changed != table
        font.ToUnicode.write(changed)


def set_(path: str, value: Any) -> Plant:
    def plant(file: pikepdf.Pdf) -> None:
        *way, last = path.split(".")
        node = file.Root
        for name in way:
            node = node[f"/{name}"]
        node[f"/{last}"] = value

    return plant


def borrowed(file: pikepdf.Pdf) -> None:
    elsewhere = pikepdf.Dictionary(F=pikepdf.String("other.pdf"), Page=0)
    made = file.make_stream(
        b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9], Ref=elsewhere
    )
    file.pages[0].resources.XObject = pikepdf.Dictionary(Other=made)
    rewrite(file, rb"\Z", b"\n/Artifact BMC /Other Do EMC\n")


#: the content of the first tag
TAGGED = rb"(/\w+\s*<<\s*/MCID \d+\s*>>\s*BDC)(.*?)EMC"
PLANTS: dict[str, tuple[str, Plant]] = {
    "no tags": ("01-005", untagged),
    "a mark taken off": (
        "01-005", lambda f: rewrite(f, TAGGED, rb"\2")),
    "painted outside": ("01-005", lambda f: rewrite(f, rb"\Z", b"\n0 0 9 9 re f\n")),
    "a mark of no tag": ("01-005", lambda f: rewrite(f, rb"/MCID \d+", b"/MCID 9999")),
    "an artefact in a tag": (
        "01-003", lambda f: rewrite(f, TAGGED, rb"\1 /Artifact BMC EMC \2 EMC")),
    "a tag in an artefact": (
        "01-004",
        lambda f: rewrite(f, TAGGED, rb"/Artifact BMC \1 \2 EMC EMC")),
    "a tag without content": ("01-006", lambda f: rewrite(f, TAGGED, b"")),
    "two of one number": ("01-006", lambda f: rewrite(f, rb"/MCID 1\b", b"/MCID 0")),
    "suspect": ("01-007", set_("MarkInfo.Suspects", True)),
    "not marked": ("01-005", set_("MarkInfo.Marked", False)),
    "unknown type": ("02-001", renamed("/P", "/Absatz")),
    "remapped type": ("02-004", set_("StructTreeRoot.RoleMap.P", pikepdf.Name.Span)),
    "no claim": ("06-002", without_meta("pdfuaid:part")),
    "no title": ("06-003", without_meta("dc:title")),
    "no title shown": ("07-001", set_("ViewerPreferences.DisplayDocTitle", False)),
    "no language": ("11-001", lambda f: f.Root.__delitem__("/Lang")),
    "a word as language": ("11-001", set_("Lang", "in English")),
    "a picture without words": ("13-004", without("/Figure", "/Alt")),
    "a blank picture": ("13-004", lambda f: first(f, "/Figure").object.__setitem__("/Alt", " ")),
    "first heading of level 2": ("14-002", renamed("/H1", "/H2")),
    "a level left out": ("14-003", renamed("/H2", "/H3")),
    "an empty heading": ("14-001", without("/H2", "/K")),
    "header cells of nothing": ("15-003", without_scope),
    "no header cells": ("15-003", without_first_heads),
    "a short row": ("09-004", without_a_cell),
    "a cell outside a table": ("09-004", renamed("/P", "/TD")),
    "a paragraph as item": ("09-005", renamed("/LI", "/P")),
    "tabs as they come": ("28-009", lambda f: link(f)[0].__delitem__("/Tabs")),
    "a link without a tag": ("28-011", linked_by_nobody),
    "a link without words": ("28-012", silent_links),
    "a picture from elsewhere": ("30-001", borrowed),
    "a font left out": ("31-009", without_font_file),
    "glyphs without characters": ("31-027", without_characters),
    "a missing glyph": ("31-030", lambda f: rewrite(f, rb"\bET\b", b"<0000> Tj ET")),
    "a character of nothing": ("31-028", nameless_characters),
}  # fmt: skip


def test_the_short_report_holds_it_and_has_every_part() -> None:
    assert problems(small()) == []
    with pikepdf.open(io.BytesIO(small())) as file:
        kinds = {one.kind for one in structure(file)}
    assert {"/Figure", "/Table", "/TH", "/LI", "/Link", "/H1", "/H2", "/P"} <= kinds


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_failure_is_found(name: str) -> None:
    code, plant = PLANTS[name]
    found = problems(spoilt(plant))
    assert any(one.startswith(code) for one in found), found


def test_a_file_that_locks_screen_readers_out_is_found() -> None:
    allowed = pikepdf.Permissions(accessibility=False, extract=False)
    locked = pikepdf.Encryption(owner="x", R=3, aes=False, metadata=False, allow=allowed)
    found = problems(spoilt(lambda file: None, encryption=locked))
    assert found == ["26-002 locked for screen readers"]
