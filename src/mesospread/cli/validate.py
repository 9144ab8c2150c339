"""The command that compares the model with studies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import Json, Seed, err, out, print_json, stages


def validate(
    studies: Annotated[
        Path | None, typer.Option(help="Folder of study files; default: those that ship.")
    ] = None,
    primary: Annotated[str, typer.Option(help="Whose model.")] = "pleural",
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write the page into this file.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of the parameters, 40 or more.")] = 100,
    lives: Annotated[
        int, typer.Option(help="Simulated lives of each way of treatment and draw.")
    ] = 8_000,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default: all.")] = None,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Compare the model with what studies reported, those it was fitted to and others."""
    from mesospread.app.text import validation_text
    from mesospread.app.validate import validate as compare
    from mesospread.app.validate import write_page

    with stages() as progress:
        found = compare(
            studies,
            primary=primary,
            draws=draws,
            lives=lives,
            workers=workers,
            seed=seed,
            progress=progress,
        )
    if html is not None:
        write_page(found, html)
        err.print(f"written: {html}", soft_wrap=True)
    data = found.model_dump(mode="json")
    print_json(data) if as_json else out.print(validation_text(data))
