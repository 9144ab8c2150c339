"""Simulate a trial many times, under many draws of the parameters.

The share of trials that succeed, averaged over the draws, is what statisticians call assurance:
power that does not take the effect of a treatment as known.

References
----------
O'Hagan, Stevens, Campbell (2005), Assurance in clinical trial design, Pharmaceutical Statistics
4:187-201, doi 10.1002/pst.175.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from mesospread.errors import InputError
from mesospread.model.calibrated import Calibrated
from mesospread.model.compiled import Plan
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.parameters import DRAWS_SEED, Values, ranges
from mesospread.model.structure import Structure
from mesospread.studies.check import MIN_DRAWS, scatter_of, selection
from mesospread.studies.lives import regime_plan
from mesospread.studies.predict import Regime
from mesospread.studies.two_arms import Times, hazard_ratio, log_rank, median_months
from mesospread.trials.design import TrialDesign
from mesospread.trials.outcomes import (
    Followed,
    arm_sizes,
    decisive,
    outcomes,
    recruit,
)
from mesospread.trials.pools import Pool, make_pools, one_after_another

Floats = NDArray[np.float64]

#: sizes of the trial that are tried beside the planned one, as multiples of it
SIZES = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
MIN_TRIALS = 100
#: people of one arm for the hazard ratio that a trial of everybody would find
_EVERYBODY = 8_000
#: simulated people for each that a trial draws, at least
_PEOPLE_PER_PATIENT = 2.0
_MOST_LIVES = 200_000
#: keep the trials, and their levels, apart from other random numbers of the same seed
_TRIALS, _LEVELS = 0x7121A2, 0x1E7E15


@dataclass(frozen=True)
class Settings:
    """How hard to try.

    Attributes
    ----------
    trials
        Simulated in all; rounded up to the same number for each draw.
    draws
        Of the parameters.
    lives
        Simulated for each arm and draw; more are made if few fit who is to come in.
    seed
        Of everything.
    life_table
        Background mortality.
    """

    trials: int = 1_000
    draws: int = 100
    lives: int = 4_000
    seed: int = 1
    life_table: str = "uk"

    @property
    def per_draw(self) -> int:
        """Trials under each draw."""
        return -(-self.trials // self.draws)


@dataclass(frozen=True)
class Found:
    """What the trials of one draw found.

    Attributes
    ----------
    score
        (T, O) standard normal scores of the log-rank test; below 0: in favour of the new arm.
    log_ratio
        (T, O) log hazard ratios, NaN without events in both arms.
    events
        (T, O).
    medians
        (T, O, 2) months, control first; infinite if not reached.
    by_size
        (T, S) scores of the decisive outcome for trials of other sizes.
    model_log_ratio
        (O,) of a trial of everybody.
    scans
        (2, 3) for each arm: share with new spread, share of it seen, median delay in months.
    effective
        Effective number of people, the smaller of both arms.
    """

    score: Floats
    log_ratio: Floats
    events: Floats
    medians: Floats
    by_size: Floats
    model_log_ratio: Floats
    scans: Floats
    effective: float


class Trials:
    """A trial, ready to be simulated under any set of values.

    Parameters
    ----------
    design
        The trial.
    structure, library, observation
        The disease, its treatments, and how it is seen.
    settings
        How hard to try.
    """

    def __init__(
        self,
        design: TrialDesign,
        structure: Structure,
        library: TreatmentLibrary,
        observation: ObservationModel,
        settings: Settings,
    ) -> None:
        _check(settings)
        self.design, self.settings = design, settings
        self.observation = observation
        self.plans: dict[Regime, Plan] = {
            arm.courses: regime_plan(structure, library, arm.courses)
            for arm in design.planned.cohort.arms
        }
        self.parameters = {
            **structure.parameters, **library.parameters, **observation.parameters
        }  # fmt: skip
        self.outcomes = outcomes(design)
        self.decisive = self.outcomes.index(decisive(design))
        self.sizes = tuple(max(round(share * design.patients), 20) for share in SIZES)
        self.lives = settings.lives

    def values(self) -> list[Mapping[str, float]]:
        """Return the draws of all parameters."""
        spread = ranges(self.parameters)
        drawn = spread.draws(DRAWS_SEED, 0, self.settings.draws)
        return [dict(zip(spread.names, row.tolist(), strict=True)) for row in drawn]

    def run(
        self, posterior: Calibrated | None, progress: Callable[[int], None] = lambda done: None
    ) -> list[Found]:
        """Simulate all trials.

        Parameters
        ----------
        posterior
            How much slower the disease of chosen people is, and how much trials differ in it.
        progress
            Called with the number of draws done.

        Raises
        ------
        InputError
            If too few simulated people fit who is to come in.
        """
        slower = pace(self.design.setting, posterior, self.settings)
        found = []
        for number, values in enumerate(self.values()):
            pools = self._pools(values, float(slower[number]), number)
            found.append(self._trials(pools, number))
            progress(number + 1)
        return found

    def _pools(self, values: Values, slower: float, number: int) -> tuple[Pool, Pool]:
        """Simulate people; more of them if too few fit who is to come in."""
        needed = _PEOPLE_PER_PATIENT * max(arm_sizes(self.design, self.design.patients))
        while True:
            pools = make_pools(
                self.design,
                self.plans,
                self.observation,
                values,
                slower=slower,
                seed=self.settings.seed + number,
                lives=self.lives,
                life_table=self.settings.life_table,
            )
            effective = min(pool.effective for pool in pools)
            if effective >= needed:
                return pools
            wanted = round(1.3 * self.lives * needed / effective)
            if wanted > _MOST_LIVES:
                raise InputError(
                    "too few people in the model fit who is to come in",
                    where=self.design.trial,
                    given=f"about {effective:.0f} of {self.lives:,} simulated people",
                    allowed=f"{needed:.0f} at least, {_PEOPLE_PER_PATIENT:g} for each patient of "
                    "an arm",
                    remedy="Widen people and entry of the design, or plan fewer patients",
                )
            self.lives = wanted

    def _trials(self, pools: tuple[Pool, Pool], number: int) -> Found:
        design, settings = self.design, self.settings
        largest = max(self.sizes)
        rng = np.random.default_rng([_TRIALS, settings.seed, number])
        rows = [self._one(recruit(design, pools, largest, rng)) for _ in range(settings.per_draw)]
        score, log_ratio, events, medians, by_size = (
            np.array(column) for column in zip(*rows, strict=True)
        )
        return Found(
            score=score,
            log_ratio=log_ratio,
            events=events,
            medians=medians,
            by_size=by_size,
            model_log_ratio=np.array(list(self._of_everybody(pools))),
            scans=np.array([_scans(design, pool) for pool in pools]),
            effective=min(pool.effective for pool in pools),
        )

    def _one(
        self, arms: tuple[Followed, Followed]
    ) -> tuple[list[float], list[float], list[int], list[tuple[float, float]], list[float]]:
        planned = self._of_size(arms, self.design.patients)
        score, log_ratio, events, medians = [], [], [], []
        for outcome in self.outcomes:
            one, other = (arm.times(outcome) for arm in planned)
            ratio = hazard_ratio(one, other)
            score.append(log_rank(one, other))
            log_ratio.append(np.nan if ratio is None else float(np.log(ratio.estimate)))
            events.append(int(one.event.sum() + other.event.sum()))
            medians.append((median_months(one), median_months(other)))
        by_size = [
            log_rank(*self._decisive(self._of_size(arms, patients))) for patients in self.sizes
        ]
        return score, log_ratio, events, medians, by_size

    def _decisive(self, arms: tuple[Followed, Followed]) -> tuple[Times, Times]:
        outcome = self.outcomes[self.decisive]
        return arms[0].times(outcome), arms[1].times(outcome)

    def _of_size(self, arms: tuple[Followed, Followed], patients: int) -> tuple[Followed, Followed]:
        first, second = arm_sizes(self.design, patients)
        return arms[0].first(first), arms[1].first(second)

    def _of_everybody(self, pools: tuple[Pool, Pool]) -> Iterator[float]:
        """Return the log hazard ratio that a trial of everybody would find, by outcome."""
        arms = [_everybody(self.design, pool) for pool in pools]
        for outcome in self.outcomes:
            ratio = hazard_ratio(arms[0].times(outcome), arms[1].times(outcome))
            yield np.nan if ratio is None else float(np.log(ratio.estimate))


def pace(setting: str, posterior: Calibrated | None, settings: Settings) -> Floats:
    """Return by how much slower, on the log scale, all goes in the trials of each draw, (D,).

    People who are chosen live longer than their age, fitness and treatment explain, and those
    of one trial longer or shorter than those of another, by the scatter between studies. A draw
    of the parameters has one trial's level; the levels are spread evenly over the scatter.

    Parameters
    ----------
    setting
        See `TrialDesign`.
    posterior
        Which holds both; 0 if there is none.
    settings
        Draws and seed.
    """
    n = settings.draws
    if posterior is None:
        return np.zeros(n)
    level = np.random.default_rng([_LEVELS, settings.seed]).permutation(np.arange(n) + 0.5) / n
    between: Floats = scatter_of("survival", posterior, n) * ndtri(level)
    return selection(setting, posterior, n) + between


def _check(settings: Settings) -> None:
    for name, given, least in (
        ("trials", settings.trials, MIN_TRIALS),
        ("draws", settings.draws, MIN_DRAWS),
        ("lives", settings.lives, 1_000),
    ):
        if given < least:
            raise InputError(
                f"too few {name} to say anything",
                where=f"--{name}",
                given=f"{given}",
                allowed=f"{least} or more",
            )


def _everybody(design: TrialDesign, pool: Pool) -> Followed:
    """Return a large sample of a pool, all followed for as long as the average patient."""
    rows = one_after_another(pool.weight, _EVERYBODY)
    leaves = np.full(rows.size, design.follow_up_months + 0.5 * design.accrual_months)
    return Followed(
        pool.death_months[rows], pool.spread_months[rows], pool.seen_months[rows], leaves
    )


def _scans(design: TrialDesign, pool: Pool) -> tuple[float, float, float]:
    """Return the share with new spread, the share of it that was seen, and the median delay."""
    if design.scans is None:
        return np.nan, np.nan, np.nan
    rows = one_after_another(pool.weight, _EVERYBODY)
    death, spread, seen = (
        x[rows] for x in (pool.death_months, pool.spread_months, pool.seen_months)
    )
    until = np.minimum(death, design.duration_months)
    there = spread <= until
    if not there.any():
        return 0.0, np.nan, np.nan
    shown = there & (seen <= until)
    delay = float(np.median(seen[shown] - spread[shown])) if shown.any() else np.nan
    return float(there.mean()), float(shown[there].mean()), delay


def critical(design: TrialDesign) -> float:
    """Return the score beyond which a difference is significant."""
    return float(-ndtri(design.alpha / 2.0))
