"""How far parameter draws lie apart: estimates, their bands, and the noise in both.

Every answer is a ratio of two sums over histories: the mass with something over the mass among
which it is asked. For a plain probability that is the mass of everybody; for a conditional one,
the mass of those in whom the condition holds. Both are dealt with alike, by the equations 16 and
17 of docs/model.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.band import Band

Floats = NDArray[np.float64]

_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Spread:
    """Some estimates with their 95 % credible bands and simulation errors, (K,) each.

    Attributes
    ----------
    estimate
        Average over the parameter draws.
    low, high
        95 % credible band: the spread of the draws, at least the simulation error.
    standard_error
        Of the estimate, for these draws.
    """

    estimate: Floats
    low: Floats
    high: Floats
    standard_error: Floats


def spread_of(
    by_draw: Floats,
    share: Floats,
    noise: Floats,
    standard_error: Floats,
    limits: tuple[Floats | float, Floats | float] = (0.0, 1.0),
) -> Spread:
    """Return the average over the draws and the band that they span (equation 17).

    The band is the spread of the draws less the simulation noise in it; where the noise hides
    the spread, it is at least that noise.

    Parameters
    ----------
    by_draw
        (D, K) the answer under each draw.
    share
        (D,), or (D, K) if each answer has its own: weights of the draws; they sum to 1.
    noise
        (K,) average simulation variance of one draw.
    standard_error
        (K,) of the averages.
    limits
        Least and greatest value possible.
    """
    estimate = np.clip(np.round(_mean(by_draw, share), 12), *limits)
    gap = by_draw - estimate
    spread = _mean(gap**2, share)
    with np.errstate(invalid="ignore", divide="ignore"):
        kept = np.where(spread > 0, np.sqrt(np.maximum(spread - noise, 0.0) / spread), 0.0)
    low, high = weighted_quantiles(estimate + kept * gap, share)
    low = np.clip(np.minimum(low, estimate - _Z95 * standard_error), *limits)
    high = np.clip(np.maximum(high, estimate + _Z95 * standard_error), *limits)
    # + 0.0: there is no minus nought
    return Spread(estimate, np.round(low, 12) + 0.0, np.round(high, 12) + 0.0, standard_error)


def _mean(by_draw: Floats, share: Floats) -> Floats:
    mean: Floats = share @ by_draw if share.ndim == 1 else (share * by_draw).sum(axis=0)
    return mean


def shares_given(part: Floats, whole: Floats) -> Spread:
    """Return the shares that some masses have in others, with their bands.

    A draw counts by how much of the whole it holds: what would be believed once the condition
    is known to hold. If it never holds, nothing is known of the share: 0, anything up to 1.

    Parameters
    ----------
    part, whole
        (D, R, K) sums by draw and replicate; ``whole`` may have one column for all.
    """
    whole = np.broadcast_to(whole, part.shape)
    held = np.maximum(whole.sum(axis=1), 0.0)
    total = held.sum(axis=0)
    share = np.divide(held, total, out=np.full_like(held, 1.0 / len(held)), where=total > 0)
    by_draw = np.divide(part.sum(axis=1), held, out=np.zeros_like(held), where=held > 0)
    noise = _mean(simulation_variance(part, whole, by_draw), share)
    average = _mean(by_draw, share)
    error = standard_error(part.sum(axis=0), whole.sum(axis=0), average)
    # a draw under which it never holds says nothing: it stands in the middle
    found = spread_of(np.where(held > 0, by_draw, average), share, noise, error)
    return replace(found, high=np.where(total > 0, found.high, 1.0))


def bands_given(part: Floats, whole: Floats) -> list[Band]:
    """Return shares of some masses in others, one for each column (see `shares_given`)."""
    found = shares_given(part, whole)
    columns = (found.estimate.tolist(), found.low.tolist(), found.high.tolist())
    return [Band(estimate=e, low=low, high=high) for e, low, high in zip(*columns, strict=True)]


def standard_error(part: Floats, whole: Floats, average: Floats) -> Floats:
    """Return the standard errors of averages from the spread of replicates (equation 16), (K,).

    Parameters
    ----------
    part, whole
        (R, K) sums by replicate; ``whole`` may have one column for all.
    average
        (K,) the averages.
    """
    n = len(part)
    total = whole.sum(axis=0)
    squares = ((part - average * whole) ** 2).sum(axis=0)
    gap = np.sqrt(n / (n - 1) * squares)
    error: Floats = np.divide(gap, total, out=np.zeros_like(gap), where=total > 0)
    return error


def simulation_variance(part: Floats, whole: Floats, by_draw: Floats) -> Floats:
    """Return the simulation variance of the average of each draw (equation 16), (D, K).

    Parameters
    ----------
    part, whole
        (D, R, K) sums by draw and replicate; ``whole`` may have one column for all.
    by_draw
        (D, K) the averages.
    """
    n = part.shape[1]
    if whole.shape[2] == 1:
        crossed = np.einsum("drk,dr->dk", part, whole[:, :, 0])
    else:
        crossed = np.einsum("drk,drk->dk", part, whole)
    squares = np.einsum("drk,drk->dk", part, part) - 2.0 * by_draw * crossed
    squares += by_draw**2 * np.einsum("drk,drk->dk", whole, whole)
    held = whole.sum(axis=1)
    gap = np.maximum(squares, 0.0) * n / (n - 1)
    variance: Floats = np.divide(gap, held**2, out=np.zeros_like(gap), where=held > 0)
    return variance


def weighted_quantiles(
    values: Floats, weights: Floats, levels: tuple[float, float] = (0.025, 0.975)
) -> tuple[Floats, Floats]:
    """Return two quantiles of weighted values.

    Parameters
    ----------
    values
        (D,) or (D, K): one column per question.
    weights
        (D,), or (D, K) if each column has its own; they sum to 1.

    Returns
    -------
    low, high : arrays, shape () or (K,)
    """
    order = np.argsort(values, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    shared = weights.ndim == 1
    sorted_weights = weights[order] if shared else np.take_along_axis(weights, order, axis=0)
    middle = np.cumsum(sorted_weights, axis=0) - sorted_weights / 2
    low, high = (_interpolated(level, middle, ordered) for level in levels)
    return low, high


def _interpolated(level: float, at: Floats, values: Floats) -> Floats:
    """Read each column of ``values`` where ``at`` (rising) passes a level; ends are kept."""
    after = np.clip((at < level).sum(axis=0), 1, max(len(at) - 1, 1))[None]
    if len(at) == 1:
        return np.asarray(values[0], np.float64)
    x0, x1 = (np.take_along_axis(at, k, axis=0)[0] for k in (after - 1, after))
    y0, y1 = (np.take_along_axis(values, k, axis=0)[0] for k in (after - 1, after))
    part = np.clip((level - x0) / np.maximum(x1 - x0, 1e-300), 0.0, 1.0)
    return np.asarray(y0 + part * (y1 - y0), np.float64)
