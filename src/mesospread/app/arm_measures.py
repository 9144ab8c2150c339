"""What differs between two simulated arms, with intervals for independent and for paired people.

Two cohorts of one seed consist of the same people with the same random numbers. Their people are
then matched by number, and every interval allows for it; with other seeds the arms are independent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.app.cohort_files import MONTHS, Diagnosed
from mesospread.simulate.summary import wilson
from mesospread.studies.measures import alive_after
from mesospread.studies.observed import Z95
from mesospread.studies.two_arms import Interval, Times, hazard_ratio

__all__ = ["Interval", "Times", "hazard_ratio"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]
#: what makes two arms differ by more than their treatment
_SHARED = {"model": "model", "fixed": "fixed covariates", "life_table": "life table"}


@dataclass(frozen=True)
class Arms:
    """Two arms; the first is the one that the second is compared with.

    Attributes
    ----------
    first, second
        Their people.
    rows
        (k,) rows of the first arm, and of the second, of those who are in both.
    """

    first: Diagnosed
    second: Diagnosed
    rows: tuple[Rows, Rows]

    @property
    def paired(self) -> bool:
        """Whether any person is in both arms."""
        return bool(self.rows[0].size)

    @property
    def names(self) -> tuple[str, str]:
        """What to call the arms: their treatments if these differ."""
        names = (self.first.treatments, self.second.treatments)
        return names if names[0] != names[1] else (f"{names[0]} (1)", f"{names[1]} (2)")

    @property
    def also_differ_in(self) -> list[str]:
        """What beside treatment is not the same in both."""
        one, other = self.first.run, self.second.run
        found = [name for key, name in _SHARED.items() if one.get(key) != other.get(key)]
        return found + ["numbers of the model"] * (_values(one, other) != _values(other, one))


def _values(run: dict[str, str], other: dict[str, str]) -> object:
    """Return the numbers of a model that the other has too; each treatment brings its own."""
    own, theirs = json.loads(run["parameters"]), json.loads(other["parameters"])
    if isinstance(own, dict) and isinstance(theirs, dict):
        return {name: value for name, value in own.items() if name in theirs}
    return own


def match(first: Diagnosed, second: Diagnosed) -> Arms:
    """Match the people of two arms.

    The random numbers of a person depend on the seed and on the person's number alone.
    """
    if first.run["seed"] != second.run["seed"]:
        none = np.empty(0, np.intp)
        return Arms(first, second, (none, none))
    _, one, other = np.intersect1d(
        first.patient, second.patient, assume_unique=True, return_indices=True
    )
    return Arms(first, second, (one, other))


def death(cohort: Diagnosed) -> Times:
    """Return the times to death; who is alive at `MONTHS` is censored there."""
    return Times(np.minimum(cohort.death, MONTHS), cohort.death <= MONTHS)


def without_distant(cohort: Diagnosed) -> Diagnosed:
    """Return those without detectable distant spread at diagnosis."""
    return cohort.some(cohort.first_of(cohort.distant) > 0)


def first_distant(cohort: Diagnosed) -> tuple[Times, Times]:
    """Return the times to the first detectable distant spread, and to death before it."""
    spread = cohort.first_of(cohort.distant)
    months = np.minimum(np.minimum(spread, cohort.death), MONTHS)
    came = (spread <= cohort.death) & (spread <= MONTHS)
    return Times(months, came), Times(months, ~came & (cohort.death <= MONTHS))


def difference(one: Flags, other: Flags, rows: tuple[Rows, Rows]) -> Interval:
    """Return the share of the second arm minus that of the first.

    From Wilson's limits of both shares and the correlation of the two estimates, which is 0 for
    independent arms. The interval does not shrink to nothing where an event is rare.

    Parameters
    ----------
    one, other
        (n,) of the first arm, (m,) of the second.
    rows
        Of those in both.

    References
    ----------
    Newcombe (1998), doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I;
    Zou, Donner (2008), doi 10.1002/sim.3095, for the correlation.
    """
    p, q = float(one.mean()), float(other.mean())
    (p_low, p_high), (q_low, q_high) = (wilson(int(x.sum()), x.size) for x in (one, other))
    shared = _covariance(one, other, rows)
    spread = np.sqrt(p * (1 - p) / one.size * q * (1 - q) / other.size)
    r = float(np.clip(shared / spread, -1.0, 1.0)) if spread > 0 else 0.0
    down = (q - q_low) ** 2 + (p_high - p) ** 2 - 2 * r * (q - q_low) * (p_high - p)
    up = (q_high - q) ** 2 + (p - p_low) ** 2 - 2 * r * (q_high - q) * (p - p_low)
    return Interval(q - p, q - p - max(down, 0.0) ** 0.5, q - p + max(up, 0.0) ** 0.5)


def mean_difference(one: Floats, other: Floats, rows: tuple[Rows, Rows]) -> Interval:
    """Return the mean of the second arm minus that of the first, with Wald's interval."""
    gap = float(other.mean() - one.mean())
    square = one.var() / one.size + other.var() / other.size - 2 * _covariance(one, other, rows)
    half = Z95 * float(np.sqrt(max(square, 0.0)))
    return Interval(gap, gap - half, gap + half)


def _covariance(one: Floats | Flags, other: Floats | Flags, rows: tuple[Rows, Rows]) -> float:
    """Return the covariance of two means of which some people are in both."""
    if rows[0].size == 0:
        return 0.0
    a = one[rows[0]].astype(float) - float(np.mean(one))
    b = other[rows[1]].astype(float) - float(np.mean(other))
    return float((a * b).sum() / (one.size * other.size))


def median(times: Times) -> tuple[float | None, float | None, float | None]:
    """Return the median survival and its interval, months; None where not reached.

    References
    ----------
    Brookmeyer, Crowley (1982), doi 10.2307/2530286, on the log-log scale.
    """
    at = np.unique(times.months[times.event])
    if at.size == 0:
        return None, None, None
    estimate, low, high = alive_after(times.months, times.event, at)
    found = [
        float(at[np.argmax(below)]) if (below := curve <= 0.5).any() else None
        for curve in (estimate, low, high)
    ]
    return found[0], found[1], found[2]
