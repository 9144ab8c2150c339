"""One simulated trial: who comes in when, how long each is followed, what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mesospread.studies.two_arms import Times
from mesospread.trials.design import Endpoint, TrialDesign
from mesospread.trials.pools import Pool, at_random

Floats = NDArray[np.float64]


class Outcome(NamedTuple):
    """What is counted: an endpoint as scans show it, or as it truly happens."""

    endpoint: Endpoint
    as_seen: bool


#: death is seen when it comes
DEATH = Outcome("death", True)
_SPREAD = tuple(
    Outcome(endpoint, as_seen)
    for endpoint in ("new spread", "new spread or death")
    for as_seen in (True, False)
)


def outcomes(design: TrialDesign) -> tuple[Outcome, ...]:
    """Return what can be counted in a trial."""
    return (DEATH,) if design.scans is None else (DEATH, *_SPREAD)


def decisive(design: TrialDesign) -> Outcome:
    """Return what the trial is decided on."""
    return Outcome(design.endpoint, True)


@dataclass(frozen=True)
class Followed:
    """People of one arm of one trial.

    Attributes
    ----------
    death_months, spread_months, seen_months
        (n,) as of `Pool`.
    leaves_months
        (n,) until lost to follow-up or the analysis, from randomisation.
    """

    death_months: Floats
    spread_months: Floats
    seen_months: Floats
    leaves_months: Floats

    def first(self, n: int) -> Followed:
        """Return the first people who came in: the same trial, smaller."""
        return Followed(
            self.death_months[:n],
            self.spread_months[:n],
            self.seen_months[:n],
            self.leaves_months[:n],
        )

    def times(self, outcome: Outcome) -> Times:
        """Return what a statistician gets: months, and whether the event came."""
        stop = np.minimum(self.death_months, self.leaves_months)
        if outcome.endpoint == "death":
            return Times(stop, self.death_months <= self.leaves_months)
        spread = self.seen_months if outcome.as_seen else self.spread_months
        came = spread <= stop
        months = np.minimum(spread, stop)
        if outcome.endpoint == "new spread or death":
            came |= self.death_months <= self.leaves_months
        return Times(months, came)


def recruit(
    design: TrialDesign, pools: tuple[Pool, Pool], patients: int, rng: np.random.Generator
) -> tuple[Followed, Followed]:
    """Draw the people of a trial.

    Parameters
    ----------
    design
        The trial.
    pools
        Of both arms.
    patients
        In all; those of a smaller trial are the first of each arm.
    rng
        Of this trial.
    """
    control, new = (
        _followed(design, pool, n, rng)
        for pool, n in zip(pools, arm_sizes(design, patients), strict=True)
    )
    return control, new


def arm_sizes(design: TrialDesign, patients: int) -> tuple[int, int]:
    """Return how many of so many patients are in each arm."""
    first = round(design.shares[0] * patients)
    return first, patients - first


def _followed(design: TrialDesign, pool: Pool, n: int, rng: np.random.Generator) -> Followed:
    rows = at_random(pool.weight, n, rng)
    leaves = design.follow_up_months + design.accrual_months * rng.random(n)
    if design.lost_per_year > 0:
        per_month = -np.log1p(-design.lost_per_year) / 12.0
        leaves = np.minimum(leaves, rng.exponential(1.0 / per_month, n))
    return Followed(
        pool.death_months[rows], pool.spread_months[rows], pool.seen_months[rows], leaves
    )
