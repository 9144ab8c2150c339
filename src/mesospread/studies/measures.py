"""How good forecasts of survival are: order, size, and error, with people who left.

Each measure takes counts of how often each patient is taken, so that a bootstrap over patients
is one more dimension, not one more loop.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: patients compared at once with all others, so that memory does not grow with their square
_BLOCK = 256
#: a forecast is taken to be no surer than this when it stands on the logit scale
_MOST_SURE = 1e-4
_NEWTON_STEPS = 30


def resampled(n: int, replicates: int, seed: int) -> Floats:
    """Return how often each patient is taken in each bootstrap sample, (B, n)."""
    rng = np.random.default_rng(seed)
    counts: Floats = rng.multinomial(n, np.full(n, 1.0 / n), size=replicates).astype(np.float64)
    return counts


def alive_after(
    months: Floats, died: Flags, at_months: Floats | float
) -> tuple[Floats, Floats, Floats]:
    """Return the Kaplan-Meier share alive at times, with its 95 % interval.

    Parameters
    ----------
    months, died
        (n,) follow-up, and whether it ended by death.
    at_months
        (K,) or one time.

    Returns
    -------
    estimate, low, high
        (K,) each; the interval is on the log-log scale, and NaN where nobody or everybody has
        died.

    References
    ----------
    Kaplan, Meier (1958), doi 10.1080/01621459.1958.10501452; Kalbfleisch, Prentice (2002).
    """
    at = np.atleast_1d(np.asarray(at_months, dtype=np.float64))
    if not died.any():
        return np.ones(at.size), np.full(at.size, np.nan), np.full(at.size, np.nan)
    curve = stats.ecdf(stats.CensoredData.right_censored(months, ~died)).sf
    with warnings.catch_warnings():
        # the ends of the curve have no interval: they are NaN
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = curve.confidence_interval(0.95, method="log-log")
    inside = at >= months[died].min()
    low = np.where(inside, interval.low.evaluate(at), np.nan)
    high = np.where(inside, interval.high.evaluate(at), np.nan)
    return np.asarray(curve.evaluate(at), dtype=np.float64), low, high


def followed_share(months: Floats, died: Flags, at_months: Floats | float) -> Floats:
    """Return the share not yet lost to follow-up at times (left limit), at least 1 in n.

    Who dies at a time was not at risk of leaving at that time.
    """
    at = np.atleast_1d(np.asarray(at_months, dtype=np.float64))
    if died.all():
        return np.ones(at.size)
    shifted = np.where(died, np.nextafter(months, -np.inf), months)
    share, _, _ = alive_after(shifted, ~died, np.nextafter(at, -np.inf))
    return np.maximum(share, 1.0 / months.size)


def concordance(
    risk: Floats,
    months: Floats,
    died: Flags,
    *,
    each: Floats | None = None,
    taken: Floats | None = None,
) -> Floats:
    """Return how often, of two patients, the one with the higher risk died first.

    Parameters
    ----------
    risk
        (n,) higher for those who are forecast to die earlier; ties count one half.
    months, died
        (n,) follow-up.
    each
        (n,) weight of the pairs in which a patient is the one who died first. None: one, which
        is Harrell's index; deaths before a horizon by one over the squared share followed is
        Uno's.
    taken
        (B, n) how often each patient is taken; None: once.

    Returns
    -------
    (B,) the index; NaN without a pair that can be compared.

    References
    ----------
    Harrell et al. (1982), doi 10.1001/jama.1982.03320430047030; Uno et al. (2011),
    doi 10.1002/sim.4154.
    """
    taken = np.ones((1, risk.size)) if taken is None else taken
    each = np.ones(risk.size) if each is None else each
    first = np.flatnonzero(died & (each > 0))
    won, pairs = np.zeros(len(taken)), np.zeros(len(taken))
    for start in range(0, first.size, _BLOCK):
        rows = first[start : start + _BLOCK]
        later = months[None, :] > months[rows, None]
        # of two with the same time, the one who only left is known to have lived longer
        later |= (months[None, :] == months[rows, None]) & ~died[None, :]
        higher = np.sign(risk[rows, None] - risk[None, :]) * 0.5 + 0.5
        weight = taken[:, rows] * each[rows]
        won += (weight * (taken @ (later * higher).T)).sum(axis=1)
        pairs += (weight * (taken @ later.astype(np.float64).T)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        index: Floats = won / pairs
    return index


def uno_weights(months: Floats, died: Flags, until_months: float) -> Floats:
    """Return the weights that make `concordance` Uno's index up to a horizon, (n,)."""
    weight: Floats = (died & (months < until_months)) / followed_share(months, died, months) ** 2
    return weight


