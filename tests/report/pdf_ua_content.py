"""What is on the pages of a PDF: all of it tagged or an artefact, in fonts that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from tests.report.pdf_ua_tree import Element

_SHOWS = frozenset(["Tj", "TJ", "'", '"'])
_PATHS = frozenset(["f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh"])
_PAINTS = _SHOWS | _PATHS | {"INLINE IMAGE"}
#: the rest says nothing about tags and text
_READ = " ".join(["BMC", "BDC", "EMC", "Do", "Tf", "q", "Q", "BI", "ID", "EI", *_SHOWS | _PATHS])
#: an artefact in a tag, a tag in an artefact
_CROSSED = {"artefact": "01-003", "tagged": "01-004"}
#: no character: nothing, or marks of the order of bytes
_NOTHING = {"0000", "FEFF", "FFFE"}
_FILES = {"/FontFile", "/FontFile2", "/FontFile3"}


@dataclass
class _Page:
    """What is met while a page is read.

    Attributes
    ----------
    marks
        Numbers of marked content that is tagged.
    shown
        Font, as number of its object, and code of each glyph.
    """

    marks: list[int] = field(default_factory=list)
    shown: set[tuple[Any, str]] = field(default_factory=set)


def content_problems(file: pikepdf.Pdf, tree: list[Element]) -> Iterator[str]:
    """Check that all that is painted is in a tag or an artefact, and shows characters."""
    wanted = {mark for one in tree for mark in one.marks}
    known = {
        font.objgen: characters(font.ToUnicode.read_bytes()) if "/ToUnicode" in font else {}
        for font in _fonts(file)
    }
    for number, page in enumerate(file.pages, 1):
        met = _Page()
        found = list(_painted(page, page.obj.get("/Resources", {}), [], met))
        found += _marks(met.marks, {mark for at, mark in wanted if at == page.obj.objgen})
        found += _glyphs(met.shown, known)
        yield from (f"{problem} (page {number})" for problem in dict.fromkeys(found))


def _marks(seen: list[int], tagged: set[int]) -> Iterator[str]:
    if set(seen) - tagged:
        yield "01-005 marked content without a tag"
    if tagged - set(seen):
        yield "01-006 a tag for content that is not there"
    if len(seen) != len(set(seen)):
        yield "01-006 two contents with one number"


def _glyphs(shown: set[tuple[Any, str]], known: dict[Any, dict[str, str]]) -> Iterator[str]:
    if any(code == "0000" for _, code in shown):
        yield "31-030 a glyph that is missing from its font"
    if any(not known[font].get(code) for font, code in shown):
        yield "31-027 a glyph that stands for no character"


def _painted(source: Any, resources: Any, around: list[str], met: _Page) -> Iterator[str]:
    stack = list(around)
    fonts: list[Any] = [None]
    for step in pikepdf.parse_content_stream(source, _READ):
        operator = str(step.operator)
        if operator in ("BMC", "BDC"):
            kind = _mark(step.operands, resources, met.marks)
            if {kind, *stack} >= {"artefact", "tagged"}:
                yield f"{_CROSSED[kind]} artefacts and tags in one another"
            stack.append(kind)
        elif operator == "EMC":
            stack.pop()
        elif operator == "Do":
            yield from _object(resources.XObject[step.operands[0]], resources, stack, met)
        elif operator in _PAINTS and not {"artefact", "tagged"} & set(stack):
            yield f"01-005 painted with {operator}, but neither tagged nor an artefact"
        _text(operator, step, resources, fonts, met)


def _text(operator: str, step: Any, resources: Any, fonts: list[Any], met: _Page) -> None:
    """Follow which font is used, and note the glyphs of fonts with two bytes for each."""
    if operator == "Tf":
        fonts[-1] = resources.Font[step.operands[0]]
    elif operator == "q":
        fonts.append(fonts[-1])
    elif operator == "Q":
        fonts.pop()
    elif operator in _SHOWS and fonts[-1].get("/Encoding") == pikepdf.Name("/Identity-H"):
        met.shown |= {(fonts[-1].objgen, code) for code in _codes(step.operands[-1])}


def _object(one: Any, resources: Any, stack: list[str], met: _Page) -> Iterator[str]:
    if one.get("/Subtype") == pikepdf.Name.Form:
        yield from _painted(one, one.get("/Resources", resources), stack, met)
    elif not {"artefact", "tagged"} & set(stack):
        yield "01-005 an image, but neither tagged nor an artefact"


def _mark(operands: Any, resources: Any, seen: list[int]) -> str:
    if str(operands[0]) == "/Artifact":
        return "artefact"
    more = operands[1] if len(operands) > 1 else {}
    if isinstance(more, pikepdf.Name):
        more = resources.Properties[more]
    if "/MCID" not in more:
        return "other"
    seen.append(int(more["/MCID"]))
    return "tagged"


def form_problems(file: pikepdf.Pdf) -> Iterator[str]:
    """Check the pictures that are drawn by reference."""
    forms = [one for one in file.objects if isinstance(one, pikepdf.Stream)]
    if any(one.get("/Subtype") == pikepdf.Name.Form and "/Ref" in one for one in forms):
        yield "30-001 a picture from another file"


def font_problems(file: pikepdf.Pdf) -> Iterator[str]:
    """Check that fonts are in the file and say which characters they show."""
    for font in _fonts(file):
        name = str(font.get("/BaseFont", font.get("/Subtype")))
        inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
        held = set(inner.get("/FontDescriptor", {}).keys())
        if font.get("/Subtype") != pikepdf.Name.Type3 and not held & _FILES:
            yield f"31-009 {name} is not in the file"
        if "/ToUnicode" not in font:
            yield f"31-027 {name} does not say which characters it shows"
        elif _NOTHING & set(characters(font.ToUnicode.read_bytes()).values()):
            yield f"31-028 {name} has glyphs that stand for no character"


def _fonts(file: pikepdf.Pdf) -> list[Any]:
    return [
        one
        for one in file.objects
        if isinstance(one, pikepdf.Dictionary)
        and one.get("/Type") == pikepdf.Name.Font
        and one.get("/Subtype") not in (pikepdf.Name.CIDFontType0, pikepdf.Name.CIDFontType2)
    ]


def characters(table: bytes) -> dict[str, str]:
    """Return code to character, both in hexadecimal, of a table of characters."""
    text, found = table.decode("latin-1"), {}
    for part in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        found |= {
            code.upper(): to.upper()
            for code, to in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", part)
        }
    ranges = r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>"
    for part in re.findall(r"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for low, high, to in re.findall(ranges, part):
            for k in range(int(high, 16) - int(low, 16) + 1):
                found[f"{int(low, 16) + k:0{len(low)}X}"] = f"{int(to, 16) + k:0{len(to)}X}"
    return found


def _codes(shown: Any) -> Iterator[str]:
    for part in shown if isinstance(shown, pikepdf.Array) else [shown]:
        if isinstance(part, pikepdf.String):
            data = bytes(part).hex().upper()
            yield from (data[i : i + 4] for i in range(0, len(data), 4))
