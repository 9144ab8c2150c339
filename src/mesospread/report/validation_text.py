"""A validation as aligned tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mesospread.report.validation_curves import curves_table
from mesospread.report.validation_lead import lead, limits
from mesospread.report.validation_learnt import learnt_tables
from mesospread.report.validation_questions import DECIMALS, by_question, signed
from mesospread.report.validation_words import IN_ENGLISH, Said

Row = Mapping[str, Any]

#: whose coverage is shown, in the order of the columns
_USES = ("calibrate", "validate", "independent")
_SHARES = ("proportion", "alive_at", "net_alive_at")


def figure(row: Row, number: float | None, said: Said = IN_ENGLISH) -> str:
    """Return a figure as it is read: per cent, months, or a ratio."""
    if number is None:
        return "–"
    if row["statistic"] in _SHARES:
        return said.number(100 * number, ".0f" if number >= 0.0995 else ".1f")
    return said.number(number, ".1f" if row["statistic"] == "median_months" else ".2f")


def measure(row: Row) -> str:
    """Return what a figure is measured in: percent, months or ratio."""
    if row["statistic"] in _SHARES:
        return "percent"
    return "months" if row["statistic"] == "median_months" else "ratio"


def unit(row: Row, said: Said = IN_ENGLISH) -> str:
    """Return the unit of a figure."""
    return said(f"unit.{measure(row)}")


def ranged(row: Row, prefix: str, said: Said = IN_ENGLISH) -> str:
    """Return a figure with its interval."""
    middle, low, high = (figure(row, row[prefix + end], said) for end in ("", "_low", "_high"))
    return f"{middle} ({low}–{high})"


def by_kind(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rows of each kind, kinds in alphabetical order, fitted ones first."""
    kinds = sorted({row["kind"] for row in rows})
    return {
        kind: sorted(
            (r for r in rows if r["kind"] == kind),
            key=lambda r: (r["use"], r["study"], r["result"]),
        )
        for kind in kinds
    }


def misfits(rows: Sequence[Row]) -> list[Row]:
    """Return the rows whose reported figure lies outside the predictive interval."""
    return [row for row in rows if not row["inside"]]


def validation_text(validation: Row) -> RenderableType:
    """Return a validation, ready to print.

    Parameters
    ----------
    validation
        As `mesospread.app.validate.Validation` is written to JSON.
    """
    parts: list[RenderableType] = [
        *(Padding(Text(said), (0, 0, 1, 0)) for said in (lead(validation), *limits(validation))),
        _head(validation),
        _coverage(validation["coverage"]),
    ]
    for kind, rows in by_kind(validation["results"]).items():
        parts.append(_table(kind, rows))
    if validation.get("curves"):
        parts.append(curves_table(validation["curves"]))
    for question, rates in by_question(validation["reconciliation"]).items():
        parts.append(_reconciliation(question, rates))
    if validation.get("learnt"):
        parts.append(learnt_tables(validation["learnt"], validation["results"]))
    return Group(*parts)


def _head(validation: Row) -> RenderableType:
    posterior = validation["posterior"]
    parameters = (
        f"the calibrated posterior {posterior}"
        if posterior
        else "stated ranges: this model is not calibrated"
    )
    text = (
        f"{validation['primary'].capitalize()} mesothelioma: the model beside "
        f"{len(validation['results'])} reported figures. Parameters: {parameters}; "
        f"{validation['draws']} draws, {validation['lives']:,} lives of each way of treatment."
    )
    return Padding(Text(text), (0, 0, 1, 0))


def _coverage(rows: Sequence[Row]) -> Table:
    table = Table(
        title="Reported figures inside the 95 % predictive interval",
        caption=IN_ENGLISH("coverage.note"),
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        title_justify="left",
    )
    table.add_column("Kind")
    table.add_column("fitted", justify="right")
    table.add_column("not fitted", justify="right")
    table.add_column("of these, behind no number", justify="right")
    for row in coverage_rows(rows):
        table.add_row(*row)
    return table


def coverage_rows(rows: Sequence[Row], said: Said = IN_ENGLISH) -> list[tuple[str, ...]]:
    """Return kind, and how many figures lie inside: fitted, kept back, behind no number."""
    counted = {
        (r["kind"], r["use"]): said("coverage.of", inside=r["inside"], figures=r["figures"])
        for r in rows
    }
    kinds = sorted({r["kind"] for r in rows}, key=lambda kind: (kind == "all", kind))
    return [
        (said.named("kind", kind), *(counted.get((kind, use), "–") for use in _USES))
        for kind in kinds
    ]


def _table(kind: str, rows: Sequence[Row]) -> Table:
    table = Table(
        title=kind[0].upper() + kind[1:],
        caption="In the last column: ! lies outside; f was fitted.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("Study", no_wrap=True)
    table.add_column("What", ratio=1)
    table.add_column("reported", justify="right", no_wrap=True)
    table.add_column("predicted", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in rows:
        sign = ("" if row["inside"] else "!") + ("f" if row["use"] == "calibrate" else "")
        what = f"{row['subject']}, {unit(row)}"
        table.add_row(row["study"], what, ranged(row, "reported"), ranged(row, "predicted"), sign)
    return table


def _reconciliation(question: str, rows: Sequence[Row]) -> Table:
    decimals = DECIMALS[question]
    start = IN_ENGLISH(f"question.{question}.reference")
    reference = f"{100 * rows[0]['reference']:.{decimals}f} %"
    table = Table(
        title=IN_ENGLISH(f"question.{question}.title"),
        caption=f"Percentage points that lead from the reference ({start}: {reference}) "
        "to what the model says through the protocol of each study; the mean over all orders of "
        "the four changes. Reported with its 95 % interval; predicted with the 95 % band of the "
        "model alone.",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("Study", no_wrap=True)
    for heading in ("time", "people", "eyes", "defi-\nnition"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("predicted,\n%", justify="right", no_wrap=True)
    table.add_column("reported,\n%", justify="right", no_wrap=True)
    for row in rows:
        parts = [signed(part["points"], decimals) for part in row["parts"]]
        table.add_row(
            f"{row['study']}\n  {row['result']}",
            *parts,
            _per_cent(row, "predicted", decimals),
            _per_cent(row, "reported", decimals),
        )
    return table


def _per_cent(row: Row, prefix: str, decimals: int) -> str:
    """Return a share and its interval in per cent; from ten on always whole."""
    middle, low, high = (
        f"{share:.{decimals if share < 9.95 else 0}f}"
        for share in (100 * row[k] for k in (prefix, f"{prefix}_low", f"{prefix}_high"))
    )
    return f"{middle} ({low}–{high})"
