"""Weighted sums over simulated histories, and the answers they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.questions import Question

Floats = NDArray[np.float64]

_Z95 = 1.959963984540054


@dataclass
class Moments:
    """Weighted sums over the histories of one parameter draw.

    Attributes
    ----------
    weight, weight2
        Sums of the weights and of their squares.
    first, cross, second
        Sums over histories of w x, w**2 x and w**2 x**2, one entry per question.
    without
        Sum of the weights with one finding left out, one entry per finding.
    paths
        Histories simulated.
    """

    weight: float = 0.0
    weight2: float = 0.0
    first: Floats = field(default_factory=lambda: np.zeros(0))
    cross: Floats = field(default_factory=lambda: np.zeros(0))
    second: Floats = field(default_factory=lambda: np.zeros(0))
    without: Floats = field(default_factory=lambda: np.zeros(0))
    paths: int = 0

    def add(self, other: Moments) -> None:
        """Add the sums of more histories of the same draw."""
        self.weight += other.weight
        self.weight2 += other.weight2
        self.paths += other.paths
        for name in ("first", "cross", "second", "without"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if theirs.size:
                setattr(self, name, mine + theirs if mine.size else theirs)


@dataclass(frozen=True)
class Answer:
    """An estimate with its 95 % credible band and its simulation error."""

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
        Position of each question in the moments.
    draws
        Moments of each parameter draw.
    labels
        Names of the findings, in the order of ``Moments.without``.
    """

    questions: Mapping[Question, int]
    draws: tuple[Moments, ...]
    labels: tuple[str, ...]

    def effective_sample_size(self) -> float:
        """Return Kish's effective number of histories."""
        squares = sum(m.weight2 for m in self.draws)
        return sum(m.weight for m in self.draws) ** 2 / squares if squares > 0 else 0.0

    def surprise(self) -> dict[str, float]:
        """Return, for each finding, its probability given all others."""
        total = sum(m.weight for m in self.draws)
        return {
            label: total / rest if rest > 0 else 0.0 for label, rest in self.fit_without().items()
        }

    def fit_without(self) -> dict[str, float]:
        """Return, for each finding, the total weight if it were left out."""
        if not self.labels:
            return {}
        without = np.sum([m.without for m in self.draws if m.without.size], axis=0)
        return dict(zip(self.labels, without.tolist(), strict=True))

    def answer(self, *question: str | int) -> Answer:
        """Return the answer to one question.

        The estimate is the average over draws, each with the weight of its histories.
        The band is the spread of the draws, less the simulation noise in it; where the
        noise hides the spread, it is at least that noise. The standard error counts the
        draws as a sample: each draw with all its histories is one of many possible ones.
        """
        k = self.questions[question]
        share, by_draw = self.draw_weights(), self.per_draw(*question)
        lowest = -1.0 if question[0] == "change" else 0.0
        highest = np.inf if question == ("distant", "sites") else 1.0
        # the weights sum to one only to within rounding
        estimate = float(np.clip(round(float(share @ by_draw), 12), lowest, highest))
        spread = float(share @ (by_draw - estimate) ** 2)
        real = max(spread - float(share @ self._noise[:, k]), 0.0)
        kept = np.sqrt(real / spread) if spread > 0 else 0.0
        low, high = weighted_quantiles(estimate + kept * (by_draw - estimate), share)
        error = float(np.sqrt(np.sum((share * (by_draw - estimate)) ** 2)))
        return Answer(
            estimate=estimate,
            low=max(round(min(low, estimate - _Z95 * error), 12), lowest),
            high=min(round(max(high, estimate + _Z95 * error), 12), highest),
            standard_error=error,
        )

    def conditional(self, question: Question, given: Question) -> float:
        """Return P(question | given): the ratio of two averages."""
        share = self.draw_weights()
        denominator = float(share @ self.per_draw(*given))
        return float(share @ self.per_draw(*question)) / denominator if denominator > 0 else 0.0

    def per_draw(self, *question: str | int) -> Floats:
        """Return the answer under each parameter draw, with `draw_weights` beside it."""
        column: Floats = self._averages[:, self.questions[question]]
        return column

    def draw_weights(self) -> Floats:
        """Return the posterior weight of each parameter draw; sums to 1."""
        weights = np.array([m.weight for m in self._used])
        normalised: Floats = weights / weights.sum()
        return normalised

    @cached_property
    def _used(self) -> tuple[Moments, ...]:
        return tuple(m for m in self.draws if m.weight > 0)

    @cached_property
    def _averages(self) -> Floats:
        """Average of every question under each draw, (D, K)."""
        return np.array([m.first / m.weight for m in self._used])

    @cached_property
    def _noise(self) -> Floats:
        """Simulation variance of these averages, (D, K)."""
        rows = [
            (m.second - 2 * x * m.cross + x * x * m.weight2) / m.weight**2
            for m, x in zip(self._used, self._averages, strict=True)
        ]
        noise: Floats = np.maximum(np.array(rows), 0.0)
        return noise


def weighted_quantiles(
    values: Floats, weights: Floats, levels: tuple[float, float] = (0.025, 0.975)
) -> tuple[float, float]:
    """Return two quantiles of weighted values (weights sum to 1)."""
    order = np.argsort(values)
    middle = np.cumsum(weights[order]) - weights[order] / 2
    low, high = np.interp(levels, middle, values[order])
    return float(low), float(high)
