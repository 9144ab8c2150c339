"""The tags of a PDF: types, nesting, headings, tables, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pikepdf

_NAMES = (
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 "
    "H4 H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry "
    "Code Link Annot Ruby RB RT RP Warichu WT WP Figure Formula Form"
)
_STANDARD = frozenset(f"/{name}" for name in _NAMES.split())
#: what may stand in what
_INSIDE = {
    "/Table": {"/TR", "/THead", "/TBody", "/TFoot", "/Caption"},
    "/THead": {"/TR"},
    "/TBody": {"/TR"},
    "/TFoot": {"/TR"},
    "/TR": {"/TH", "/TD"},
    "/L": {"/L", "/LI", "/Caption"},
    "/LI": {"/Lbl", "/LBody"},
}
#: and what needs to stand in what
_AROUND = {
    "/TR": {"/Table", "/THead", "/TBody", "/TFoot"},
    "/TH": {"/TR"},
    "/TD": {"/TR"},
    "/THead": {"/Table"},
    "/TBody": {"/Table"},
    "/LI": {"/L"},
    "/LBody": {"/LI"},
}
_LISTS = {"/L", "/LI", "/LBody", "/Lbl"}


@dataclass
class Element:
    """A tag.

    Attributes
    ----------
    object
        As it is in the file.
    kind
        Its type, after the map of roles.
    parent
        The tag around it.
    kids
        The tags in it.
    marks
        The marked content in it: page, as number of its object, and number of the mark.
    objects
        The annotations in it, as numbers of their objects.
    """

    object: Any
    kind: str
    parent: Element | None
    kids: list[Element] = field(default_factory=list)
    marks: list[tuple[Any, int]] = field(default_factory=list)
    objects: list[Any] = field(default_factory=list)


def structure(file: pikepdf.Pdf) -> list[Element]:
    """Return all tags in reading order."""
    root = file.Root.StructTreeRoot
    roles = {str(k): str(v) for k, v in root.get("/RoleMap", {}).items()}
    found: list[Element] = []
    _read(root.get("/K", pikepdf.Array()), None, None, roles, found)
    return found


def _read(
    node: Any, parent: Element | None, page: Any, roles: dict[str, str], found: list[Element]
) -> None:
    if isinstance(node, pikepdf.Array):
        for one in node:
            _read(one, parent, page, roles, found)
    elif not isinstance(node, pikepdf.Dictionary):
        assert parent is not None
        parent.marks.append((page, int(node)))
    else:
        page = node.Pg.objgen if "/Pg" in node else page
        if "/S" in node:
            one = Element(node, _role(str(node.S), roles), parent)
            found.append(one)
            if parent is not None:
                parent.kids.append(one)
            _read(node.get("/K", pikepdf.Array()), one, page, roles, found)
        elif parent is not None and "/MCID" in node:
            parent.marks.append((page, int(node.MCID)))
        elif parent is not None and "/Obj" in node:
            parent.objects.append(node.Obj.objgen)


def _role(kind: str, roles: dict[str, str]) -> str:
    for _ in range(10):
        if kind in _STANDARD or kind not in roles:
            break
        kind = roles[kind]
    return kind


def tree_problems(file: pikepdf.Pdf, tree: list[Element]) -> Iterator[str]:
    """Check the tags by themselves."""
    for name in file.Root.StructTreeRoot.get("/RoleMap", {}):
        if name in _STANDARD:
            yield f"02-004 the standard type {name} is given another meaning"
    for one in tree:
        if one.kind not in _STANDARD:
            yield f"02-001 {one.kind} is no standard type and is mapped to none"
        yield from _nesting(one)
        if one.kind == "/Figure" and not _words(one, "/Alt") and not _words(one, "/ActualText"):
            yield "13-004 a picture without words"
        if one.kind == "/Table":
            yield from _table(one)
    yield from _headings(tree)


def _words(one: Element, name: str) -> str:
    return str(one.object.get(name, "")).strip()


def _nesting(one: Element) -> Iterator[str]:
    code = "09-005" if one.kind in _LISTS else "09-004"
    for kid in one.kids:
        if one.kind in _INSIDE and kid.kind not in _INSIDE[one.kind]:
            yield f"{code} {kid.kind} in {one.kind}"
    around = one.parent.kind if one.parent else "nothing"
    if one.kind in _AROUND and around not in _AROUND[one.kind]:
        yield f"{code} {one.kind} in {around}"


def _headings(tree: list[Element]) -> Iterator[str]:
    levels = [int(one.kind[2]) for one in tree if re.fullmatch(r"/H[1-6]", one.kind)]
    if not levels or levels[0] != 1:
        yield "14-002 the first heading is not of level 1"
    for before, level in pairwise(levels):
        if level > before + 1:
            yield f"14-003 a heading of level {level} follows one of level {before}"
    if any(one.kind == "/H" for one in tree):
        yield "14-007 a heading without a level"
    for one in tree:
        if re.fullmatch(r"/H[1-6]", one.kind) and not _holds_content(one):
            yield "14-001 an empty heading"


def _holds_content(one: Element) -> bool:
    return bool(one.marks) or any(_holds_content(kid) for kid in one.kids)


def _table(table: Element) -> Iterator[str]:
    rows = [r for part in table.kids for r in ([part] if part.kind == "/TR" else part.kids)]
    cells = [cell for row in rows for cell in row.kids]
    heads = [cell for cell in cells if cell.kind == "/TH"]
    if not heads:
        yield "15-003 a table without header cells"
    for cell in heads:
        if _attribute(cell, "/Scope") not in ("/Column", "/Row", "/Both"):
            yield "15-003 a header cell that does not say of what"
    yield from _grid(rows)


def _grid(rows: list[Element]) -> Iterator[str]:
    """Check that every row is as wide as the first, cells that span rows or columns included."""
    hanging: list[int] = []
    widths = set()
    for row in rows:
        width = len(hanging)
        hanging = [left - 1 for left in hanging if left > 1]
        for cell in row.kids:
            columns, down = (int(_attribute(cell, n) or 1) for n in ("/ColSpan", "/RowSpan"))
            width += columns
            hanging += [down - 1] * columns if down > 1 else []
        widths.add(width)
    if len(widths) > 1:
        yield f"09-004 a table with rows of {' and '.join(map(str, sorted(widths)))} cells"


def _attribute(cell: Element, name: str) -> str:
    given = cell.object.get("/A", pikepdf.Array())
    for one in given if isinstance(given, pikepdf.Array) else [given]:
        if isinstance(one, pikepdf.Dictionary) and name in one:
            return str(one[name])
    return ""
