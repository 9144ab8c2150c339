"""A check of PDF/UA-1 that knows nothing of who made the file.

It goes along the failure conditions of the Matterhorn Protocol 1.1 that a program can decide and
that a report can run into; each problem begins with the number of its condition. It is stricter
where a file may hold the letter of the standard and still be silent: blank words for a picture, an
empty heading, a table without header cells, a header cell without a scope, tags and content that
do not agree.

Compared once, in November 2026, with the rules of veraPDF 1.31, the reference validator: those pass
the same reports, and fail every planted file of `tests.report.test_pdf_ua` but the stricter ones.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pikepdf
from tests.report.pdf_ua_content import content_problems, font_problems, form_problems
from tests.report.pdf_ua_tree import Element, structure, tree_problems

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def problems(content: bytes) -> list[str]:
    """Return all that is wrong with a file, each with the number of its failure condition."""
    with pikepdf.open(io.BytesIO(content)) as file:
        if "/StructTreeRoot" not in file.Root:
            return ["01-005 the document is not tagged", *catalogue_problems(file)]
        tree = structure(file)
        found = [*catalogue_problems(file), *tree_problems(file, tree)]
        for check in (content_problems, link_problems):
            found += check(file, tree)
        return [*found, *font_problems(file), *form_problems(file)]


def catalogue_problems(file: pikepdf.Pdf) -> Iterator[str]:
    """Check what is said about the document as a whole."""
    root = file.Root
    mark = root.get("/MarkInfo", pikepdf.Dictionary())
    if not bool(mark.get("/Marked", False)):
        yield "01-005 the document does not say that it is tagged"
    if bool(mark.get("/Suspects", False)):
        yield "01-007 the document says that its tags are suspect"
    if "/Metadata" not in root:
        yield "06-001 no metadata"
    with file.open_metadata() as meta:
        if meta.get("pdfuaid:part") != "1":
            yield "06-002 does not say that it is PDF/UA-1"
        if not str(meta.get("dc:title", "")).strip():
            yield "06-003 no title"
    if not bool(
        root.get("/ViewerPreferences", pikepdf.Dictionary()).get("/DisplayDocTitle", False)
    ):
        yield "07-001 the window shows the name of the file, not the title"
    if not _LANGUAGE.fullmatch(str(root.get("/Lang", ""))):
        yield "11-001 no language"
    if file.is_encrypted and not file.allow.accessibility:
        yield "26-002 locked for screen readers"


def link_problems(file: pikepdf.Pdf, tree: list[Element]) -> Iterator[str]:
    """Check annotations: in the tree, with words, reached in the order of the tags."""
    linked = {ref for one in tree if one.kind == "/Link" for ref in one.objects}
    for number, page in enumerate(file.pages, 1):
        notes = list(page.obj.get("/Annots", []))
        if notes and page.obj.get("/Tabs") != pikepdf.Name.S:
            yield f"28-009 page {number}: tabs do not follow the tags"
        for note in notes:
            if note.get("/Subtype") == pikepdf.Name.Link and note.objgen not in linked:
                yield f"28-011 page {number}: a link without a tag"
            if not str(note.get("/Contents", "")).strip():
                yield f"28-012 page {number}: an annotation without words"
