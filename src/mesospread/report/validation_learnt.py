"""What the evidence taught: numbers before and after, and studies that move or would help most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table

Row = Mapping[str, Any]
Cells = tuple[str, ...]

#: rows of each table
_SHOWN = 12

NUMBERS_HEADINGS = ("Number", "Unit", "Before the fit", "After it", "Range kept")
LEFT_OUT_HEADINGS = ("Without this study", "moves most", "by, SD", "Weights")
FURTHER_HEADINGS = ("One more study of", "Variance taken away")


def numbers_caption(learnt: Row) -> str:
    """Return what the table of numbers says."""
    return (
        f"Of {learnt['fitted']} fitted numbers the studies narrowed {learnt['informed']} by a "
        "tenth or more; the others stay nearly as they were stated. Middle and 95 % range; the "
        "share kept is of the logarithm, except for probabilities."
    )


LEFT_OUT_CAPTION = (
    "In standard deviations of the posterior, by moving and weighing its draws. Where the "
    "weights are unstable (Pareto k above 0.7), the direction can be relied on, the size cannot."
)
FURTHER_CAPTION = (
    "Share of the variance of all figures together that one more study of this figure with 200 "
    "patients would take away; figures move together, so shares do not add up."
)


def numbers_rows(learnt: Row) -> Sequence[Cells]:
    """Return the most narrowed numbers before and after the fit."""
    return [
        (
            str(n["name"]).replace("_", " "),
            str(n["unit"]).replace("_", " "),
            _ranged(n["prior"]),
            _ranged(n["posterior"]),
            f"{100 * n['width_kept']:.0f} %",
        )
        for n in learnt["numbers"][:_SHOWN]
    ]


def left_out_rows(learnt: Row, results: Sequence[Row]) -> Sequence[Cells]:
    """Return what moves most without each study."""
    names = _names(results)
    return [
        (
            row["study"],
            names[row["figure"]],
            f"{row['by_sd']:+.1f}",
            "stable" if row["stable"] else "unstable",
        )
        for row in learnt["left_out"]
        if row["figure"] in names
    ][:_SHOWN]


def further_rows(learnt: Row, results: Sequence[Row]) -> Sequence[Cells]:
    """Return which further study would help most."""
    names = _names(results)
    return [
        (names[row["figure"]], f"{100 * row['share_of_variance']:.0f} %")
        for row in learnt["further"]
        if row["figure"] in names
    ][:_SHOWN]


def _names(results: Sequence[Row]) -> dict[str, str]:
    return {f"{r['study']}/{r['result']}": f"{r['subject']} ({r['study']})" for r in results}


def learnt_tables(learnt: Row, results: Sequence[Row]) -> Group:
    """Return the three tables, ready to print."""
    return Group(
        _table(
            "What the studies taught",
            NUMBERS_HEADINGS,
            numbers_rows(learnt),
            numbers_caption(learnt),
        ),
        _table(
            "Which study moves what",
            LEFT_OUT_HEADINGS,
            left_out_rows(learnt, results),
            LEFT_OUT_CAPTION,
        ),
        _table(
            "Which further study would help most",
            FURTHER_HEADINGS,
            further_rows(learnt, results),
            FURTHER_CAPTION,
        ),
    )


def _table(title: str, headings: Sequence[str], rows: Sequence[Cells], caption: str) -> Table:
    table = Table(
        title=title,
        caption=caption,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    for place, heading in enumerate(headings):
        is_number = heading in ("by, SD", "Range kept", "Variance taken away")
        table.add_column(
            heading, ratio=1 if place == 0 else None, justify="right" if is_number else "left"
        )
    for row in rows:
        table.add_row(*row)
    return table


def _ranged(numbers: Sequence[float]) -> str:
    middle, low, high = (f"{n:.2g}" for n in numbers)
    return f"{middle} ({low}–{high})"
