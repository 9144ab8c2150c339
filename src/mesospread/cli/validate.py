"""The command that compares the model with studies, or with a table of patients."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import Json, LifeTable, Seed, bar, err, out, print_json, stages
from mesospread.errors import InputError

_DRAWS, _LIVES, _PRIMARY = 100, 8_000, "pleural"


def validate(
    studies: Annotated[
        Path | None, typer.Option(help="Folder of study files; default: those that ship.")
    ] = None,
    cohort: Annotated[
        Path | None,
        typer.Option(help="Table of patients with followed_months and died, in place of studies."),
    ] = None,
    primary: Annotated[str, typer.Option(help="Whose model.")] = _PRIMARY,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write the page into this file.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of the parameters, 40 or more.")] = _DRAWS,
    lives: Annotated[
        int, typer.Option(help="Simulated lives of each way of treatment and draw.")
    ] = _LIVES,
    precise: Annotated[
        bool, typer.Option(help="With --cohort: forecasts with a third of the error, slower.")
    ] = False,
    life_table: LifeTable = "uk",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default: all.")] = None,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Compare the model with what studies reported, those it was fitted to and others.

    Or, with --cohort, compare forecasts with what became of the patients of a table.
    """
    if cohort is not None:
        _refuse_beside_cohort(studies, primary, draws, lives)
        _cohort(cohort, html, precise, life_table, workers, seed, as_json)
        return
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


def _refuse_beside_cohort(studies: Path | None, primary: str, draws: int, lives: int) -> None:
    """Refuse what --cohort does not use, so that nobody thinks it did."""
    for option, given in (
        ("--studies", studies is not None),
        ("--primary", primary != _PRIMARY),
        ("--draws", draws != _DRAWS),
        ("--lives", lives != _LIVES),
    ):
        if given:
            raise InputError(
                "this belongs to a comparison with studies",
                where=option,
                remedy="Leave it out, or leave --cohort out; the table says the primary",
            )


def _cohort(
    table: Path,
    html: Path | None,
    precise: bool,
    life_table: str,
    workers: int | None,
    seed: int,
    as_json: bool,
) -> None:
    from mesospread.app.cohort_check import FULL, check_cohort, read_followed, write_cohort_page
    from mesospread.app.text import cohort_check_text

    patients = read_followed(table)
    with bar("forecasting", total=len(patients.patients), count=True) as advance:
        found = check_cohort(
            patients,
            workers=workers,
            seed=seed,
            effort=FULL if precise else None,
            life_table=life_table,
            progress=advance,
        )
    if html is not None:
        write_cohort_page(found, html)
        err.print(f"written: {html}", soft_wrap=True)
    data = found.model_dump(mode="json")
    print_json(data) if as_json else out.print(cohort_check_text(data))
