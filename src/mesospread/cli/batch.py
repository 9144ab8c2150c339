"""Forecasts for a table of patients: ``mesospread forecast --batch``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mesospread.cli.console import bar, err, out
from mesospread.errors import InputError


def one_patient(patient: Path | None, batch: Path | None, of_a_batch: Sequence[str]) -> Path:
    """Return the patient file of a forecast that is no batch.

    Parameters
    ----------
    patient, batch
        What was given.
    of_a_batch
        Options that were given and make sense in a batch only.

    Raises
    ------
    InputError
        If there is no patient file, or something beside it that does not go with one.
    """
    if patient is None or batch is not None:
        raise InputError(
            "say whose forecast is wanted",
            given="nothing" if patient is None else f"{patient} and --batch {batch}",
            allowed="either PATIENT, a file, or --batch PATIENTS, a table",
        )
    if of_a_batch:
        raise InputError(
            "this belongs to a batch",
            where=of_a_batch[0],
            remedy="Leave it out, or give a table of patients with --batch",
        )
    return patient


def run_batch(
    table: Path,
    result: Path | None,
    *,
    as_json: bool,
    prognosis: bool,
    seed: int,
    life_table: str,
    workers: int | None,
    skip_bad: bool,
    force: bool,
) -> None:
    """Forecast every patient of a table into a file, and say what became of them.

    Raises
    ------
    InputError
        If it is not said where to, or the answer is wanted on the screen.
    MesospreadError
        As `mesospread.app.batch.forecast_batch`.
    """
    if result is None:
        raise InputError(
            "say where the forecasts go",
            where="--out",
            given="nothing",
            allowed="a name that ends in .csv, .parquet, .jsonl",
        )
    if as_json:
        raise InputError(
            "--json prints one forecast; a batch goes to a file",
            where="--json",
            remedy="Leave it out, and give --out a name that ends in .jsonl",
        )
    from mesospread.app.batch import forecast_batch, read_patient_table

    patients = read_patient_table(table)
    with bar("forecasting", total=len(patients.rows), count=True) as advance:
        summary = forecast_batch(
            patients,
            result,
            workers=workers,
            seed=seed,
            prognosis=prognosis,
            life_table=life_table,
            skip_bad=skip_bad,
            force=force,
            progress=advance,
        )
    everybody = f"of {summary.patients:,} patients"
    out.print(f"{summary.forecasts:,} {everybody} have a forecast: {result}", soft_wrap=True)
    for count, reason in (
        (summary.refused, "their facts contradict each other or the model"),
        (summary.skipped, "their rows are wrong"),
    ):
        if count:
            message = f"{count:,} {everybody} have none: {reason} (error in the result says how)"
            err.print(message, style="yellow", soft_wrap=True)
