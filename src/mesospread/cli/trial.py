"""The command that simulates a planned trial many times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import Json, LifeTable, Seed, bar, out, print_json


def trial(
    design: Annotated[Path, typer.Argument(help="Trial file (TOML or JSON).", show_default=False)],
    trials: Annotated[int, typer.Option(help="Simulated trials, 100 or more.")] = 1_000,
    draws: Annotated[int, typer.Option(help="Draws of the parameters, 40 or more.")] = 100,
    lives: Annotated[
        int, typer.Option(help="Simulated people of each arm and draw; more if few fit.")
    ] = 4_000,
    seed: Seed = 1,
    life_table: LifeTable = "uk",
    as_json: Json = False,
) -> None:
    """What a trial with two arms would probably find: power, events, what its scans miss."""
    from mesospread.app.text import trial_text
    from mesospread.app.trial import trial as compute

    with bar("simulating trials", total=draws, count=True) as advance:
        found = compute(
            design,
            trials=trials,
            draws=draws,
            lives=lives,
            seed=seed,
            life_table=life_table,
            progress=lambda done: advance(1),
        )
    print_json(found.model_dump(mode="json")) if as_json else out.print(trial_text(found))
