"""What the model says to studies: every figure from simulated lives, through its protocol."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.errors import InputError
from mesospread.model.compiled import Plan
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.parameters import Values
from mesospread.model.structure import Structure
from mesospread.studies import statistics
from mesospread.studies.lives import Lives, regime_plan
from mesospread.studies.protocol import Arm, CourseGiven, Group, Population, Result, Study
from mesospread.studies.unstated import AS_ASSUMED, Departure, drawn, towards_first

Floats = NDArray[np.float64]
Regime = tuple[CourseGiven, ...]
#: a study of nobody says nothing: fewer lives with weight are refused
MIN_EFFECTIVE_LIVES = 20.0
#: follow-up for a hazard ratio where none is stated
FOLLOW_UP_MONTHS = 60.0


@dataclass(frozen=True)
class Predicted:
    """What the model says to one figure.

    Attributes
    ----------
    value
        The figure; a hazard ratio as a ratio.
    error
        Its simulation error; of a hazard ratio on the log scale.
    curve, curve_errors
        Of interval counts: the share alive at the end of each interval, and its simulation
        error. The last are the value and its error.
    """

    value: float
    error: float
    curve: tuple[float, ...] = ()
    curve_errors: tuple[float, ...] = ()


@dataclass(frozen=True)
class Entered:
    """One arm of a study: its lives, when they came in, and how much each counts.

    Attributes
    ----------
    lives
        Simulated.
    entry_months
        After diagnosis, (k,).
    weight
        (k,); sums to the share of the arm.
    eyes
        Log odds by which the readers of the study see more than assumed.
    """

    lives: Lives
    entry_months: Floats
    weight: Floats
    eyes: float = 0.0

    def among(self, group: Group) -> Floats:
        """Return the weights within a group, (k,)."""
        weight = self.weight
        if group.histology:
            codes, levels = self.lives.level_of("histology")
            weight = weight * np.isin(codes, [levels.index(h) for h in group.histology])
        if group.staged is not None:
            weight = weight * self.lives.staged_as(group.staged, self.eyes)
        return weight


class Protocols:
    """Some studies of one primary, ready to be predicted under many sets of values.

    Parameters
    ----------
    studies
        All of the same primary.
    structure, library, observation
        The disease, its treatments, and how it is seen.
    n
        Simulated lives of each way of treatment.
    """

    def __init__(
        self,
        studies: Sequence[Study],
        structure: Structure,
        library: TreatmentLibrary,
        observation: ObservationModel,
        n: int = 20_000,
    ) -> None:
        self.studies = tuple(studies)
        self.observation = observation
        self.n = n
        regimes = dict.fromkeys(arm.courses for s in studies for arm in s.cohort.arms)
        self.plans: dict[Regime, Plan] = {
            courses: regime_plan(structure, library, courses) for courses in regimes
        }
        self.parameters = {
            **structure.parameters,
            **library.parameters,
            **observation.parameters,
        }

    def keys(self) -> list[str]:
        """Return the names of all figures: ``study/result``."""
        return [f"{s.study}/{r.id}" for s in self.studies for r in s.result]

    def predict(
        self, values: Values, seed: int, unstated: int | None = None
    ) -> dict[str, Predicted]:
        """Return what the model says to every figure.

        Parameters
        ----------
        values
            Of all parameters, in months.
        seed
            Of the simulated lives; all ways of treatment share their clocks.
        unstated
            Number of the draw of what the protocols do not state, one for all figures of a
            study; None: the protocols as assumed.
        """
        lives = {
            regime: Lives(plan, self.observation, values, seed=seed, n=self.n)
            for regime, plan in self.plans.items()
        }
        found = {}
        for study in self.studies:
            departure = AS_ASSUMED if unstated is None else drawn(study, unstated)
            entered = enter(study, lives, departure)
            for result in study.result:
                found[f"{study.study}/{result.id}"] = predict_result(result, entered)
        return found


def enter(
    study: Population, lives: Mapping[Regime, Lives], departure: Departure = AS_ASSUMED
) -> dict[str, Entered]:
    """Return the arms of a study: which lives came in, when, and how much each counts.

    Parameters
    ----------
    study
        As its file has it.
    lives
        By way of treatment.
    departure
        How the study departs from its file.
    """
    shares = _arm_shares(study.cohort.arms, departure.treated)
    return {
        arm.name: _entered(study, share, lives[arm.courses], departure)
        for arm, share in zip(study.cohort.arms, shares, strict=True)
    }


def _arm_shares(arms: Sequence[Arm], treated: float) -> list[float]:
    """Return the shares of the arms, more treated by log odds for each treatment."""
    shares = [arm.share for arm in arms]
    if treated == 0.0:
        return shares
    raised = [arm.share * math.exp(treated * len(arm.courses)) for arm in arms]
    return [share * sum(shares) / sum(raised) for share in raised]


def _entered(study: Population, arm_share: float, lives: Lives, departure: Departure) -> Entered:
    entry, eyes = study.entry, departure.eyes
    entry_months = lives.entry_months(entry.months * math.exp(departure.entry), entry.log_sd)
    entry_months = entry_months + departure.later_months
    weight = _who(study, lives, departure)
    # an arm that was treated later than it began lived long enough to be treated
    weight *= lives.survival_months > entry_months
    if entry.staged is not None:
        weight *= lives.staged_as(entry.staged, eyes)
    if entry.free_of is not None:
        levels = lives.levels_after(entry_months)
        weight *= lives.not_found(entry.free_of.sites, entry.free_of.by, levels, eyes)
    if departure.distant != 0.0:
        visible = lives.visible(("distant",), lives.levels_after(entry_months))
        weight *= np.where(visible, math.exp(departure.distant), 1.0)
    total = weight.sum()
    if total <= 0 or total**2 < MIN_EFFECTIVE_LIVES * (weight**2).sum():
        weight = np.zeros(lives.n)
        total = 1.0
    return Entered(lives, entry_months, weight * (arm_share / total), eyes)


def _who(study: Population, lives: Lives, departure: Departure) -> Floats:
    """Return weights that make lives the people of a study, (k,)."""
    weight = np.ones(lives.n)
    for covariate, log_odds in (
        ("histology", departure.histology),
        ("performance_status", departure.fitness),
        ("sex", 0.0),
    ):
        shares: Mapping[str, float] = getattr(study.cohort, covariate)
        if shares or log_odds != 0.0:
            weight *= _to_shares(lives, covariate, shares, log_odds)
    age = study.cohort.age
    if age is not None:
        weight *= _to_age(lives, age.mean + departure.age_years, age.sd)
    elif departure.age_years != 0.0:
        now = lives.age_at_diagnosis_years
        weight *= _to_age(lives, float(now.mean()) + departure.age_years, float(now.std()))
    return weight


def _to_shares(
    lives: Lives, covariate: str, shares: Mapping[str, float], log_odds: float
) -> Floats:
    """Return weights that give the levels of a covariate these shares, moved by log odds.

    Without shares, those of the lives are moved.
    """
    codes, levels = lives.level_of(covariate)
    unknown = set(shares) - set(levels)
    if unknown:
        raise InputError(
            f"unknown level of {covariate}",
            given=", ".join(sorted(unknown)),
            allowed=", ".join(levels),
        )
    counts = np.bincount(codes, minlength=len(levels)).astype(np.float64)
    here = counts / lives.n
    wanted = np.array([shares.get(level, 0.0) for level in levels]) if shares else here
    wanted = towards_first(wanted, log_odds)
    weights: Floats = (wanted / np.maximum(counts, 1.0))[codes] * lives.n
    return weights


def _to_age(lives: Lives, mean_years: float, sd_years: float) -> Floats:
    """Return weights that turn the age at diagnosis towards this mean and spread."""
    age = lives.age_at_diagnosis_years
    z_now = (age - age.mean()) / age.std()
    z_then = (age - mean_years) / sd_years
    ratio: Floats = np.exp(np.clip(0.5 * (z_now**2 - z_then**2), -20.0, 5.0))
    return ratio


def predict_result(result: Result, arms: Mapping[str, Entered]) -> Predicted:
    """Return what the lives of a study say to one of its figures."""
    if result.statistic == "hazard_ratio":
        assert result.against is not None
        until = result.months or FOLLOW_UP_MONTHS
        groups = [_survival(result, arms, group) for group in (result.among, result.against)]
        (w1, t1, _), (w0, t0, _) = groups
        return Predicted(*statistics.hazard_ratio((w1, t1), (w0, t0), until))
    if result.statistic == "proportion":
        return _proportion(result, arms)
    weight, months, of_disease = _survival(result, arms, result.among)
    if weight.sum() <= 0:
        return Predicted(np.nan, np.nan)
    if result.statistic == "median_months":
        return Predicted(*statistics.median_months(weight, months))
    if result.intervals is not None:
        alive, errors = statistics.alive_at_ends(weight, months, result.intervals.to_months)
        curve, each = tuple(alive.tolist()), tuple(errors.tolist())
        return Predicted(curve[-1], each[-1], curve, each)
    assert result.months is not None
    event = of_disease if result.statistic == "net_alive_at" else np.ones(months.size, bool)
    return Predicted(*statistics.alive_at(weight, months, event, result.months))


def chosen(arms: Mapping[str, Entered], group: Group) -> Iterable[Entered]:
    """Return the arms that a group may come from."""
    return [arms[group.arm]] if group.arm else arms.values()


def _proportion(result: Result, arms: Mapping[str, Entered]) -> Predicted:
    weights, chances = [], []
    for arm in chosen(arms, result.among):
        weights.append(arm.among(result.among))
        chances.append(chance(result, arm))
    return Predicted(*statistics.share(np.concatenate(weights), np.concatenate(chances)))


def chance(result: Result, arm: Entered) -> Floats:
    """Return the chance that each life counts in the numerator, (k,)."""
    if result.seen is not None:
        return arm.lives.seen(result.seen, arm.entry_months, arm.eyes)
    if result.staged is not None:
        return arm.lives.staged_as(result.staged, arm.eyes)
    codes, levels = arm.lives.level_of("histology")
    return np.isin(codes, [levels.index(h) for h in result.histology]).astype(np.float64)


def _survival(
    result: Result, arms: Mapping[str, Entered], group: Group
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return weights, months from the origin to death, and whether of the disease."""
    parts = []
    for arm in chosen(arms, group):
        weight = arm.among(group)
        months = arm.lives.survival_months
        if result.origin == "entry":
            months = months - arm.entry_months
        months = months - result.since_months
        keep = (weight > 0) & (months > 0)
        parts.append((weight[keep], months[keep], arm.lives.died_of_disease[keep]))
    weight, months, of_disease = (np.concatenate(column) for column in zip(*parts, strict=True))
    return weight, months, of_disease
