"""The command that simulates a virtual cohort."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import Json, LifeTable, Seed, bar, out, print_json
from mesospread.errors import InputError


def simulate(
    out_folder: Annotated[
        Path, typer.Option("--out", help="Folder for the files; new or empty.", show_default=False)
    ],
    n: Annotated[int, typer.Option("--n", help="Patients.")],
    seed: Seed = 1,
    primary: Annotated[str | None, typer.Option(help="Disease, e.g. pleural.")] = None,
    definition: Annotated[
        Path | None, typer.Option(help="Your own disease definition (TOML) instead.")
    ] = None,
    treatment: Annotated[
        list[str] | None, typer.Option(help="Treatment after diagnosis; repeat for more lines.")
    ] = None,
    fix: Annotated[
        list[str] | None, typer.Option(help="Covariate all share, e.g. histology=sarcomatoid.")
    ] = None,
    horizon_months: Annotated[float, typer.Option(help="Follow-up from the start.")] = 600.0,
    at: Annotated[str, typer.Option(help="Months at which states are written, e.g. 0,6,12.")] = "",
    since: Annotated[
        str, typer.Option(help="Count --at from this, e.g. diagnosis; default: the start.")
    ] = "",
    events: Annotated[bool, typer.Option("--events", help="Also write every event.")] = False,
    prognosis: Annotated[
        bool, typer.Option("--prognosis", help="Also print survival (the files always hold it).")
    ] = False,
    draw: Annotated[
        int | None, typer.Option(min=0, help="Draw the model's numbers from their ranges.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; default: all.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler (extra 'cluster').")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run.")
    ] = False,
    shard_size: Annotated[int, typer.Option(help="Patients per file; changes no result.")] = 20_000,
    life_table: LifeTable = "uk",
    as_json: Json = False,
) -> None:
    """A virtual cohort, streamed to Parquet files, with a summary."""
    from mesospread.app.cohort_figures import cohort_figures
    from mesospread.app.simulate import cohort_spec, simulate_to_folder
    from mesospread.app.text import cohort_text

    spec = cohort_spec(
        primary=primary,
        definition=definition,
        n=n,
        seed=seed,
        treatment=treatment or (),
        fixed=_assignments(fix or []),
        horizon_months=horizon_months,
        life_table=life_table,
        times_months=_numbers(at),
        since=since,
        events=events,
        shard_size=shard_size,
        draw=draw,
    )
    with bar("simulating", total=n, count=True) as advance:
        summary = simulate_to_folder(
            spec,
            out_folder,
            workers=workers or os.cpu_count() or 1,
            scheduler=scheduler,
            resume=resume,
            progress=advance,
        )
    if as_json:
        figures = cohort_figures(spec.structure, summary, spec.provenance(), prognosis=prognosis)
        print_json({**figures, "folder": str(out_folder)})
        return
    out.print(cohort_text(spec.structure, summary, prognosis=prognosis))
    out.print(f"Files: {out_folder} (run.json says how they were made)", soft_wrap=True)


def _assignments(texts: list[str]) -> dict[str, str | float]:
    """Read ``name=value`` options."""
    fixed: dict[str, str | float] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(
                "not an assignment", where="--fix", given=repr(text), allowed="name=value"
            )
        fixed[name] = value
    return fixed


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise InputError(
            "not a list of months", where="--at", given=repr(text), allowed="e.g. 0,6,12"
        ) from None
