"""The questions whose published rates are taken apart, each from a reference of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mesospread.report.validation_words import IN_ENGLISH, Said

Row = Mapping[str, Any]

#: questions, in the order of the page, to the decimals of their per cent and percentage points
DECIMALS: Mapping[str, int] = {"spread": 0, "brain": 1}


def by_question(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rates of each question, the lowest reported first.

    Rates that an earlier version took apart are about spread.
    """
    ordered = sorted(rows, key=lambda r: float(r["reported"]))
    found = {name: [r for r in ordered if r.get("question", "spread") == name] for name in DECIMALS}
    return {name: listed for name, listed in found.items() if listed}


def signed(points: float, decimals: int = 0, said: Said = IN_ENGLISH) -> str:
    """Return percentage points with their sign; 0 has none."""
    shown = round(points, decimals)
    return said.number(shown, f"+.{decimals}f").replace("-", "−") if shown else "0"
