"""The tables that the benchmark prints: plain, aligned text."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.natural_history.engines import ENGINES
from benchmarks.natural_history.exact import Exact
from benchmarks.natural_history.summary import SIGMAS, Goal, Spread, Summary


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table: first column to the left, all others to the right."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        return "  ".join(cells).rstrip()

    return "\n".join([line(header), "  ".join("-" * width for width in widths), *map(line, rows)])


def speed_table(summaries: Sequence[Summary]) -> str:
    """Return speed, ratio, start-up and memory, one engine a row."""

    def ratio(spread: Spread | None) -> tuple[str, str]:
        if spread is None:
            return "–", "–"
        return f"{spread.median:.2f}", f"{spread.low:.2f}–{spread.high:.2f}"

    header = ("engine", "version", "patients/s", "min–max", "mesospread ÷ it", "min–max")
    header_costs = ("start-up s", "warm-up s", "first", "peak RSS MiB")
    rows = [
        (
            ENGINES[s.name].title,
            s.version,
            f"{s.per_second.median:,.0f}",
            f"{s.per_second.low:,.0f}–{s.per_second.high:,.0f}",
            *ratio(s.ratio),
            f"{s.startup_seconds:.2f}",
            f"{s.warm_up_seconds:.2f}",
            f"{s.warm_up_first:.2f}",
            f"{s.peak_rss_mb:.0f}",
        )
        for s in summaries
    ]
    return aligned((*header, *header_costs), rows)


def agreement_table(summaries: Sequence[Summary], exact: Exact) -> str:
    """Return the three statistics beside the exact values, one engine a row."""
    header = ("engine", "patients", "dead10", "z", "det5", "z", "alive5", "z", "verdict")
    values = (f"{exact.dead10:.5f}", "", f"{exact.det5:.4f}", "", f"{exact.alive5:.5f}", "")
    rows = [("exact", "", *values, "")]
    for s in summaries:
        rows.append(
            (
                ENGINES[s.name].title,
                f"{s.n:,}",
                f"{s.dead10:.5f}",
                f"{s.z['dead10']:+.1f}",
                f"{s.det5:.4f}",
                f"{s.z['det5']:+.1f}",
                f"{s.alive5:.5f}",
                f"{s.z['alive5']:+.1f}",
                "agrees" if s.agrees else f"RED: beyond {SIGMAS:g} sigma",
            )
        )
    return aligned(header, rows)


def goal_table(goals: Sequence[Goal]) -> str:
    """Return every goal beside what was measured."""

    def number(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{value:,.0f}" if value >= 1000 else f"{value:.2f}"

    rows = [(goal.text, number(goal.target), number(goal.value), goal.verdict) for goal in goals]
    return aligned(("goal", "at least", "measured", "verdict"), rows)
