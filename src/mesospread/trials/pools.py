"""The people from whom the arms of a trial are drawn, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.errors import InputError
from mesospread.model.compiled import Plan
from mesospread.model.library import ObservationModel
from mesospread.model.parameters import Values
from mesospread.studies.lives import Lives
from mesospread.studies.predict import Entered, Regime, enter
from mesospread.trials.design import Scans, TrialDesign

Floats = NDArray[np.float64]

#: keeps the readings of scans apart from other random numbers of the same seed
_READINGS = 0x7121A1


@dataclass(frozen=True)
class Pool:
    """Simulated people who could be in one arm.

    Attributes
    ----------
    weight
        (k,) how likely each is to come in; sums to 1.
    death_months
        (k,) from randomisation.
    spread_months
        (k,) until tumour is first detectable at a site where it was not; infinite if never.
    seen_months
        (k,) until a scan shows it: always a visit; infinite if none does.
    """

    weight: Floats
    death_months: Floats
    spread_months: Floats
    seen_months: Floats

    @property
    def effective(self) -> float:
        """Kish's effective number of people."""
        return float(1.0 / (self.weight**2).sum())


def make_pools(
    design: TrialDesign,
    plans: dict[Regime, Plan],
    observation: ObservationModel,
    values: Values,
    *,
    slower: float,
    seed: int,
    lives: int,
    life_table: str,
) -> tuple[Pool, Pool]:
    """Simulate the people of both arms under one set of values.

    Parameters
    ----------
    design
        The trial.
    plans
        The disease under the treatments of each arm.
    observation
        How it is seen.
    values
        Of all parameters, in months.
    slower
        Log factor by which everything takes longer in people who are chosen for trials.
    seed
        Of the lives; both arms share their clocks.
    lives
        Simulated for each arm.
    life_table
        Background mortality.

    Raises
    ------
    InputError
        If next to nobody fits the criteria of entry.
    """
    made = {
        regime: Lives(plan, observation, values, seed=seed, n=lives, life_table=life_table)
        for regime, plan in plans.items()
    }
    control, new = (
        _pool(design, arm, slower, np.random.default_rng([_READINGS, seed, number]))
        for number, arm in enumerate(enter(design.planned, made).values())
    )
    return control, new


def _pool(design: TrialDesign, arm: Entered, slower: float, rng: np.random.Generator) -> Pool:
    total = arm.weight.sum()
    if total <= 0:
        raise InputError(
            "next to nobody in the model fits who is to come in",
            where=design.trial,
            given="people and entry of the design",
            remedy="Widen them, or simulate more people (--lives)",
        )
    factor = np.exp(slower)
    lives = arm.lives
    spread = np.full(lives.n, np.inf)
    for site in lives.site_names(design.watched):
        since_entry = lives.detectable_months(site) - arm.entry_months
        spread = np.minimum(spread, np.where(since_entry > 0, since_entry, np.inf))
    seen = np.full(lives.n, np.inf)
    if design.scans is not None:
        seen = _seen(design, design.scans, arm, factor, rng)
    return Pool(
        weight=arm.weight / total,
        death_months=(lives.survival_months - arm.entry_months) * factor,
        spread_months=spread * factor,
        seen_months=seen,
    )


def _seen(
    design: TrialDesign, scans: Scans, arm: Entered, factor: float, rng: np.random.Generator
) -> Floats:
    """Return the visit at which a scan first shows tumour where the first scan showed none.

    Readings of one site at different visits are independent given what is there. What looks
    like tumour and is not is taken to have been on the first scan already.
    """
    lives = arm.lives
    dies_months = (lives.survival_months - arm.entry_months) * factor
    sites = lives.site_names(design.watched)
    seen = np.full(lives.n, np.inf)
    at_first: dict[str, NDArray[np.bool_]] = {}
    # visit by visit: all at once would not fit into memory for long trials
    for visit in np.arange(0.0, design.duration_months + 1e-9, scans.every_months):
        levels = lives.levels_after(arm.entry_months + visit / factor)
        for site in sites:
            found = rng.random(lives.n) >= lives.not_found((site,), scans.by, levels)
            if site not in at_first:
                at_first[site] = found
                continue
            new = found & ~at_first[site] & (visit <= dies_months)
            seen[new] = np.minimum(seen[new], visit)
    return seen


def one_after_another(weight: Floats, n: int) -> NDArray[np.intp]:
    """Return a systematic sample of rows in proportion to their weights, (n,)."""
    ends = np.cumsum(weight)
    rows: NDArray[np.intp] = np.searchsorted(ends, (np.arange(n) + 0.5) / n * ends[-1])
    return rows


def at_random(weight: Floats, n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return rows drawn with replacement in proportion to their weights, (n,)."""
    ends = np.cumsum(weight)
    rows: NDArray[np.intp] = np.searchsorted(ends, rng.random(n) * ends[-1])
    return rows
