"""What differs between two simulated arms, with intervals for independent and for paired people.

Two cohorts of one seed consist of the same people with the same random numbers. Their people are
then matched by number, and every interval allows for it; with other seeds the arms are independent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mesospread.app.cohort_files import MONTHS, Diagnosed
from mesospread.simulate.summary import wilson
from mesospread.studies.measures import alive_after

Z95 = 1.959963984540054
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]
#: what makes two arms differ by more than their treatment
_SHARED = {"model": "model", "fixed": "fixed covariates", "life_table": "life table"}
#: of a ratio that can be estimated; far less than one event gives
_LEAST_INFORMATION = 1e-9


class Interval(NamedTuple):
    """A figure with its 95 % interval."""

    estimate: float
    low: float
    high: float


class Times(NamedTuple):
    """(n,) months to an event or to the end of follow-up, and whether the event came."""

    months: Floats
    event: Flags


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


def hazard_ratio(one: Times, other: Times, rows: tuple[Rows, Rows]) -> Interval | None:
    """Return Cox's hazard ratio of the second arm against the first; None without events in both.

    Independent arms: the interval of the partial likelihood. Paired: a robust one, clustered by
    person, since the same people are in both arms.

    Parameters
    ----------
    one, other
        Of the first arm and of the second.
    rows
        Of those in both.

    References
    ----------
    Cox (1972), with Breslow's likelihood for ties; Lin, Wei (1989), doi
    10.1080/01621459.1989.10478874, and Lee, Wei, Amato (1992) for the robust error.
    """
    if not (one.event.any() and other.event.any()):
        return None
    at = np.unique(np.concatenate([one.months[one.event], other.months[other.event]]))
    risk = [x.months.size - np.searchsorted(np.sort(x.months), at) for x in (one, other)]
    events = [
        np.bincount(np.searchsorted(at, x.months[x.event]), minlength=at.size) for x in (one, other)
    ]
    all_ = events[0] + events[1]
    log_ratio = _solve(risk[0], risk[1], all_, int(events[1].sum()))
    weight = np.exp(log_ratio)
    total = risk[0] + weight * risk[1]
    share = weight * risk[1] / total
    information = float((all_ * share * (1.0 - share)).sum())
    if information < _LEAST_INFORMATION:
        return None
    variance = 1.0 / information
    if rows[0].size:
        a = _residuals(one, at, -share, all_ / total)
        b = _residuals(other, at, 1.0 - share, weight * all_ / total)
        together = (a**2).sum() + (b**2).sum() + 2.0 * (a[rows[0]] * b[rows[1]]).sum()
        variance = variance**2 * max(float(together), 0.0)
    half = Z95 * np.sqrt(variance)
    return Interval(float(weight), *(float(np.exp(log_ratio + s * half)) for s in (-1.0, 1.0)))


def _solve(
    first: NDArray[np.intp], second: NDArray[np.intp], events: NDArray[np.intp], wanted: int
) -> float:
    """Return the log ratio at which the second arm has as many events as expected."""
    log_ratio = 0.0
    for _ in range(50):
        share = second * np.exp(log_ratio) / (first + second * np.exp(log_ratio))
        information = max(float((events * share * (1.0 - share)).sum()), _LEAST_INFORMATION)
        step = (wanted - float((events * share).sum())) / information
        log_ratio += float(np.clip(step, -1.0, 1.0))
        if abs(step) < 1e-12:
            break
    return log_ratio


def _residuals(times: Times, at: Floats, own: Floats, rate: Floats) -> Floats:
    """Return (n,) score residuals of one arm.

    Parameters
    ----------
    times
        Of the arm.
    at
        (K,) months of all events.
    own
        (K,) covariate of the arm minus its mean among those at risk.
    rate
        (K,) step of the cumulative hazard of the arm.
    """
    gathered = np.concatenate([[0.0], np.cumsum(own * rate)])
    seen = np.searchsorted(at, times.months, side="right")
    # who has an event has one at a time that is in `at`
    own_event = np.where(times.event, own[np.maximum(seen - 1, 0)], 0.0)
    return np.asarray(own_event - gathered[seen], dtype=np.float64)
