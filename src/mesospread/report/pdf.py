"""A view as a PDF that screen readers can read (PDF/UA-1), set with Typst.

Words go to Typst as data, so that nothing in them is ever read as markup.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from importlib.resources import as_file, files
from typing import Any

import typst

from mesospread.report.svg import Picture
from mesospread.report.view import CompareView, ForecastView
from mesospread.report.view_blocks import (
    Block,
    Bullets,
    Callout,
    Contacts,
    Folded,
    Group,
    Heading,
    Mark,
    Paragraph,
    Table,
    starting_big,
)
from mesospread.report.view_parts import Words

#: in the font that Typst brings along, so that the same report looks the same everywhere
_FONT = "Libertinus Serif"
#: tables with more rows than this are set small
_LONG = 60


def pdf(view: ForecastView | CompareView, *, paper: str = "a4") -> bytes:
    """Return a report as PDF/UA-1: tagged, with title, language and words for each picture.

    Parameters
    ----------
    view
        What is shown.
    paper
        Size of the pages: ``a4`` or ``us-letter``.
    """
    with as_file(files("mesospread.report") / "typst") as folder:
        made = typst.compile(
            str(folder / "report.typ"),
            root=str(folder),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["ua-1"],
            sys_inputs={"data": json.dumps(_printable(_data(view, paper)))},
        )
    assert isinstance(made, bytes)
    return made


#: all but what the font can show: PDF/UA forbids characters that would come out as boxes
_NOT_SHOWN = re.compile(
    "[^\n -~\u00a0-\u024f\u0370-\u04ff\u1e00-\u1eff\u2010-\u2027\u2030-\u2040\u2044-\u205e"
    "\u20a0-\u20bf\u2190-\u22ff]"
)


def _printable(part: Any) -> Any:
    """Return data with a question mark for each character that the font cannot show."""
    if isinstance(part, str):
        shown = _NOT_SHOWN.sub("?", part)
        return "".join(c if unicodedata.category(c) != "Cn" else "?" for c in shown)
    if isinstance(part, Mapping):
        return {name: _printable(value) for name, value in part.items()}
    return [_printable(one) for one in part] if isinstance(part, list | tuple) else part


def _data(view: ForecastView | CompareView, paper: str) -> dict[str, Any]:
    words = Words(view.lang, view.mode)
    made = view.provenance
    return {
        "title": view.title,
        "subtitle": view.subtitle,
        "lang": view.lang,
        "machine_assisted": words("page.machine_assisted"),
        "paper": paper,
        "version": made.version,
        "footer": words("page.print_note", version=made.version, input_hash=made.input_hash),
        "page_of": words("page.page_of", page="{page}", pages="{pages}"),
        "facts_title": words("page.facts"),
        "facts": [(name, starting_big(value)) for name, value in view.facts],
        "sections": [
            {
                "title": starting_big(section.title),
                "blocks": [_block(one) for one in _printed(section.blocks)],
            }
            for section in view.sections
        ],
    }


def _printed(blocks: tuple[Block, ...]) -> list[Block]:
    return [one for one in blocks if not (isinstance(one, Folded) and not one.printed)]


def _block(block: Block) -> dict[str, Any]:
    return {"kind": type(block).__name__} | _content(block)


def _content(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph(text, style, mark):
            return {"text": text, "style": style, "mark": _mark(mark)}
        case Heading(text):
            return {"text": starting_big(text)}
        case Bullets(items):
            return {"items": [starting_big(item) for item in items]}
        case Callout(kind, title, texts, _):
            return {"tone": kind, "title": title, "texts": [starting_big(one) for one in texts]}
        case Contacts(items):
            return {"items": [vars(one) for one in items]}
        case Picture():
            return _picture(block)
        case Table():
            return _table(block)
        case Folded(title, blocks, about=about):
            return {
                "title": starting_big(title),
                # a place stands below the heading of its kind, on one page
                "level": 4 if about else 3,
                "whole": bool(about),
                "blocks": [_under(title, _block(one)) for one in blocks],
            }
        case Group(blocks):
            return _group(blocks)


def _under(title: str, block: dict[str, Any]) -> dict[str, Any]:
    """Return what stands below a heading: a table of the same name says it once."""
    return block | {"caption": ""} if block.get("caption") == starting_big(title) else block


def _mark(mark: Mark | None) -> dict[str, str] | None:
    return None if mark is None else {"text": mark.text, "anchor": mark.anchor}


def _picture(picture: Picture) -> dict[str, Any]:
    return {
        "svg": picture.svg.replace("<svg ", f'<svg font-family="{_FONT}" ', 1),
        "alt": picture.alt,
        "picture": picture.kind,
        "caption": picture.caption,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": starting_big(table.caption),
        "header": [starting_big(cell) for cell in table.header],
        "rows": [
            [starting_big(cell) if k in (0, *table.words) else cell for k, cell in enumerate(row)]
            for row in table.rows
        ],
        "marks": [_mark(mark) for mark in table.marks],
        "anchors": table.anchors,
        "note": table.note,
        # a table of figures is as wide as it needs; words share the width that is left
        "columns": [
            "w" if table.words and k in (0, *table.words) else "n" for k in range(len(table.header))
        ],
        # of a long name little; of the words beside it the room
        "narrow": table.words == (1, 2) and len(table.rows) <= _LONG,
        "wide": table.words == (3,),
        "small": len(table.rows) > _LONG or bool(table.anchors),
    }


def _group(blocks: tuple[Block, ...]) -> dict[str, Any]:
    """Part a group as the page does: pictures beside words; a key belongs to the words."""
    if all(isinstance(one, Callout) for one in blocks):
        return {"kind": "Callouts", "blocks": [_block(one) for one in blocks]}
    pictures = [one for one in blocks if isinstance(one, Picture) and one.kind != "key"]
    texts = [one for one in blocks if one not in pictures]
    return {"pictures": [_block(p) for p in pictures], "texts": [_block(t) for t in texts]}
