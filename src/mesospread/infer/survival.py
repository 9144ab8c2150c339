"""How long people like one patient live from today, with what differs between cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mesospread.infer.posterior import Posterior
from mesospread.infer.questions import CURVE_MONTHS, Question
from mesospread.infer.result import Band, ConditionalSurvival, CurvePoint, Survival
from mesospread.infer.spread import bands_given

#: months further on at which those alive at a month are looked at
_FURTHER_MONTHS = (6, 12, 24)


def survival(posterior: Posterior, between_cohorts: float, *option: str | int) -> Survival:
    """Return the survival curve from today and its median, under an option if given.

    Parameters
    ----------
    posterior
        Whose questions include the share alive by month.
    between_cohorts
        Half of the 95 % interval of the log hazard ratio of a further cohort, alike in all that
        the model knows of it; 0 widens no band.
    option
        How the questions about an option begin; none: about the treatment as given.
    """
    found = [posterior.answer(*option, "alive", m) for m in CURVE_MONTHS]
    curve = [
        in_a_further_cohort(Band(estimate=a.estimate, low=a.low, high=a.high), between_cohorts)
        for a in found
    ]
    return Survival(
        median_months=_median(curve),
        curve=[
            CurvePoint(month=m, alive=b.estimate, low=b.low, high=b.high)
            for m, b in zip(CURVE_MONTHS, curve, strict=True)
        ],
        conditional=[
            ConditionalSurvival(
                given_alive_at_months=given,
                alive=_given_alive(posterior, between_cohorts, option, given),
            )
            for given in (6, 12)
        ],
    )


def in_a_further_cohort(share: Band, between_cohorts: float) -> Band:
    """Widen the band of a share alive by how much the hazard differs between cohorts (equation 18).

    On the complementary log-log scale a hazard ratio is a shift, at every month the same, also
    for those who are alive at some month. There the two half-widths, of the parameters and of
    the cohorts, add up as independent ones do: by their squares.
    """
    if between_cohorts == 0.0 or not 0.0 < share.estimate < 1.0:
        return share
    middle = _log_hazard(share.estimate)
    ends = []
    for end, sign in ((share.low, 1.0), (share.high, -1.0)):
        half = np.inf if end in (0.0, 1.0) else abs(_log_hazard(end) - middle)
        moved = middle + sign * float(np.hypot(half, between_cohorts))
        ends.append(float(np.exp(-np.exp(moved))))
    return Band(estimate=share.estimate, low=ends[0], high=ends[1])


def _log_hazard(share: float) -> float:
    """Return the logarithm of the hazard summed up to where a share is alive."""
    return float(np.log(-np.log(share)))


def _median(curve: Sequence[Band]) -> Band | None:
    """Return the month at which half are alive; None if that is beyond the curve.

    The median is at most m months just where at most half are alive at m, so the ends of its
    band are where those of the curve pass one half; one beyond the curve is put at its end.
    """
    estimate = _half([share.estimate for share in curve])
    if estimate is None:
        return None
    low, high = (_half([getattr(share, end) for share in curve]) for end in ("low", "high"))
    last = float(CURVE_MONTHS[-1])
    return Band(estimate=estimate, low=low or 0.0, high=last if high is None else high)


def _half(alive: Sequence[float]) -> float | None:
    """Return the month at which a falling curve passes one half, interpolated."""
    k = next((k for k, share in enumerate(alive) if share <= 0.5), None)
    if k is None:
        return None
    if k == 0:
        return float(CURVE_MONTHS[0])
    step = (alive[k - 1] - 0.5) / (alive[k - 1] - alive[k])
    return float(CURVE_MONTHS[k - 1] + step * (CURVE_MONTHS[k] - CURVE_MONTHS[k - 1]))


def _given_alive(
    posterior: Posterior, between_cohorts: float, option: Question, given: int
) -> dict[str, Band]:
    """Return the shares alive some months after a month at which they were alive."""
    then = posterior.sums([(*option, "alive", given)])
    later = posterior.sums([(*option, "alive", given + months) for months in _FURTHER_MONTHS])
    shares = bands_given(later, then)
    return {
        str(months): in_a_further_cohort(share, between_cohorts)
        for months, share in zip(_FURTHER_MONTHS, shares, strict=True)
    }
