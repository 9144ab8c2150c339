"""Weighted sums over histories, and the answers they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.questions import Question

Floats = NDArray[np.float64]

#: independent parts of every run; their spread is the simulation error
REPLICATES = 16
_Z95 = 1.959963984540054


@dataclass
class Tally:
    """Weighted sums over histories, by parameter draw and replicate.

    Attributes
    ----------
    weight
        (D, R) sum of the weights.
    first
        (D, R, K) sum of weight times answer, one column per question.
    squares
        Sum of the squared weights.
    without
        (F,) sum of the weights with one finding left out, NaN if it is not known.
    paths
        Histories simulated.
    """

    weight: Floats
    first: Floats
    squares: float
    without: Floats
    paths: int

    def add(self, other: Tally) -> None:
        """Add the sums over other histories."""
        self.weight += other.weight
        self.first += other.first
        self.squares += other.squares
        self.without += other.without
        self.paths += other.paths


@dataclass(frozen=True)
class Answer:
    """An estimate with its 95 % credible band and its simulation error.

    Attributes
    ----------
    estimate
        Average over the parameter draws.
    low, high
        95 % credible band: the spread of the draws, at least the simulation error.
    standard_error
        Of the estimate, for these draws: what other simulated histories would change.
    """

    estimate: float
    low: float
    high: float
    standard_error: float


@dataclass(frozen=True)
class Posterior:
    """What follows for one patient.

    Attributes
    ----------
    questions
        Column of each question.
    tally
        The sums.
    labels
        Names of the findings, in the order of ``tally.without``.
    """

    questions: Mapping[Question, int]
    tally: Tally
    labels: tuple[str, ...]

    @property
    def n_draws(self) -> int:
        """Number of parameter draws averaged over."""
        return len(self.tally.weight)

    def effective_sample_size(self) -> float:
        """Return Kish's effective number of histories."""
        squares = self.tally.squares
        return float(self.tally.weight.sum()) ** 2 / squares if squares > 0 else 0.0

    def surprise(self) -> dict[str, float]:
        """Return, for each finding of which it is known, its probability given all others."""
        total = float(self.tally.weight.sum())
        return {
            label: min(max(total, 0.0) / rest, 1.0) if rest > 0 else 0.0
            for label, rest in self.fit_without().items()
        }

    def fit_without(self) -> dict[str, float]:
        """Return, for each finding of which it is known, the total weight without it."""
        known = zip(self.labels, self.tally.without.tolist(), strict=True)
        return {label: weight for label, weight in known if not np.isnan(weight)}

    def evidence(self) -> float:
        """Return the probability of all findings, and of being alive today."""
        return float(self.tally.weight.sum()) / self.tally.paths

    def answer(self, *question: str | int) -> Answer:
        """Return the answer to one question."""
        k = self.questions[question]
        return Answer(*(float(column[k]) for column in self._answers))

    def conditional(self, question: Question, given: Question) -> float:
        """Return P(question | given): the ratio of two averages."""
        denominator = self.answer(*given).estimate
        return min(self.answer(*question).estimate / denominator, 1.0) if denominator > 0 else 0.0

    def per_draw(self, *question: str | int) -> Floats:
        """Return the answer under each parameter draw, with `draw_weights` beside it."""
        column: Floats = self._averages[:, self.questions[question]]
        return column

    def draw_weights(self) -> Floats:
        """Return the posterior weight of each parameter draw; sums to 1."""
        weights = self._used.sum(axis=1)
        normalised: Floats = weights / weights.sum()
        return normalised

    def largest_error(self) -> float:
        """Return the largest simulation error of any probability of spread."""
        return float(self._errors[self._about_spread].max(initial=0.0))

    def largest_draws_error(self) -> float:
        """Return the largest error of these from having these draws and not others."""
        by_draw = self._averages[:, self._about_spread]
        share = self.draw_weights()
        gap = by_draw - share @ by_draw
        return float(np.sqrt((share**2) @ gap**2).max(initial=0.0))

    @property
    def _about_spread(self) -> list[int]:
        return [
            k
            for question, k in self.questions.items()
            if question[0] in ("now", "by", "option", "change") and "alive" not in question
        ]

    @cached_property
    def draws_in_use(self) -> NDArray[np.bool_]:
        """Draws that explain the findings at all."""
        kept: NDArray[np.bool_] = self.tally.weight.sum(axis=1) > 0
        return kept

    @cached_property
    def _used(self) -> Floats:
        return self.tally.weight[self.draws_in_use]

    @cached_property
    def _sums(self) -> Floats:
        """Sums of the draws in use, (D, R, K); not copied if that is all of them."""
        kept = self.draws_in_use
        return self.tally.first if kept.all() else self.tally.first[kept]

    @cached_property
    def _averages(self) -> Floats:
        """Average of every question under each draw, (D, K)."""
        averages: Floats = self._sums.sum(axis=1) / self._used.sum(axis=1, keepdims=True)
        return averages

    @cached_property
    def _answers(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Estimate, low, high and standard error of every question, (K,) each.

        The band is the spread of the draws less the simulation noise in it; where the
        noise hides the spread, it is at least that noise.
        """
        lowest, highest = self._limits()
        share, by_draw = self.draw_weights(), self._averages
        estimate = np.clip(np.round(share @ by_draw, 12), lowest, highest)
        error = self._errors
        spread = share @ (by_draw - estimate) ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            real = np.maximum(spread - share @ self._noise(), 0.0)
            kept = np.where(spread > 0, np.sqrt(real / spread), 0.0)
        low, high = weighted_quantiles(estimate + kept * (by_draw - estimate), share)
        low = np.clip(np.minimum(low, estimate - _Z95 * error), lowest, highest)
        high = np.clip(np.maximum(high, estimate + _Z95 * error), lowest, highest)
        return estimate, np.round(low, 12), np.round(high, 12), error

    def _limits(self) -> tuple[Floats, Floats]:
        lowest = [-1.0 if question[0] == "change" else 0.0 for question in self.questions]
        highest = [np.inf if q == ("distant", "sites") else 1.0 for q in self.questions]
        return np.array(lowest), np.array(highest)

    @cached_property
    def _errors(self) -> Floats:
        """Standard error of every estimate, (K,), from the spread of the replicates."""
        estimate = self.draw_weights() @ self._averages
        weight = self._used.sum(axis=0)
        gap = self._sums.sum(axis=0) - estimate * weight[:, None]
        n = len(weight)
        error: Floats = np.sqrt(n / (n - 1) * (gap**2).sum(axis=0)) / weight.sum()
        return error

    def _noise(self) -> Floats:
        """Return the simulation variance of the average of each draw, (D, K)."""
        weight = self._used
        n = weight.shape[1]
        first = self._sums
        gap2 = (
            np.einsum("drk,drk->dk", first, first)
            - 2.0 * self._averages * np.einsum("drk,dr->dk", first, weight)
            + self._averages**2 * (weight**2).sum(axis=1)[:, None]
        )
        noise: Floats = np.maximum(gap2, 0.0) * n / (n - 1) / weight.sum(axis=1)[:, None] ** 2
        return noise


def weighted_quantiles(
    values: Floats, weights: Floats, levels: tuple[float, float] = (0.025, 0.975)
) -> tuple[Floats, Floats]:
    """Return two quantiles of weighted values.

    Parameters
    ----------
    values
        (D,) or (D, K): one column per question.
    weights
        (D,); they sum to 1.

    Returns
    -------
    low, high : arrays, shape () or (K,)
    """
    order = np.argsort(values, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    sorted_weights = weights[order]
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
