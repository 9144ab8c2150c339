"""Survival curves against deaths per interval of follow-up: bands, counts, and a p-value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.model.calibrated import Calibrated
from mesospread.studies.check import MIN_DRAWS, scatter_of, selection
from mesospread.studies.observed import Z95
from mesospread.studies.predict import Predicted
from mesospread.studies.protocol import Intervals, Result, Study
from mesospread.studies.targets import NO_SCATTER

Floats = NDArray[np.float64]

#: made-up studies for each draw of the parameters
_REPLICATES = 20


@dataclass(frozen=True)
class LifeTable:
    """Shares alive at the end of each interval, (K,) each.

    Attributes
    ----------
    alive, low, high
        Actuarial estimate with its 95 % interval.
    """

    alive: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class CheckedIntervals:
    """The interval counts of one group of a study, and what the model says to them.

    Attributes
    ----------
    study, result
        Which.
    observed
        The reported curve.
    predicted
        (K,) median share alive.
    model_low, model_high
        (K,) central 95 % of the share itself, over the draws.
    low, high
        (K,) central 95 % of the curves that studies of this size would report.
    deaths, deaths_low, deaths_high
        (K,) deaths predicted among those who were at risk, and the central 95 % of the counts.
    p_value
        Share of made-up studies whose curve lies at least as far from the middle of all as
        the reported one, at its farthest end of an interval.
    """

    study: Study
    result: Result
    observed: LifeTable
    predicted: Floats
    model_low: Floats
    model_high: Floats
    low: Floats
    high: Floats
    deaths: Floats
    deaths_low: Floats
    deaths_high: Floats
    p_value: float


def life_table(intervals: Intervals) -> LifeTable:
    """Return the actuarial curve: who left is taken to have been there for half the interval.

    References
    ----------
    Cutler, Ederer (1958), doi 10.1016/0021-9681(58)90126-7; the interval is Greenwood's, on the
    log-log scale.
    """
    at_risk, deaths, left = _columns(intervals)
    exposed = at_risk - left / 2.0
    alive = _actuarial(at_risk, deaths, left)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(deaths / (exposed * (exposed - deaths)))
        error = np.sqrt(variance) / np.abs(np.log(alive))
        low, high = alive ** np.exp(Z95 * error), alive ** np.exp(-Z95 * error)
    sure = (alive > 0) & (alive < 1)
    # nobody or everybody has died: the exact interval of a share of none, from Hanley's rule
    most = 1.0 - 0.025 ** (1.0 / max(at_risk[0], 1.0))
    return LifeTable(
        alive,
        np.where(sure, low, np.where(alive >= 1, 1.0 - most, 0.0)),
        np.where(sure, high, np.where(alive >= 1, 1.0, most)),
    )


def check_intervals(
    found: Sequence[Mapping[str, Predicted]],
    studies: Sequence[Study],
    posterior: Calibrated | None,
    *,
    uses: Sequence[str] = ("validate",),
    seed: int = 1,
) -> list[CheckedIntervals]:
    """Compare all interval counts of some studies with predictions.

    Parameters
    ----------
    found
        Predictions under each draw of the parameters, as of `mesospread.studies.check`.
    studies
        That hold the counts.
    posterior
        Whose scatter between studies and selection of settings apply.
    uses
        Which results.
    seed
        Of the made-up studies.
    """
    rng = np.random.default_rng(seed)
    checked = []
    for study in studies:
        for result in study.result:
            if result.intervals is None or result.use not in uses:
                continue
            # of lives of whom nobody came into the study there is no curve
            nothing = (np.nan,) * len(result.intervals.to_months)
            curves = [p[f"{study.study}/{result.id}"].curve or nothing for p in found]
            checked.append(_checked(study, result, np.array(curves), posterior, rng))
    return [c for c in checked if c is not None]


def _columns(intervals: Intervals) -> tuple[Floats, Floats, Floats]:
    return np.array(intervals.at_risk), np.array(intervals.deaths), np.array(intervals.left)


def _actuarial(at_risk: Floats, deaths: Floats, left: Floats) -> Floats:
    """Return the share alive at the end of each interval, (..., K); nobody at risk: as before."""
    exposed = at_risk - left / 2.0
    dying = np.divide(deaths, exposed, out=np.zeros_like(exposed), where=exposed > 0)
    return np.asarray(np.cumprod(1.0 - np.minimum(dying, 1.0), axis=-1), dtype=np.float64)


def _checked(
    study: Study,
    result: Result,
    curves: Floats,
    posterior: Calibrated | None,
    rng: np.random.Generator,
) -> CheckedIntervals | None:
    assert result.intervals is not None
    n_draws = len(curves)
    selected = selection(study.setting, posterior, n_draws)
    scatter = (
        np.zeros(n_draws)
        if result.kind in NO_SCATTER
        else scatter_of(result.kind, posterior, n_draws)
    )
    kept = np.isfinite(curves).all(axis=1)
    if kept.sum() < MIN_DRAWS:
        return None
    # hazards lower by the factor of the setting
    model = curves[kept] ** np.exp(-selected[kept])[:, None]
    scattered = _scattered(model, scatter[kept], rng)
    before = np.concatenate([np.ones((len(scattered), 1)), scattered[:, :-1]], axis=1)
    dying = np.clip(1.0 - scattered / np.maximum(before, 1e-12), 0.0, 1.0)
    replicate = _studies_like(result.intervals, dying, rng)
    at_risk, _, left = _columns(result.intervals)
    counts = rng.binomial(at_risk.astype(np.int64), _while_followed(dying, at_risk, left))
    observed = life_table(result.intervals)
    low, high = np.quantile(replicate, [0.025, 0.975], axis=0)
    model_low, predicted, model_high = np.quantile(model, [0.025, 0.5, 0.975], axis=0)
    deaths_low, deaths_high = np.quantile(counts, [0.025, 0.975], axis=0)
    return CheckedIntervals(
        study,
        result,
        observed=observed,
        predicted=predicted,
        model_low=model_low,
        model_high=model_high,
        low=low,
        high=high,
        deaths=counts.mean(axis=0),
        deaths_low=deaths_low,
        deaths_high=deaths_high,
        p_value=_p_value(replicate, observed.alive),
    )


def _scattered(model: Floats, scatter: Floats, rng: np.random.Generator) -> Floats:
    """Move each curve as a whole, as studies of a kind differ: on the logit scale, (R, K)."""
    repeated = np.repeat(model, _REPLICATES, axis=0)
    moved = np.exp(np.repeat(scatter, _REPLICATES) * rng.standard_normal(len(repeated)))[:, None]
    alive: Floats = repeated * moved / (1.0 - repeated + repeated * moved)
    return alive


def _while_followed(dying: Floats, at_risk: Floats, left: Floats) -> Floats:
    """Return the chance of dying in an interval while followed: who leaves is there for half."""
    share_left = np.divide(left, at_risk, out=np.zeros_like(left), where=at_risk > 0)
    chance: Floats = dying * (1.0 - share_left / 2.0)
    return chance


def _studies_like(intervals: Intervals, dying: Floats, rng: np.random.Generator) -> Floats:
    """Return the curves of made-up studies that begin and lose people as this one did, (R, K)."""
    at_risk, deaths, left = _columns(intervals)
    stayed = np.maximum(at_risk - deaths, 1.0)
    chance = _while_followed(dying, at_risk, left)
    now = np.full(len(dying), int(at_risk[0]))
    columns = []
    for k in range(at_risk.size):
        died = rng.binomial(now, chance[:, k])
        gone = rng.binomial(now - died, min(left[k] / stayed[k], 1.0))
        columns.append((now, died, gone))
        now = now - died - gone
    counted = np.array(columns, dtype=np.float64).transpose(1, 2, 0)
    return _actuarial(*counted)


def _p_value(replicate: Floats, observed: Floats) -> float:
    """Return how unusual a curve is among others by its largest standardised distance."""
    centre, spread = replicate.mean(axis=0), replicate.std(axis=0)
    apart = spread > 1e-9

    def farthest(curve: Floats) -> Floats:
        distance: Floats = np.abs((curve - centre)[..., apart] / spread[apart]).max(axis=-1)
        return distance

    as_far = (farthest(replicate) >= farthest(observed)).sum()
    return float((as_far + 1) / (len(replicate) + 1))
