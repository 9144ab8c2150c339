"""The command that draws research figures of simulated cohorts and trials."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import out


def figures(
    cohort: Annotated[
        Path,
        typer.Argument(help="Folder that `simulate --out` wrote, or file of `trial --json`."),
    ],
    folder: Annotated[Path, typer.Option("--out", help="Folder for the figures; new or empty.")],
    other: Annotated[
        Path | None, typer.Argument(help="A second cohort, to compare.", show_default=False)
    ] = None,
    png: Annotated[bool, typer.Option("--png", help="Also write PNG.")] = False,
) -> None:
    """Research figures of a simulated cohort, of two, or of a planned trial. They show survival."""
    from mesospread.app.figures import write_figures

    for path in write_figures(cohort, other, folder, png=png):
        out.print(f"{path.name:<20} {path.stat().st_size / 1024:6.0f} KiB", highlight=False)
