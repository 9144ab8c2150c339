"""From the reports of all parts to figures, goals and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.forecast.agreement import Comparison
from benchmarks.forecast.batch import GOAL_PATIENTS, BatchFigure
from benchmarks.forecast.patients import Person

GOAL_MEDIAN_SECONDS = 0.150
GOAL_P95_SECONDS = 0.400
GOAL_STANDARD_ERROR = 0.005
GOAL_COLD_SECONDS = 3.0

#: reports of all repeats, by patient
Reports = Mapping[str, Sequence[dict[str, Any]]]


@dataclass(frozen=True)
class Timing:
    """The warm forecasts of one patient, or of several taken together.

    Attributes
    ----------
    n, refused
        Forecasts, and refusals beside them.
    median, p95, low, high
        Seconds.
    rounds
        Median number of rounds of histories.
    seconds_per_round
        Median.
    standard_error
        Largest that was stated.
    effective_sample_size
        Smallest.
    cpu_median
        Seconds for which the process ran, without those in which it waited for its core.
    waiting
        Largest share of a forecast in which its process did not run.
    """

    n: int
    refused: int
    median: float
    p95: float
    low: float
    high: float
    rounds: float
    seconds_per_round: float
    standard_error: float
    effective_sample_size: float
    cpu_median: float
    waiting: float


def timing(reports: Sequence[dict[str, Any]]) -> Timing:
    """Summarise forecasts; all figures are NaN if there are only refusals."""
    made = [r for r in reports if not r["refused"]]

    def column(name: str) -> np.ndarray:
        return np.array([r[name] for r in made] or [np.nan], np.float64)

    seconds, rounds = column("seconds"), column("rounds")
    return Timing(
        n=len(made),
        refused=len(reports) - len(made),
        median=float(np.median(seconds)),
        p95=float(np.percentile(seconds, 95)),
        low=float(seconds.min()),
        high=float(seconds.max()),
        rounds=float(np.median(rounds)),
        seconds_per_round=float(np.median(seconds / rounds)),
        standard_error=float(column("standard_error").max()),
        effective_sample_size=float(column("effective_sample_size").min()),
        cpu_median=float(np.median(column("cpu_seconds"))),
        waiting=float((1.0 - column("cpu_seconds") / seconds).max()),
    )


def pooled(reports: Reports, people: Sequence[Person]) -> list[dict[str, Any]]:
    """Return the reports of some people in one list."""
    return [report for person in people for report in reports[person.name]]


@dataclass(frozen=True)
class Peer:
    """The plain form over several patients, brought to the same stated error.

    Attributes
    ----------
    median, p95
        Seconds.
    ratio, ratio_low, ratio_high
        Its time over that of the fast form, patient by patient: median and range.
    is_bound
        Whether some of these are lower bounds.
    """

    median: float
    p95: float
    ratio: float
    ratio_low: float
    ratio_high: float
    is_bound: bool


def peer(comparisons: Sequence[Comparison]) -> Peer | None:
    """Summarise the plain form; None without any comparison."""
    if not comparisons:
        return None
    seconds = [c.plain_seconds_to_same_error for c in comparisons]
    ratios = [c.ratio for c in comparisons]
    return Peer(
        median=float(np.median(seconds)),
        p95=float(np.percentile(seconds, 95)),
        ratio=float(np.median(ratios)),
        ratio_low=min(ratios),
        ratio_high=max(ratios),
        is_bound=not all(c.is_comparable for c in comparisons),
    )


@dataclass(frozen=True)
class Goal:
    """A goal beside what was measured, and beside the plain form.

    Attributes
    ----------
    text, unit
        What is measured, and in what it is shown.
    target
        It must stay below this; None: no figure was set.
    value
        None: not measured.
    plain
        The same for the plain form at the same stated error, None if it has none.
    note
        How far the figures are computed and not measured.
    """

    text: str
    unit: str
    target: float | None
    value: float | None
    plain: float | None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Plain form over this one."""
        return None if self.plain is None or self.value is None else self.plain / self.value

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, ``not measured`` or ``no limit set``."""
        if self.value is None:
            return "not measured"
        if self.target is None:
            return "no limit set"
        return "met" if self.value < self.target else "missed"


def goals(
    warm: Timing | None,
    plain: Peer | None,
    cold: Mapping[str, Sequence[float]],
    comparisons: Sequence[Comparison],
    batch: BatchFigure | None,
) -> list[Goal]:
    """Return all goals; the parts that were not run are not measured."""
    worst = warm.standard_error if warm else None
    return [
        Goal(
            "one warm forecast, one core: median", "ms", 1e3 * GOAL_MEDIAN_SECONDS,
            1e3 * warm.median if warm else None, 1e3 * plain.median if plain else None,
        ),
        Goal(
            "one warm forecast, one core: 95th percentile", "ms", 1e3 * GOAL_P95_SECONDS,
            1e3 * warm.p95 if warm else None, 1e3 * plain.p95 if plain else None,
        ),
        Goal(
            "stated standard error, any site, any patient", "points", 1e2 * GOAL_STANDARD_ERROR,
            None if worst is None else 1e2 * worst, None,
        ),
        _cold_goal(cold, comparisons),
        _batch_goal(batch, warm, comparisons),
    ]  # fmt: skip


def _more_seconds(comparisons: Sequence[Comparison]) -> dict[str, float]:
    """Return what the plain form takes longer, by patient."""
    return {c.name: c.plain_seconds_to_same_error - c.ours_seconds for c in comparisons}


def _cold_goal(cold: Mapping[str, Sequence[float]], comparisons: Sequence[Comparison]) -> Goal:
    text = "command line, cold: median of patients"
    if not cold:
        return Goal(text, "s", GOAL_COLD_SECONDS, None, None)
    more = _more_seconds(comparisons)
    usual = {name: float(np.median(seconds)) for name, seconds in cold.items()}
    derived = [seconds + more[name] for name, seconds in usual.items() if name in more]
    return Goal(
        text, "s", GOAL_COLD_SECONDS, float(np.median(list(usual.values()))),
        float(np.median(derived)) if derived else None, "plain form computed from the warm one",
    )  # fmt: skip


def _batch_goal(
    batch: BatchFigure | None, warm: Timing | None, comparisons: Sequence[Comparison]
) -> Goal:
    text = f"batch of {GOAL_PATIENTS:,} patients, all cores"
    if batch is None:
        return Goal(text, "s", None, None, None)
    ours = sum(c.ours_seconds for c in comparisons)
    plain = sum(c.plain_seconds_to_same_error for c in comparisons)
    notes = ["extrapolated"] if batch.is_extrapolated else []
    notes += ["plain form computed from the warm one"] if ours and warm else []
    return Goal(
        text, "s", None, batch.goal_seconds,
        batch.goal_seconds * plain / ours if ours and warm else None, "; ".join(notes),
    )  # fmt: skip


def yardstick(reports: Reports) -> tuple[float, float, float]:
    """Return median, 5th and 95th percentile of the fixed piece of work, in seconds."""
    seconds = [r["yardstick_seconds"] for own in reports.values() for r in own]
    low, middle, high = np.percentile(seconds, [5, 50, 95])
    return float(middle), float(low), float(high)
