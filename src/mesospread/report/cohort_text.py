"""The summary of a cohort as aligned tables."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mesospread.model.structure import Structure
from mesospread.report.numbers import months, plain_name
from mesospread.simulate.summary import CohortSummary, wilson

_HIDDEN_ROLES = ("treatment", "response", "death", "diagnosis")


def cohort_text(
    structure: Structure, summary: CohortSummary, *, prognosis: bool = False
) -> RenderableType:
    """Return the gross figures of a cohort, ready to print; survival only if wanted."""
    parts: list[RenderableType] = [_reached(structure, summary)]
    if summary.n_diagnosed and prognosis:
        parts.append(_survival(summary))
    note = structure.definition.note
    if note:
        # little is known of some primaries; the figures alone do not show it
        parts.append(Padding(Text(f"The model: {note}"), (1, 0)))
    return Group(*parts)


def _share(events: int, n: int) -> str:
    low, high = wilson(events, n)
    return f"{100 * events / n:5.1f} ({100 * low:.1f}–{100 * high:.1f})" if n else "–"


def _reached(structure: Structure, summary: CohortSummary) -> Table:
    table = Table(
        title=f"{structure.title}: {summary.n:,} patients, {summary.n_diagnosed:,} diagnosed",
        caption="Per cent at this level or above, with the 95 % sampling interval (Wilson). How "
        "uncertain the model's own numbers are is not in it.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("Process", no_wrap=True)
    table.add_column("Level", no_wrap=True)
    if summary.n_diagnosed:
        table.add_column("at diag-\nnosis, %", justify="right", no_wrap=True)
    table.add_column("by the\nend, %", justify="right", no_wrap=True)
    for process in structure.processes:
        if process.role in _HIDDEN_ROLES:
            continue
        for i, level in enumerate(process.levels[1:]):
            name = f"{process.name}.{level}"
            row = [plain_name(process.name) if i == 0 else "", plain_name(level)]
            if summary.n_diagnosed:
                row.append(_share(summary.at_diagnosis[name], summary.n_diagnosed))
            table.add_row(*row, _share(summary.ever[name], summary.n))
    return table


def _survival(summary: CohortSummary) -> Table:
    table = Table(
        title="Survival from diagnosis",
        caption="Median with its 95 % sampling interval; share alive in per cent.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("Group", no_wrap=True)
    table.add_column("number", justify="right", no_wrap=True)
    table.add_column("median,\nmonths", justify="right", no_wrap=True)
    for year in (1, 2, 3, 5):
        table.add_column(f"{year} y, %", justify="right")
    for group, counts in summary.survival.items():
        n = int(counts.sum())
        if n == 0:
            continue
        median = summary.median_survival_months(group)
        shown = "not reached"
        if median is not None:
            shown = f"{months(median[0])} ({months(median[1])}–{months(median[2])})"
        shares = [summary.alive_at(group, 12.0 * year) for year in (1, 2, 3, 5)]
        alive = ["–" if share is None else f"{100 * share:.1f}" for share in shares]
        table.add_row(group, f"{n:,}", shown, *alive)
    return table
