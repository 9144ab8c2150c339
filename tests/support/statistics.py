"""Statistics of the checks: what a sample says, and whether it is large enough to say it.

Each statistic is returned as a `Score`. A sample that could not show the error it is
meant to show is refused (`NotEnough`) instead of passing quietly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Kind = Literal["level", "shape", "independence", "exact"]
Floats = NDArray[np.float64]

#: two-sided chance of a standard normal beyond five standard deviations
FIVE_SIGMA = 2.0 * float(stats.norm.sf(5.0))
#: chance with which the smallest error must be seen
POWER = 0.99
#: cells of a chi-square that expect fewer counts are merged
MIN_EXPECTED = 5.0


class NotEnough(ValueError):
    """The sample is too small for the question."""


@dataclass(frozen=True)
class Score:
    """One statistic of a check.

    Attributes
    ----------
    name
        What was compared.
    kind
        ``level`` (a rate or mean), ``shape`` (a distribution), ``independence``, or
        ``exact`` (an identity: ``p`` is 1 if it holds and 0 if not).
    p
        Chance of a difference at least this large if nothing is wrong.
    n
        Observations behind it.
    detail
        What differs, for an identity.
    """

    name: str
    kind: Kind
    p: float
    n: int
    detail: str = ""

    @property
    def z(self) -> float:
        """The two-sided p value as standard deviations of a normal."""
        return float(stats.norm.isf(max(self.p, 1e-300) / 2.0))


def identity(name: str, holds: bool, n: int, detail: str = "") -> Score:
    """Return the score of an exact comparison of ``n`` values."""
    require_enough(n, 1, name)
    return Score(name, "exact", 1.0 if holds else 0.0, n, "" if holds else detail)


def sample_size(smallest_error: float, alpha: float = FIVE_SIGMA, power: float = POWER) -> int:
    """Return how many events show a relative error of a rate.

    ``n = ((z(1 - alpha / 2) + z(power)) / error) ** 2``, for unit-exponential waits.

    Parameters
    ----------
    smallest_error
        Relative error that must be seen, e.g. 0.02.
    alpha
        Two-sided chance of a false alarm.
    power
        Chance of seeing the error.
    """
    both = float(stats.norm.isf(alpha / 2.0) + stats.norm.isf(1.0 - power))
    return math.ceil((both / smallest_error) ** 2)


def require_enough(n: float, needed: float, what: str) -> None:
    """Refuse a sample that is too small.

    Raises
    ------
    NotEnough
        Saying how many there are and how many are needed.
    """
    if not n >= needed:
        raise NotEnough(f"{what}: {n:.6g} are not enough, {needed:.6g} are needed")


def failures(scores: Iterable[Score], alpha: float = FIVE_SIGMA) -> list[str]:
    """Return the scores beyond a bound, in words; NaN counts as beyond."""
    scores = list(scores)
    require_enough(len(scores), 1, "scores")
    return [
        f"{s.name} ({s.kind}, n = {s.n}): p = {s.p:.3g}, {s.z:.1f} sigma {s.detail}".rstrip()
        for s in scores
        if not s.p >= alpha
    ]


def normal(name: str, kind: Kind, z: float, n: int) -> Score:
    """Return the score of a statistic that is standard normal if nothing is wrong."""
    return Score(name, kind, 2.0 * float(stats.norm.sf(abs(z))), n)


def binomial(name: str, hits: int, n: int, probability: float) -> Score:
    """Compare a count with its exact binomial distribution, two-sided.

    Raises
    ------
    NotEnough
        If five standard deviations reach 0 or 1: then no count could be too low or
        too high.
    """
    spread = 5.0 * math.sqrt(probability * (1.0 - probability) / n)
    if min(probability, 1.0 - probability) <= spread:
        raise NotEnough(f"{name}: with n = {n} the bound around {probability:.3g} reaches 0 or 1")
    law = stats.binom(n, probability)
    return Score(name, "level", min(1.0, 2.0 * float(min(law.cdf(hits), law.sf(hits - 1)))), n)


def chi_square(name: str, counts: ArrayLike, probabilities: ArrayLike) -> Score:
    """Compare counts with cell probabilities; cells that expect too few are merged.

    Raises
    ------
    NotEnough
        If fewer than two cells are left.
    ValueError
        If the probabilities are not a distribution.
    """
    seen = np.asarray(counts, np.float64).ravel()
    expected = np.asarray(probabilities, np.float64).ravel()
    n = int(seen.sum())
    if not (np.isfinite(expected).all() and abs(expected.sum() - 1.0) < 1e-8):
        raise ValueError(f"{name}: the cell probabilities sum to {expected.sum()}")
    impossible = seen[expected < 1e-14].sum()
    if impossible:
        return Score(name, "shape", 0.0, n, f"{impossible:.0f} counts in impossible cells")
    expected = np.maximum(expected, 0.0) * n
    order = np.argsort(expected)
    small = int(np.searchsorted(expected[order], MIN_EXPECTED))
    while 0 < small < len(order) and expected[order[:small]].sum() < MIN_EXPECTED:
        small += 1
    merged, rest = order[:small], order[small:]
    e = np.append(expected[rest], expected[merged].sum() if small else [])
    o = np.append(seen[rest], seen[merged].sum() if small else [])
    require_enough(len(e), 2, f"{name}: cells that expect {MIN_EXPECTED:g} counts")
    return Score(name, "shape", float(stats.chi2.sf(((o - e) ** 2 / e).sum(), len(e) - 1)), n)


def kolmogorov_smirnov(
    name: str, sample: Floats, cdf: Callable[[Floats], Any], n: int | None = None
) -> Score:
    """Compare a sample with a continuous distribution function.

    Parameters
    ----------
    name
        What is compared.
    sample
        The values seen.
    cdf
        The exact distribution function.
    n
        Size of the sample with the values not seen (all above those seen); with some
        missing the test errs on the side of passing.
    """
    n = len(sample) if n is None else n
    require_enough(len(sample), 100, f"{name}: values")
    x = np.sort(sample)
    exact = np.asarray(cdf(x), np.float64)
    steps = np.arange(len(x) + 1) / n
    distance = max(float((steps[1:] - exact).max()), float((exact - steps[:-1]).max()))
    return Score(name, "shape", float(stats.kstwo.sf(distance, n)), n)
