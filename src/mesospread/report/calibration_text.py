"""How a calibration went, ready to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text


def calibration_text(made: Mapping[str, Any], path: str) -> RenderableType:
    """Return what there is to say about a finished calibration.

    Parameters
    ----------
    made
        As `mesospread.app.calibrate.calibrate` returns it.
    path
        Where the draws are.
    """
    table = Table(
        title="Waves of simulation, and the sampler after each",
        box=box.SIMPLE_HEAD,
        title_justify="left",
    )
    for heading in (
        "wave",
        "points",
        "emulator misses",
        "R-hat",
        "bulk ESS",
        "tail ESS",
        "diverging",
    ):
        table.add_column(heading, justify="right")
    for number, wave in enumerate(made["waves"], start=1):
        table.add_row(
            str(number),
            str(wave["points"]),
            f"{wave['emulator_sd']:.3f}",
            f"{wave['r_hat']:.3f}",
            f"{wave['ess_bulk']:.0f}",
            f"{wave['ess_tail']:.0f}",
            str(wave["divergences"]),
        )
    agrees = made["emulator"]
    silent = made["prior_dominated"]
    fitted = len(made["calibrated_on"])
    text = (
        f"{fitted} figures fitted in {made['hours']:.1f} hours. At {agrees['points']:.0f} draws of "
        f"the posterior the emulator differs from the simulator by {agrees['rms']:.2f} of its "
        f"stated error (1 is right), {agrees['bias']:+.2f} on average.\n"
        f"The studies say little about {len(silent)} of {made['parameters']} fitted parameters: "
        f"these stay near their stated ranges."
    )
    return Group(table, Text(text), Text(f"Draws: {path}"))
