"""The tables that the benchmark prints: plain, aligned text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.forecast.agreement import Agreement, Comparison
from benchmarks.forecast.batch import BatchFigure
from benchmarks.forecast.patients import Person
from benchmarks.forecast.stages import STAGES
from benchmarks.forecast.summary import Goal, Peer, Reports, timing
from benchmarks.natural_history.table import aligned


def patient_table(
    people: Sequence[Person], reports: Reports, comparisons: Sequence[Comparison]
) -> str:
    """Return one row for each patient."""
    header = ("patient", "findings", "present", "rounds", "median ms", "min–max", "ms per round")
    header_rest = ("error, points", "ESS", "largest error at", "plain form s", "÷ fast form")
    compared = {c.name: c for c in comparisons}
    rows = []
    for person in people:
        t, c = timing(reports[person.name]), compared.get(person.name)
        bound = "" if c is None or c.is_comparable else "≥ "
        rows.append(
            (
                person.name,
                str(person.findings),
                str(person.present),
                f"{t.rounds:g}" if t.n else "refused",
                _number(1e3 * t.median),
                f"{_number(1e3 * t.low)}–{_number(1e3 * t.high)}",
                _number(1e3 * t.seconds_per_round),
                f"{1e2 * t.standard_error:.2f}",
                _number(t.effective_sample_size),
                c.limited_by if c else "–",
                f"{bound}{c.plain_seconds_to_same_error:.2f}" if c else "–",
                f"{bound}{c.ratio:.1f}" if c else "–",
            )
        )
    return aligned((*header, *header_rest), rows)


def goal_table(goals: Sequence[Goal]) -> str:
    """Return every goal beside what was measured and beside the plain form."""
    header = ("goal", "unit", "below", "measured", "verdict", "plain form", "÷ this", "note")
    rows = [
        (
            g.text,
            g.unit,
            _maybe(g.target),
            _maybe(g.value),
            g.verdict,
            _maybe(g.plain),
            _maybe(g.ratio),
            g.note,
        )
        for g in goals
    ]
    return aligned(header, rows)


def agreement_text(found: Agreement) -> str:
    """Return whether both forms agree, and how closely."""
    left_out = f"; too few histories: {', '.join(found.left_out)}" if found.left_out else ""
    return (
        f"both forms, {found.answers:,} answers on {found.patients} patients{left_out}: "
        f"{found.verdict}\n"
        f"  one answer: {found.worst:.1f} standard errors at most, bound {found.worst_bound:.1f}\n"
        f"  one question over all patients: {found.bias:.1f}, bound {found.bias_bound:.1f}\n"
        f"  largest difference: {1e2 * found.largest_difference:.2f} points ({found.where})"
    )


def peer_text(plain: Peer) -> str:
    """Return how much longer the plain form takes."""
    bound = "at least " if plain.is_bound else ""
    return (
        f"inference alone, to the same stated error: the plain form takes {bound}"
        f"{plain.ratio:.1f} times as long (median of patients; "
        f"{plain.ratio_low:.1f}–{plain.ratio_high:.1f})"
    )


def cold_text(first: float, cold: Mapping[str, Sequence[float]]) -> str:
    """Return the runs of the command line."""
    every = [seconds for own in cold.values() for seconds in own]
    lines = [
        f"  {name}: {np.median(own):.2f} s ({min(own):.2f}–{max(own):.2f})"
        for name, own in cold.items()
    ]
    return "\n".join(
        [
            f"command line, cold: {np.median(every):.2f} s ({min(every):.2f}–{max(every):.2f}); "
            f"the very first run took {first:.2f} s",
            *lines,
        ]
    )


def batch_text(b: BatchFigure) -> str:
    """Return the figures of the batch."""
    how = "extrapolated from these" if b.is_extrapolated else "measured"
    return (
        f"batch of {b.patients:,} typical patients, {b.workers} workers: {b.seconds:.1f} s, "
        f"{b.refused} refused\n"
        f"  first forecast after {b.first_seconds:.1f} s, then {b.per_second:.2f} patients/s; "
        f"{b.busy:.2f} cores kept busy\n"
        f"  1,000 patients: {b.goal_seconds:,.0f} s ({how})"
    )


def stage_table(reports: Sequence[dict[str, Any]]) -> str:
    """Return the mean time of each stage for a forecast, and for each of its rounds."""
    rounds = sum(r["rounds"] for r in reports)
    spent = {stage: sum(r["seconds"][stage] for r in reports) for stage in STAGES}
    total = sum(spent.values())
    header = ("stage", "ms per forecast", "ms per round", "share")
    rows = [
        (
            stage,
            f"{1e3 * seconds / len(reports):.1f}",
            f"{1e3 * seconds / rounds:.1f}",
            f"{100 * seconds / total:.1f} %",
        )
        for stage, seconds in (*spent.items(), ("all", total))
    ]
    return aligned(header, rows)


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:,.0f}"


def _maybe(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
