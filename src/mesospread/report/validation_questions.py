"""The questions whose published rates are taken apart, each from a reference of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """How a question is put.

    Attributes
    ----------
    title, heading
        Of the table in a terminal, and of the part of a page.
    of
        What the rates are rates of.
    reference
        From where the steps start.
    decimals
        Of per cent and percentage points.
    """

    title: str
    heading: str
    of: str
    reference: str
    decimals: int


QUESTIONS: Mapping[str, Question] = {
    "spread": Question(
        "Why published rates differ",
        "Why published rates contradict each other",
        "spread",
        "everybody at diagnosis, by PET-CT, what counts as M1",
        0,
    ),
    "brain": Question(
        "Why published rates of spread to the brain differ",
        "Why published rates of spread to the brain differ",
        "spread to the brain",
        "everybody at diagnosis, by MRI of the brain",
        1,
    ),
}


def by_question(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rates of each question, the lowest reported first.

    Rates that an earlier version took apart are about spread.
    """
    ordered = sorted(rows, key=lambda r: float(r["reported"]))
    found = {
        name: [r for r in ordered if r.get("question", "spread") == name] for name in QUESTIONS
    }
    return {name: listed for name, listed in found.items() if listed}


def signed(points: float, decimals: int = 0) -> str:
    """Return percentage points with their sign; 0 has none."""
    shown = round(points, decimals)
    return f"{shown:+.{decimals}f}".replace("-", "−") if shown else "0"
