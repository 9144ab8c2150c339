"""Which drugs a text or a concept names."""

from __future__ import annotations

from mesospread.interop.codes import table
from mesospread.interop.element import Element


def drugs_in(text: str) -> list[str]:
    """Return the drugs that a text names, by their own or a brand name."""
    said = text.casefold()
    return [
        name
        for name, row in table()["drug"].items()
        if any(word in said for word in (name, *row["names"]))
    ]


def drugs_of(concept: Element) -> list[str]:
    """Return the drugs that a concept names, in words or by RxNorm code."""
    codes = {c.code for c in concept.codings() if c.system == "rxnorm"}
    spoken = drugs_in(" ".join(concept.words()))
    return [
        name
        for name, row in table()["drug"].items()
        if name in spoken or ("code" in row and row["code"]["code"] in codes)
    ]
