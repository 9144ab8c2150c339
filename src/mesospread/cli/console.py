"""What all commands share: the two consoles, common options, progress bars."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Language = Annotated[str, typer.Option("--language", help="Of the texts for patients: en or es.")]
Seed = Annotated[int, typer.Option(help="Seed of the random numbers.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a report to this file, .html.")]
Pdf = Annotated[Path | None, typer.Option("--pdf", help="Write a report to this file, .pdf.")]
Reader = Annotated[str, typer.Option("--mode", help="Who reads the report: plain or clinician.")]
Outlook = Annotated[
    str | None,
    typer.Option(
        help="How a report shows survival: all, ranges, people or curve. Needs --prognosis.",
        show_default="all",
    ),
]
Country = Annotated[str | None, typer.Option(help="Whose help lines the report lists, e.g. GB.")]
LifeTable = Annotated[str, typer.Option(help="Background mortality: uk or us.")]


def print_json(data: Any) -> None:
    """Print plain JSON."""
    # not through rich, which would wrap and colour it
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


@contextmanager
def bar(label: str, *, total: float, count: bool) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on the terminal, if there is one, and nothing in a pipe."""
    columns = [TextColumn(label), BarColumn()]
    columns += [MofNCompleteColumn()] if count else [TaskProgressColumn()]
    with Progress(
        *columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal
    ) as progress:
        task = progress.add_task(label, total=total)
        yield lambda amount: progress.advance(task, amount)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar for each stage of a long piece of work."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal) as shown:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage, total=total)
            shown.update(tasks[stage], completed=done, total=total)

        yield progress


def tell_if_first_time() -> None:
    """Say why the first forecast on a machine takes longer."""
    from mesospread.app.forecast import is_prepared

    if not is_prepared():
        err.print("Preparing for this machine. Only the first time, about half a minute.")


@contextmanager
def share_bar(label: str) -> Iterator[Callable[[float], None]]:
    """Show a progress bar that is told the share done, 0 to 1."""
    shown = 0.0
    with bar(label, total=1.0, count=False) as advance:

        def progress(share: float) -> None:
            nonlocal shown
            advance(share - shown)
            shown = share

        yield progress
