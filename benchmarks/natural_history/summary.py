"""From the reports of all turns to figures, verdicts and goals."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.natural_history.child import pool
from benchmarks.natural_history.engines import ENGINES, MISCORE, OWN
from benchmarks.natural_history.exact import Exact
from benchmarks.natural_history.reference import Result

SIGMAS = 5.0
GOAL_PER_SECOND = 1.5e6
GOAL_OVER_MISCORE = 20.0
GOAL_OVER_NUMPY = 2.0

Reports = dict[str, dict[int, dict[str, Any]]]


@dataclass(frozen=True)
class Spread:
    """Median and range over repeats."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Summarise at least one value."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True)
class Summary:
    """One engine over all repeats.

    Attributes
    ----------
    name
        Engine.
    version
        Of its package.
    per_second
        Patients simulated per second, start-up and warm-up left out.
    ratio
        Patients per second of mesospread divided by this engine's, paired within each
        repeat; None if there is no repeat with both.
    startup_seconds, warm_up_seconds, peak_rss_mb
        Medians; ``warm_up_first`` is the first one, which may have had to compile.
    n, dead10, det5, alive5
        Pooled over all repeats.
    z
        Distance of each statistic from its exact value, in standard errors.
    """

    name: str
    version: str
    per_second: Spread
    ratio: Spread | None
    startup_seconds: float
    warm_up_seconds: float
    warm_up_first: float
    peak_rss_mb: float
    n: int
    dead10: float
    det5: float
    alive5: float
    z: dict[str, float]

    @property
    def agrees(self) -> bool:
        """Whether every statistic is within 5 standard errors (not-a-number is not)."""
        return all(abs(z) <= SIGMAS for z in self.z.values())


@dataclass(frozen=True)
class Goal:
    """A goal and what was measured; ``value`` is None where it could not be measured."""

    text: str
    target: float
    value: float | None

    @property
    def verdict(self) -> str:
        """``met``, ``missed`` or ``not measured``."""
        if self.value is None:
            return "not measured"
        return "met" if self.value >= self.target else "missed"


def _rate(report: dict[str, Any]) -> float:
    return float(report["n"] / report["sim_seconds"])


def summarise(name: str, reports: Reports, exact: Exact) -> Summary:
    """Summarise the successful turns of one engine (at least one)."""
    turns = reports[name]
    own = reports.get(OWN, {})
    paired = [_rate(own[repeat]) / _rate(turn) for repeat, turn in turns.items() if repeat in own]
    pooled = pool(
        [
            (turn["n"], Result(turn["dead10"], turn["det5"], turn["alive5"], turn["sim_seconds"]))
            for turn in turns.values()
        ]
    )
    n = int(pooled["n"])
    z = {
        statistic: (pooled[statistic] - getattr(exact, statistic)) / error
        for statistic, error in exact.standard_errors(n).items()
    }
    every = list(turns.values())
    return Summary(
        name=name,
        version=every[0]["version"],
        per_second=Spread.of([_rate(turn) for turn in every]),
        ratio=Spread.of(paired) if paired else None,
        startup_seconds=median(turn["startup_seconds"] for turn in every),
        warm_up_seconds=median(turn["warm_up_seconds"] for turn in every),
        warm_up_first=every[0]["warm_up_seconds"],
        peak_rss_mb=median(turn["peak_rss_mb"] for turn in every),
        n=n,
        dead10=pooled["dead10"],
        det5=pooled["det5"],
        alive5=pooled["alive5"],
        z=z,
    )


def goals(summaries: dict[str, Summary]) -> list[Goal]:
    """Return the goals of the benchmark beside what was measured.

    The goal over NumPy is held against every NumPy version, the fastest included.
    """

    def over(name: str) -> float | None:
        summary = summaries.get(name)
        return summary.ratio.median if summary and summary.ratio else None

    own = summaries.get(OWN)
    speed = own.per_second.median if own else None
    result = [
        Goal("mesospread, patients per second on one core", GOAL_PER_SECOND, speed),
        Goal("mesospread ÷ miscore-sim, one core each", GOAL_OVER_MISCORE, over(MISCORE)),
    ]
    result += [
        Goal(f"mesospread ÷ {engine.title}", GOAL_OVER_NUMPY, over(name))
        for name, engine in ENGINES.items()
        if engine.kind == "numpy"
    ]
    return result


def exit_status(summaries: dict[str, Summary], absent: dict[str, dict[str, Any]]) -> int:
    """Return 1 if an engine is red or failed, or if ours did not run; else 0.

    A peer that is not installed is no failure, nor is a missed goal: timing depends on
    the machine.
    """
    red = any(not summary.agrees for summary in summaries.values())
    broken = any(report["status"] == "failed" for report in absent.values())
    return int(red or broken or OWN in absent)
