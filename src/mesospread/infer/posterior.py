"""Weighted sums over histories, and the answers they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.questions import Question
from mesospread.infer.spread import simulation_variance, spread_of, standard_error

Floats = NDArray[np.float64]

#: independent parts of every run; their spread is the simulation error
REPLICATES = 16


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

    def sums(self, questions: Sequence[Question]) -> Floats:
        """Return sums of weight times answer, (D, R, K): a column per question; see `everybody`."""
        return self._sums[:, :, [self.questions[question] for question in questions]]

    @property
    def everybody(self) -> Floats:
        """Sums of the weights of the draws in use, (D, R, 1)."""
        return self._used[:, :, None]

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
        """Estimate, low, high and standard error of every question, (K,) each."""
        share = self.draw_weights()
        found = spread_of(
            self._averages, share, share @ self._noise(), self._errors, self._limits()
        )
        return found.estimate, found.low, found.high, found.standard_error

    def _limits(self) -> tuple[Floats, Floats]:
        lowest = [-1.0 if question[0] == "change" else 0.0 for question in self.questions]
        highest = [np.inf if q == ("distant", "sites") else 1.0 for q in self.questions]
        return np.array(lowest), np.array(highest)

    @cached_property
    def _errors(self) -> Floats:
        """Standard error of every estimate, (K,), from the spread of the replicates."""
        estimate = self.draw_weights() @ self._averages
        weight = self._used.sum(axis=0)[:, None]
        return standard_error(self._sums.sum(axis=0), weight, estimate)

    def _noise(self) -> Floats:
        """Return the simulation variance of the average of each draw, (D, K)."""
        return simulation_variance(self._sums, self.everybody, self._averages)
