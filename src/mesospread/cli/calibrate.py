"""The command that fits the parameters to studies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import Json, Seed, out, print_json, stages


def calibrate(
    out_file: Annotated[Path, typer.Option("--out", help="File for the draws, .npz.")],
    studies: Annotated[
        Path | None, typer.Option(help="Folder of study files; default: those that ship.")
    ] = None,
    primary: Annotated[str, typer.Option(help="Whose model.")] = "pleural",
    effort: Annotated[
        str,
        typer.Option(
            help="full (about an hour), short for few studies, or quick to try studies out."
        ),
    ] = "full",
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Fit the parameters to studies; needs the extra 'calibrate'."""
    from mesospread.app.calibrate import calibrate as fit
    from mesospread.app.text import calibration_text

    with stages() as progress:
        made = fit(
            out_file,
            studies=studies,
            primary=primary,
            effort=effort,
            seed=seed,
            workers=workers,
            progress=progress,
        )
    print_json(made) if as_json else out.print(calibration_text(made, str(out_file)))
