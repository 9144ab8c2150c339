"""Turn what simulated trials found into figures with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from mesospread.studies.observed import Z95
from mesospread.trials.design import TrialDesign
from mesospread.trials.result import (
    Estimate,
    OutcomeResult,
    Reached,
    ScanResult,
    SizeResult,
)
from mesospread.trials.run import Found, Trials, critical

Floats = NDArray[np.float64]

_RANGE = (0.025, 0.5, 0.975)
#: fewer trials with events in both arms say nothing about their hazard ratios
_LEAST_SHARE = 0.5


def summarise(trials: Trials, found: Sequence[Found]) -> dict[str, Any]:
    """Return the parts of a `TrialResult` that the trials make."""
    design, z = trials.design, critical(trials.design)
    score = np.array([f.score for f in found])
    by_size = np.array([f.by_size for f in found])
    order = np.argsort(trials.sizes)
    sizes = tuple(
        SizeResult(patients=trials.sizes[k], favours_new=share(by_size[:, :, k] < -z))
        for k in order
    )
    return {
        "trials": int(score.shape[0] * score.shape[1]),
        "draws": len(found),
        "people": trials.lives,
        "effective_people": float(np.mean([f.effective for f in found])),
        "outcomes": tuple(_outcome(trials, found, k, z) for k in range(len(trials.outcomes))),
        "sizes": sizes,
        "patients_for_80": patients_for(sizes, 0.8),
        "patients_for_90": patients_for(sizes, 0.9),
        "scans": _scans(design, found),
    }


def _outcome(trials: Trials, found: Sequence[Found], k: int, z: float) -> OutcomeResult:
    outcome = trials.outcomes[k]
    score = np.array([f.score[:, k] for f in found])
    log_ratio = np.concatenate([f.log_ratio[:, k] for f in found])
    events = np.concatenate([f.events[:, k] for f in found])
    medians = np.concatenate([f.medians[:, k] for f in found])
    known = np.isfinite(log_ratio)
    low, high = np.quantile(events, [_RANGE[0], _RANGE[2]])
    return OutcomeResult(
        endpoint=outcome.endpoint,
        as_seen=outcome.as_seen,
        decisive=k == trials.decisive,
        favours_new=share(score < -z),
        favours_control=share(score > z),
        hazard_ratio=_ratio(log_ratio[known]) if known.mean() >= _LEAST_SHARE else None,
        model_hazard_ratio=_ratio(np.array([f.model_log_ratio[k] for f in found])),
        events=Estimate(estimate=float(events.mean()), low=float(low), high=float(high)),
        median_control_months=_reached(medians[:, 0]),
        median_new_months=_reached(medians[:, 1]),
    )


def share(hits: NDArray[np.bool_]) -> Estimate:
    """Return a share of trials with its simulation error.

    Trials under one draw of the parameters are alike, so that the error is that of the draws.

    Parameters
    ----------
    hits
        (D, T) by draw and trial.

    References
    ----------
    Wilson (1927), doi 10.1080/01621459.1927.10502953, with the effective number of trials.
    """
    by_draw = hits.mean(axis=1)
    p, n = float(by_draw.mean()), float(hits.size)
    variance = float(by_draw.var(ddof=1)) / by_draw.size
    if variance > 0:
        n = min(n, p * (1.0 - p) / variance)
    z2 = Z95**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Estimate(
        estimate=p, low=max(float(centre - half), 0.0), high=min(float(centre + half), 1.0)
    )


def patients_for(sizes: Sequence[SizeResult], wanted: float) -> int | None:
    """Return with how many patients a share of trials favours the new arm.

    Between simulated sizes, the normal score of the share runs straight in the square root of
    the number of patients, as it does for a known effect. None outside of them.
    """
    for one, two in pairwise(sizes):
        p, q = one.favours_new.estimate, two.favours_new.estimate
        if p < wanted <= q:
            x, y = (ndtri(np.clip(s, 1e-6, 1 - 1e-6)) for s in (p, q))
            part = float((ndtri(wanted) - x) / (y - x))
            root = np.sqrt(one.patients) + part * (np.sqrt(two.patients) - np.sqrt(one.patients))
            return int(np.ceil(root**2))
    return None


def _ratio(log_ratio: Floats) -> Estimate | None:
    known = log_ratio[np.isfinite(log_ratio)]
    if known.size == 0:
        return None
    low, middle, high = np.exp(np.quantile(known, _RANGE)).tolist()
    return Estimate(estimate=middle, low=low, high=high)


def _reached(months: Floats) -> Reached:
    """Return the median over trials, and the range of 95 %; infinite: not reached."""
    # the next trial up, not between two: half-way to infinity is no month
    at = np.quantile(months, _RANGE, method="inverted_cdf")
    low, middle, high = (float(x) if np.isfinite(x) else None for x in at)
    return Reached(estimate=middle, low=low, high=high)


def _scans(design: TrialDesign, found: Sequence[Found]) -> tuple[ScanResult, ...]:
    if design.scans is None:
        return ()
    table = np.array([f.scans for f in found])
    return tuple(
        ScanResult(
            arm=arm.name,
            spread=_estimate(table[:, a, 0]),
            seen=_estimate_of_some(table[:, a, 1]),
            delay_months=_estimate_of_some(table[:, a, 2]),
        )
        for a, arm in enumerate(design.arms)
    )


def _estimate(values: Floats) -> Estimate:
    low, middle, high = np.quantile(values, _RANGE).tolist()
    return Estimate(estimate=middle, low=low, high=high)


def _estimate_of_some(values: Floats) -> Estimate | None:
    known = values[np.isfinite(values)]
    return _estimate(known) if known.size else None
