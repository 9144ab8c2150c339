"""Two arms of a trial: Cox's hazard ratio, the log-rank test, and the median of one arm."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mesospread.studies.observed import Z95

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.intp]
Rows = NDArray[np.intp]
#: of a ratio that can be estimated; far less than one event gives
_LEAST_INFORMATION = 1e-9
#: one half as a product of shares
_ROUNDING = 1e-12
#: nobody is in both arms
APART: tuple[Rows, Rows] = (np.empty(0, np.intp), np.empty(0, np.intp))


class Interval(NamedTuple):
    """A figure with its 95 % interval."""

    estimate: float
    low: float
    high: float


class Times(NamedTuple):
    """(n,) months to an event or to the end of follow-up, and whether the event came."""

    months: Floats
    event: Flags


def hazard_ratio(one: Times, other: Times, rows: tuple[Rows, Rows] = APART) -> Interval | None:
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
    at, risk, events = _table(one, other)
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


def _solve(first: Counts, second: Counts, events: Counts, wanted: int) -> float:
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


def log_rank(one: Times, other: Times) -> float:
    """Return the standard normal score of the log-rank test; 0 without an event.

    Above 0: the second arm has more events than expected.

    References
    ----------
    Mantel (1966); with the hypergeometric variance of tied events.
    """
    _, risk, events = _table(one, other)
    all_, at_risk = events[0] + events[1], risk[0] + risk[1]
    share = risk[1] / at_risk
    score = float((events[1] - all_ * share).sum())
    ties = np.where(at_risk > 1, (at_risk - all_) / np.maximum(at_risk - 1, 1), 0.0)
    variance = float((all_ * share * (1.0 - share) * ties).sum())
    return score / variance**0.5 if variance > 0 else 0.0


def median_months(times: Times) -> float:
    """Return the Kaplan-Meier median; infinite if it is not reached.

    References
    ----------
    Kaplan, Meier (1958), doi 10.1080/01621459.1958.10501452.
    """
    at, deaths = np.unique(times.months[times.event], return_counts=True)
    at_risk = times.months.size - np.searchsorted(np.sort(times.months), at)
    below = np.cumprod(1.0 - deaths / at_risk) <= 0.5 + _ROUNDING
    return float(at[np.argmax(below)]) if below.any() else float("inf")


def _table(one: Times, other: Times) -> tuple[Floats, list[Counts], list[Counts]]:
    """Return the (K,) months of all events, and for each arm who is at risk and who has one."""
    at = np.unique(np.concatenate([one.months[one.event], other.months[other.event]]))
    risk = [x.months.size - np.searchsorted(np.sort(x.months), at) for x in (one, other)]
    events = [
        np.bincount(np.searchsorted(at, x.months[x.event]), minlength=at.size) for x in (one, other)
    ]
    return at, risk, events
