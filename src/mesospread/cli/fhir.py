"""The commands that read a patient from a health record, and write one for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import (
    Json,
    LifeTable,
    Seed,
    err,
    out,
    print_json,
    share_bar,
    tell_if_first_time,
)

fhir = typer.Typer(
    help="Health records: FHIR R4 bundles with the profiles of mCODE, in and out.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Force = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]


@fhir.command("import")
def import_(
    bundle: Annotated[
        Path, typer.Argument(help="mCODE patient bundle (JSON).", show_default=False)
    ],
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Patient file to write, .toml; default: print.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Read a health record into a patient file, and say what was not taken over."""
    from mesospread.app.fhir import check_free, import_record, notes_text, write_text

    if out_file is not None:
        check_free(out_file, force=force, ending=".toml")
    found = import_record(bundle)
    if out_file is not None:
        write_text(out_file, found["toml"])
    if as_json:
        print_json(found)
        return
    if out_file is None:
        typer.echo(found["toml"], nl=False)
        return
    if found["notes"]:
        out.print(notes_text(found["notes"]), markup=False, soft_wrap=True)
    out.print(f"Patient file: {out_file}", markup=False, soft_wrap=True)


@fhir.command()
def export(
    patient: Annotated[
        Path, typer.Argument(help="Patient file (TOML or JSON).", show_default=False)
    ],
    forecast: Annotated[
        bool, typer.Option("--forecast", help="Add what follows, as a RiskAssessment.")
    ] = False,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Bundle to write, .json; default: print.")
    ] = None,
    force: Force = False,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="The person is made up: tag all as test data.")
    ] = False,
    seed: Seed = 1,
    life_table: LifeTable = "uk",
) -> None:
    """Write a patient as an mCODE patient bundle. It holds no name and no number of a person."""
    from mesospread.app.fhir import bundle_text, check_free, export_record, write_text

    if out_file is not None:
        check_free(out_file, force=force, ending=".json")
    if forecast:
        tell_if_first_time()
    with share_bar("simulating patients like this one") as progress:
        bundle = export_record(
            patient,
            forecast=forecast,
            synthetic=synthetic,
            seed=seed,
            life_table=life_table,
            progress=progress,
        )
    text = bundle_text(bundle)
    if out_file is None:
        typer.echo(text, nl=False)
        return
    write_text(out_file, text)
    err.print(f"Bundle: {out_file}", markup=False, soft_wrap=True)
