"""Parameters and published values as aligned tables in the terminal."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from mesospread.report.numbers import plain_name


def evidence_text(found: dict[str, Any]) -> RenderableType:
    """Return what was found, ready to print."""
    return Group(_parameters(found["parameters"]), _values(found["values"]))


def _count(rows: list[dict[str, Any]], noun: str) -> str:
    return f"{len(rows)} {noun}{'' if len(rows) == 1 else 's'}"


def _parameters(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        title=f"{_count(rows, 'number')} of the model (not yet calibrated)",
        caption="In brackets: the range in which the value is taken to lie with 95 % probability. "
        "observed: published itself; derived: computed from published figures; assumed: judged.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
    )
    table.add_column("Number", no_wrap=True)
    table.add_column("value (range), kind", max_width=20)
    table.add_column("rests on", overflow="fold")
    for row in rows:
        unit = "" if row["unit"] in ("ratio", "probability", "log_sd") else plain_name(row["unit"])
        shown = f"{row['value']:g} ({row['low']:g}–{row['high']:g}) {unit}".strip()
        rests_on = "\n".join(row["sources"]) or row["note"]
        table.add_row(row["name"], f"{shown}, {row['kind']}", rests_on)
    return table


def _values(rows: list[dict[str, str]]) -> Table:
    table = Table(
        title=_count(rows, "published value"),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
    )
    table.add_column("Identifier", overflow="fold", max_width=26)
    table.add_column("what was found")
    table.add_column("where, and how well it was read")
    for row in rows:
        read = f"{row['citation']} ({plain_name(row['read_in'])}, {row['confidence']} confidence)"
        table.add_row(row["id"], row["says"], read)
    return table
