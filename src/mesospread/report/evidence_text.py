"""Parameters, published values and claims in the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mesospread.report.numbers import plain_name
from mesospread.report.validation_text import ranged, unit

#: text is easier to read in lines no longer than this
_WIDEST = 80
#: key of a claim -> what it is called
_PARTS = {
    "origin": "Comes from",
    "people": "Who, and when",
    "eyes": "How it was seen",
    "counted": "What was counted",
}


def evidence_text(found: dict[str, Any]) -> RenderableType:
    """Return what was found, ready to print."""
    return Group(_parameters(found["parameters"]), _values(found["values"]))


def _count(rows: list[dict[str, Any]], noun: str) -> str:
    return f"{len(rows)} {noun}{'' if len(rows) == 1 else 's'}"


def _parameters(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        title=f"{_count(rows, 'number')} of the model",
        caption="In brackets: the range in which the value is taken to lie with 95 % probability. "
        "observed: published itself; derived: computed from published figures; assumed: judged. "
        "Where a second line says what was stated, the first is fitted to studies or borrowed "
        "from fitted values.",
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
        shown = f"{_ranged(row['value'], row['low'], row['high'])} {unit}".strip()
        if row["prior"] is not None:
            shown += f"\nstated {_ranged(*row['prior'])}"
        rests_on = "\n".join(row["sources"]) or row["note"]
        table.add_row(row["name"], f"{shown}, {row['kind']}", rests_on)
    return table


def _ranged(value: float, low: float, high: float) -> str:
    return f"{value:.3g} ({low:.3g}–{high:.3g})"


def _values(rows: list[dict[str, Any]]) -> Group:
    """Return one block per published value: figure, who was counted, how, and where it was read."""
    blocks = [
        Padding(Group(Text(row["says"] or row["id"], style="bold"), _behind(row)), (0, 0, 1, 0))
        for row in rows
    ]
    return Group(Text(_count(rows, "published value"), style="italic"), Text(), *blocks)


def _behind(row: dict[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=10, no_wrap=True)
    table.add_column(overflow="fold")
    read = f"{row['locator']}; {row['confidence']} confidence{_USED.get(row['use'], '')}"
    for label, told in (
        ("identifier", row["id"]),
        ("who", f"{row['population']} ({plain_name(row['setting'])})"),
        ("definition", row["definition"]),
        ("source", row["citation"]),
        ("read in", read),
    ):
        table.add_row(label, Text(told))
    return Padding(table, (0, 0, 0, 2))


_USED = {
    "calibrates": "; the model was fitted to it",
    "validates": "; kept back to check the model",
}


@dataclass(frozen=True)
class ClaimsText:
    """Figures that people meet, as `mesospread.app.evidence.claims` returns them."""

    found: dict[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield one block per claim, then what was left out."""
        with_width = options.update(width=min(options.max_width, _WIDEST))
        for claim in self.found["claims"]:
            yield from console.render(_claim(claim), with_width)
        left_out = self.found["left_out"]
        if left_out:
            more = f"{_count([{}] * left_out, 'statement')} about how long people live"
            yield Text(f"Left out: {more}. --prognosis shows them, if you want to know.")
        yield Text(
            "More on a source: mesospread evidence IDENTIFIER. As data: --json.", style="dim"
        )


def claim_said(row: dict[str, Any]) -> str:
    """Say a figure through the protocol of a study, with what a study of its size may report."""
    if row["use"] == "inform":
        return (
            f"{row['subject']}: {ranged(row, 'predicted')} {unit(row)}, beside "
            f"{ranged(row, 'reported')} as told; this checks nothing"
        )
    return (
        f"{row['subject']}: {ranged(row, 'predicted')} {unit(row)}, through the protocol of "
        f"{row['study']}, which reported {ranged(row, 'reported')}"
    )


def _claim(claim: dict[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=16, no_wrap=True)
    table.add_column(overflow="fold")
    for key, label in _PARTS.items():
        table.add_row(label, Text(claim[key]))
    verdict = Text(f"{claim['standing']}. ", style="bold")
    verdict.append(claim["verdict"], style="not bold")
    table.add_row("How it stands", verdict)
    for said in claim["model"]:
        table.add_row("What the model says", Text(claim_said(said)))
    if not claim["model"]:
        table.add_row("What the model says", Text(f"Nothing. {claim['no_answer']}".strip()))
    weak = [source["id"] for source in claim["sources"] if source["confidence"] == "low"]
    shown = ", ".join(
        f"{source['id']}{'*' if source['id'] in weak else ''}" for source in claim["sources"]
    )
    note = " (* read only where others quote it, or doubtful)" if weak else ""
    table.add_row("Sources", Text(f"{shown or 'none found'}{note}"))
    heading = Text(f"“{claim['statement']}”", style="bold")
    return Padding(Group(heading, Padding(table, (0, 0, 0, 2))), (0, 0, 1, 0))
