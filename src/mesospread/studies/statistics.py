"""Figures of weighted lives: shares, survival, medians, hazard ratios."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: survival is read off a grid this fine
STEP_MONTHS = 0.25


def share(weight: Floats, chance: Floats) -> tuple[float, float]:
    """Return a weighted share and its simulation error.

    Parameters
    ----------
    weight
        (k,) of each life.
    chance
        (k,) that it counts.
    """
    total = weight.sum()
    if total <= 0:
        return np.nan, np.nan
    p = float(weight @ chance / total)
    error = float(np.sqrt(((weight * (chance - p)) ** 2).sum()) / total)
    return p, error


def kaplan_meier(weight: Floats, months: Floats, event: Flags, until_months: float) -> Floats:
    """Return the share alive at the end of each step of the grid, (G,).

    References
    ----------
    Kaplan, Meier (1958), doi 10.1080/01621459.1958.10501452; with weights.
    """
    deaths, at_risk = _binned(weight, months, event, until_months)
    with np.errstate(invalid="ignore", divide="ignore"):
        alive: Floats = np.cumprod(np.where(at_risk > 0, 1.0 - deaths / at_risk, 1.0)).astype(
            np.float64
        )
    return alive


def alive_at(weight: Floats, months: Floats, event: Flags, at_months: float) -> tuple[float, float]:
    """Return the share without the event at a time, and its simulation error."""
    if event.all():
        return share(weight, (months > at_months).astype(np.float64))
    curve = kaplan_meier(weight, months, event, at_months)
    p = float(curve[-1])
    effective = weight.sum() ** 2 / (weight**2).sum()
    return p, float(np.sqrt(p * (1.0 - p) / effective))


def alive_at_ends(
    weight: Floats, months: Floats, ends_months: Sequence[float]
) -> tuple[Floats, Floats]:
    """Return the share of lives that all end by death alive at times, and its error, (K,) each."""
    shares = [share(weight, (months > end).astype(np.float64)) for end in ends_months]
    alive, errors = np.array(shares).T
    return alive, errors


def median_months(weight: Floats, months: Floats) -> tuple[float, float]:
    """Return the weighted median of times that all end in the event, and its error.

    References
    ----------
    The error is that of a quantile: sqrt(p (1 - p) / n) / density, with the density from the
    quantiles one error away on both sides (Woodruff 1952, doi 10.1080/01621459.1952.10483443).
    """
    order = np.argsort(months)
    cumulative = np.cumsum(weight[order])
    total = cumulative[-1] if cumulative.size else 0.0
    if total <= 0:
        return np.nan, np.nan
    effective = total**2 / (weight**2).sum()
    half = 0.5 / np.sqrt(effective)
    at = np.interp([0.5 - half, 0.5, 0.5 + half], cumulative / total, months[order])
    return float(at[1]), float((at[2] - at[0]) / 2.0)


def hazard_ratio(
    first: tuple[Floats, Floats], second: tuple[Floats, Floats], until_months: float
) -> tuple[float, float]:
    """Return Cox's hazard ratio of two groups of lives that all end by death.

    Parameters
    ----------
    first, second
        Weights and months of each group; the second is the reference.
    until_months
        End of follow-up.

    Returns
    -------
    ratio, error of its logarithm

    References
    ----------
    Cox (1972), with Breslow's likelihood for ties on the grid; one covariate, solved by Newton's
    method.
    """
    tables = []
    for weight, months in (first, second):
        if weight.sum() <= 0:
            return np.nan, np.nan
        deaths, at_risk = _binned(
            weight / weight.sum(), months, np.ones(weight.size, bool), until_months
        )
        tables.append((deaths, at_risk))
    (d1, y1), (d0, y0) = tables
    beta, information = 0.0, 1.0
    for _ in range(50):
        risk = y1 * np.exp(beta) / np.maximum(y1 * np.exp(beta) + y0, 1e-300)
        score = float((d1 - (d1 + d0) * risk).sum())
        information = float(((d1 + d0) * risk * (1.0 - risk)).sum())
        if information <= 0:
            return np.nan, np.nan
        step = score / information
        beta += float(np.clip(step, -1.0, 1.0))
        if abs(step) < 1e-10:
            break
    effective = min(w.sum() ** 2 / (w**2).sum() for w, _ in (first, second))
    return float(np.exp(beta)), float(1.0 / np.sqrt(effective * information))


def _binned(
    weight: Floats, months: Floats, event: Flags, until_months: float
) -> tuple[Floats, Floats]:
    """Return weighted events and lives at risk in each step of the grid."""
    n_steps = max(round(until_months / STEP_MONTHS), 1)
    step = np.minimum((months / STEP_MONTHS).astype(np.int64), n_steps)
    inside = (step < n_steps) & event
    deaths: Floats = np.bincount(step[inside], weight[inside], n_steps).astype(np.float64)
    leaving = np.bincount(step, weight, n_steps + 1)
    at_risk = leaving.sum() - np.concatenate([[0.0], np.cumsum(leaving)[:-1]])[:n_steps]
    return deaths, at_risk
