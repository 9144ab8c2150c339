"""Whether both forms of the inference say the same, within the errors they state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats

from mesospread.infer.posterior import REPLICATES

#: effective histories of the plain form from which its stated error means something
ENOUGH = 200.0
#: chance of a false alarm over all answers that are compared
FALSE_ALARM = 1e-3
#: patients that must be comparable, or nothing has been checked
FEWEST = 3


@dataclass(frozen=True)
class Comparison:
    """What both forms said of one patient, and what it took.

    Attributes
    ----------
    name
        Of the patient.
    ours_seconds, ours_error
        Of the fast form: until it stopped, and the largest standard error it then stated.
    setup_seconds, plain_seconds, plain_error
        Of the plain form: with next to no histories, and with all of them.
    plain_size
        Effective histories of the plain form.
    limited_by
        Answer with the largest standard error of the fast form.
    answers
        Question to estimate and standard error of the fast form, then of the plain form.
    """

    name: str
    ours_seconds: float
    ours_error: float
    setup_seconds: float
    plain_seconds: float
    plain_error: float
    plain_size: float
    limited_by: str
    answers: dict[str, tuple[float, float, float, float]]

    @property
    def is_comparable(self) -> bool:
        """Whether the plain form found enough histories."""
        return self.plain_size >= ENOUGH

    @property
    def plain_seconds_to_same_error(self) -> float:
        """Seconds of the plain form until its error is ours; only a lower bound if not comparable.

        Errors fall with the root of the histories. What it takes to begin is not scaled.
        """
        if not self.is_comparable:
            return self.plain_seconds
        histories = self.plain_seconds - self.setup_seconds
        return self.setup_seconds + histories * (self.plain_error / self.ours_error) ** 2

    @property
    def ratio(self) -> float:
        """Time of the plain form over that of the fast form, at the same stated error."""
        return self.plain_seconds_to_same_error / self.ours_seconds

    @cached_property
    def scores(self) -> dict[str, float]:
        """Standard normal score of each difference, if both forms are right.

        The errors come from few replicates, so a difference over its error follows Student's
        distribution (Welch). What the plain form has hardly met cannot have a smaller error
        than a count of as many histories.
        """
        return {question: self._score(*four) for question, four in self.answers.items()}

    def _score(self, ours: float, ours_error: float, theirs: float, plain_error: float) -> float:
        p = float(np.clip(max(ours, theirs), 0.0, 1.0))
        a, b = ours_error**2, max(plain_error**2, p * (1.0 - p) / self.plain_size)
        if a + b == 0.0:
            return 0.0 if ours == theirs else float("nan")
        freedom = (REPLICATES - 1) * (a + b) ** 2 / (a**2 + b**2)
        t = (ours - theirs) / np.sqrt(a + b)
        return float(-np.sign(t) * stats.norm.ppf(stats.t.sf(abs(t), freedom)))


@dataclass(frozen=True)
class Agreement:
    """The verdict over all patients.

    Attributes
    ----------
    patients, answers
        How many were compared.
    left_out
        Patients of whom the plain form found too few histories.
    worst, worst_bound
        Largest score of one answer of one patient, and its bound.
    bias, bias_bound
        Largest score of one question over all patients, by the sum of its signed scores.
    largest_difference
        In probability, and ``where``.
    """

    patients: int
    answers: int
    left_out: tuple[str, ...]
    worst: float
    worst_bound: float
    bias: float
    bias_bound: float
    largest_difference: float
    where: str

    @property
    def agrees(self) -> bool:
        """Whether both forms agree; not-a-number does not, nor do too few patients."""
        enough = self.patients >= FEWEST
        return enough and self.worst <= self.worst_bound and self.bias <= self.bias_bound

    @property
    def verdict(self) -> str:
        """In words."""
        if self.patients < FEWEST:
            return f"NOT CHECKED: the plain form found enough histories of {self.patients} patients"
        return "agree" if self.agrees else "RED: they do not agree"


def agreement(comparisons: Sequence[Comparison]) -> Agreement:
    """Compare all answers."""
    used = [c for c in comparisons if c.is_comparable]
    every = [(s, c.name, q) for c in used for q, s in c.scores.items()]
    by_question: dict[str, list[float]] = {}
    for score, _, question in every:
        by_question.setdefault(question, []).append(score)
    sums = [abs(sum(own)) / np.sqrt(len(own)) for own in by_question.values()]
    gaps = [(abs(a - b), f"{c.name}: {q}") for c in used for q, (a, _, b, _) in c.answers.items()]
    largest, where = max(gaps, default=(0.0, ""))
    return Agreement(
        patients=len(used),
        answers=len(every),
        left_out=tuple(c.name for c in comparisons if not c.is_comparable),
        worst=float(np.max(np.abs([score for score, *_ in every]), initial=0.0)),
        worst_bound=_bound(len(every)),
        bias=float(np.max(sums, initial=0.0)),
        bias_bound=_bound(len(sums)),
        largest_difference=largest,
        where=where,
    )


def _bound(n: int) -> float:
    """Return what none of ``n`` scores exceeds, with half the chance of a false alarm."""
    return float(stats.norm.isf(FALSE_ALARM / 2.0 / 2.0 / max(n, 1)))


def from_reports(reports: Sequence[dict[str, Any]]) -> list[Comparison]:
    """Return the comparisons that a child reported."""
    return [
        Comparison(**(report | {"answers": {q: tuple(v) for q, v in report["answers"].items()}}))
        for report in reports
    ]
