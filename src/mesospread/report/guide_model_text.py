"""Numbers of the model in the guide: sentences, and tables for clinicians in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

#: how the numbers of a unit are written, and what the unit is called
_WRITTEN = {"percent": (100.0, "%"), "ratio": (1.0, "ratio"), "months": (1.0, "months")}


def model_in_words(said: dict[str, Any]) -> list[str]:
    """Return what each primary's model says, a paragraph each.

    Parameters
    ----------
    said
        As `mesospread.app.guide_numbers.ModelSays` is written to JSON.
    """
    return [
        " ".join([*part["plain"], part["little"]]).strip()
        for part in said["parts"]
        if part["plain"]
    ]


def cell_text(cell: dict[str, float] | None, unit: str) -> str:
    """Write a number with its interval, e.g. ``12 (8–17)``; a dash where there is none."""
    if cell is None:
        return "–"
    times, _ = _WRITTEN[unit]
    value, low, high = (_short(times * cell[key], unit) for key in ("value", "low", "high"))
    return value if low == high else f"{value} ({low}–{high})"


def _short(number: float, unit: str) -> str:
    if unit == "ratio":
        digits = 2 if number < 3 else 1 if number < 10 else 0
        return f"{number:.{digits}f}"
    if unit == "percent" and 0 < number < 0.95:
        return f"{number:.1f}" if number >= 0.05 else "<0.1"
    return f"{number:.0f}"


def unit_text(unit: str) -> str:
    """Return what a unit is called above a table."""
    return _WRITTEN[unit][1]


def model_tables(said: dict[str, Any] | None) -> Iterable[RenderableType]:
    """Yield the tables for clinicians, primary by primary."""
    for part in said["parts"] if said else []:
        if not part["tables"]:
            continue
        yield Text(f"In the model: {part['label']}", style="italic")
        for table in part["tables"]:
            yield _table(table)
        lines = [part["source"], *filter(None, [part["little"]])]
        yield Padding(Text("\n".join(lines), style="dim"), (0, 0, 1, 0))


def _table(table: dict[str, Any]) -> Table:
    shown = Table(
        title=f"{table['title']}, {unit_text(table['unit'])}",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    shown.add_column("", overflow="fold", max_width=26)
    for column in table["columns"]:
        shown.add_column(column, justify="right", overflow="fold")
    # where all numbers are simulated, the source says it
    told = any(row["kind"] != "simulated" for row in table["rows"])
    if told:
        shown.add_column("basis", overflow="fold")
    for row in table["rows"]:
        cells = [cell_text(cell, table["unit"]) for cell in row["cells"]]
        shown.add_row(row["label"], *cells, *([row["kind"]] if told else []))
    return shown