def known_by(months: Floats, died: Flags, at_months: float) -> tuple[Floats, Floats]:
    """Return whether each patient had died by a time, and how many people each stands for.

    Who left before is not known, weighs nothing, and is stood for by those who stayed
    (inverse probability of censoring).
    """
    dead = (months <= at_months) & died
    weight = dead / followed_share(months, died, months)
    weight += (months > at_months) / followed_share(months, died, np.nextafter(at_months, np.inf))
    return dead.astype(np.float64), weight


def squared_error(alive: Floats, months: Floats, died: Flags, at_months: float) -> Floats:
    """Return each patient's part of the Brier score at a time, (n,); their mean is the score.

    Parameters
    ----------
    alive
        (n,) forecast share alive at that time.
    months, died
        (n,) follow-up.
    at_months
        The time.

    References
    ----------
    Graf et al. (1999), Statistics in Medicine 18:2529-2545.
    """
    dead, weight = known_by(months, died, at_months)
    part: Floats = weight * (1.0 - dead - alive) ** 2
    return part


def over_time(by_month: Floats, grid_months: Floats) -> Floats:
    """Return the mean over time of figures on a grid, (..., G) to (...): trapezoids."""
    area = np.asarray(np.trapezoid(by_month, grid_months, axis=-1), dtype=np.float64)
    mean: Floats = area / (grid_months[-1] - grid_months[0])
    return mean


def recalibration(
    alive: Floats, months: Floats, died: Flags, at_months: float, taken: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return how forecasts of death by a time would have to be moved and stretched.

    Parameters
    ----------
    alive
        (n,) forecast share alive at that time.
    months, died
        (n,) follow-up.
    at_months
        The time.
    taken
        (B, n) how often each patient is taken; None: once.

    Returns
    -------
    slope
        (B,) of the log odds of death on the forecast log odds; 1: right; below 1: too
        far apart. NaN where the data cannot tell.
    shift
        (B,) log odds by which all forecasts of death are too low, with a slope of 1.

    References
    ----------
    Cox (1958), doi 10.1093/biomet/45.3-4.562; weights for censoring as in `known_by`.
    """
    dead, weight = known_by(months, died, at_months)
    x = -_logit(alive)
    counts = weight[None, :] if taken is None else taken * weight
    offset = np.zeros_like(x)
    slope = _logistic(np.stack([np.ones_like(x), x]), offset, dead, counts)[:, 1]
    shift = _logistic(np.ones((1, x.size)), x, dead, counts)[:, 0]
    return slope, shift


def _logit(share: Floats) -> Floats:
    inside = np.clip(share, _MOST_SURE, 1.0 - _MOST_SURE)
    odds: Floats = np.log(inside / (1.0 - inside))
    return odds


def _logistic(design: Floats, offset: Floats, y: Floats, counts: Floats) -> Floats:
    """Fit weighted logistic regressions by Newton's method.

    Parameters
    ----------
    design, offset, y
        (p, n), (n,), (n,).
    counts
        (B, n): one fit for each row.

    Returns
    -------
    (B, p) coefficients; NaN where they do not exist.
    """
    p = len(design)
    beta = np.zeros((len(counts), p))
    products = np.einsum("pn,qn->npq", design, design).reshape(-1, p * p)
    for _ in range(_NEWTON_STEPS):
        chance = 1.0 / (1.0 + np.exp(-(beta @ design + offset)))
        score = (counts * (y - chance)) @ design.T
        information = ((counts * chance * (1.0 - chance)) @ products).reshape(-1, p, p)
        information += 1e-12 * np.eye(p)
        step = np.linalg.solve(information, score[..., None])[..., 0]
        beta += np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-8:
            break
    beta[np.abs(step).max(axis=1) > 1e-6] = np.nan
    return beta


def expected_deaths(alive: Floats, grid_months: Floats, months: Floats) -> Floats:
    """Return the deaths forecast for each patient while followed, (n,).

    The cumulative hazard of the forecast at the end of follow-up: summed over patients, what a
    right forecast counts on average.

    Parameters
    ----------
    alive
        (n, G) forecast share alive on the grid.
    grid_months
        (G,), from 0.
    months
        (n,) follow-up; what lies beyond the grid does not count.

    References
    ----------
    Crowson, Atkinson, Therneau (2016), doi 10.1177/0962280213497434.
    """
    hazard = -np.log(np.clip(alive, 1e-12, 1.0))
    end = np.minimum(months, grid_months[-1])
    found: Floats = np.array(
        [np.interp(m, grid_months, h) for m, h in zip(end, hazard, strict=True)]
    )
    return found
