"""What the evidence taught: numbers before and after, and studies that move or would help most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table

from mesospread.report.validation_words import IN_ENGLISH, Said

Row = Mapping[str, Any]
Cells = tuple[str, ...]

#: rows of each table
_SHOWN = 12

#: tables to the keys of their headings
_TABLES: Mapping[str, Sequence[str]] = {
    "numbers": ("name", "unit", "before", "after", "kept"),
    "left_out": ("without", "moves", "by", "weights"),
    "further": ("of", "share"),
}
#: headings of columns of numbers in a terminal
_RIGHT = ("by", "kept", "share")


@dataclass(frozen=True)
class Learnt:
    """One table of what the evidence taught.

    Attributes
    ----------
    title, caption
        What it is, and how to read it.
    headings, keys
        Of the columns, and the names of the headings in the catalogue.
    rows
        Cells.
    english
        Columns whose words the study files and models say.
    """

    title: str
    caption: str
    headings: Cells
    keys: Sequence[str]
    rows: Sequence[Cells]
    english: frozenset[int]


def learnt_parts(learnt: Row, results: Sequence[Row], said: Said = IN_ENGLISH) -> Sequence[Learnt]:
    """Return the three tables: numbers, studies left out, and further studies.

    Parameters
    ----------
    learnt
        As `mesospread.app.validate.Validation` holds it.
    results
        Its results, which name the figures.
    said
        Language.
    """
    rows: Mapping[str, tuple[Sequence[Cells], frozenset[int]]] = {
        "numbers": (_numbers_rows(learnt, said), frozenset({0})),
        "left_out": (_left_out_rows(learnt, results, said), frozenset({1})),
        "further": (_further_rows(learnt, results, said), frozenset({0})),
    }
    counts = {"fitted": learnt["fitted"], "informed": learnt["informed"]}
    return [
        Learnt(
            said(f"learnt.{name}.title"),
            said(f"learnt.{name}.note", **counts),
            tuple(said(f"learnt.{name}.{key}") for key in keys),
            keys,
            *rows[name],
        )
        for name, keys in _TABLES.items()
    ]


def _numbers_rows(learnt: Row, said: Said) -> Sequence[Cells]:
    """Return the most narrowed numbers before and after the fit."""
    return [
        (
            str(n["name"]).replace("_", " "),
            said.named("measured_in", str(n["unit"])),
            _ranged(n["prior"], said),
            _ranged(n["posterior"], said),
            f"{said.number(100 * n['width_kept'])} %",
        )
        for n in learnt["numbers"][:_SHOWN]
    ]


def _left_out_rows(learnt: Row, results: Sequence[Row], said: Said) -> Sequence[Cells]:
    """Return what moves most without each study."""
    names = _names(results)
    weights = {held: said(f"learnt.left_out.{held}") for held in ("stable", "unstable")}
    return [
        (
            row["study"],
            names[row["figure"]],
            said.number(row["by_sd"], "+.1f"),
            weights["stable" if row["stable"] else "unstable"],
        )
        for row in learnt["left_out"]
        if row["figure"] in names
    ][:_SHOWN]


def _further_rows(learnt: Row, results: Sequence[Row], said: Said) -> Sequence[Cells]:
    """Return which further study would help most."""
    names = _names(results)
    return [
        (names[row["figure"]], f"{said.number(100 * row['share_of_variance'])} %")
        for row in learnt["further"]
        if row["figure"] in names
    ][:_SHOWN]


def _names(results: Sequence[Row]) -> dict[str, str]:
    return {f"{r['study']}/{r['result']}": f"{r['subject']} ({r['study']})" for r in results}


def learnt_tables(learnt: Row, results: Sequence[Row]) -> Group:
    """Return the three tables, ready to print."""
    return Group(*(_table(part) for part in learnt_parts(learnt, results)))


def _table(part: Learnt) -> Table:
    table = Table(
        title=part.title,
        caption=part.caption,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    for place, (key, heading) in enumerate(zip(part.keys, part.headings, strict=True)):
        table.add_column(
            heading, ratio=None if place else 1, justify="right" if key in _RIGHT else "left"
        )
    for row in part.rows:
        table.add_row(*row)
    return table


def _ranged(numbers: Sequence[float], said: Said) -> str:
    middle, low, high = (said.number(n, ".2g") for n in numbers)
    return f"{middle} ({low}–{high})"
