"""Peak memory of ``mesospread simulate`` streaming to Parquet, for growing cohorts."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.natural_history.runner import ROOT
from benchmarks.natural_history.table import aligned

DEFINITION = Path(__file__).with_name("reference.toml")
# Flat: the largest cohort may take a quarter more than the smallest, for one full shard.
GOAL_GROWTH = 1.25


class SimulateFailed(Exception):
    """``mesospread simulate`` ended with an error; its own words are the message."""


@dataclass(frozen=True)
class MemoryFigure:
    """One run of ``mesospread simulate``.

    Attributes
    ----------
    n
        Patients.
    peak_rss_mb
        Peak resident memory of the process, plus that of its largest worker process if
        it started any.
    seconds
        Whole process.
    output_mb
        Size of what it wrote.
    """

    n: int
    peak_rss_mb: float
    seconds: float
    output_mb: float


def measure(n: int, scratch: Path | None, timeout_seconds: float) -> MemoryFigure:
    """Run ``mesospread simulate`` once for ``n`` patients; its output is deleted.

    Raises
    ------
    SimulateFailed
        If it ends with an error, writes nothing or takes longer than ``timeout_seconds``.
    """
    with tempfile.TemporaryDirectory(prefix="mesospread-benchmark-", dir=scratch) as folder:
        out = Path(folder) / "cohort"
        report = Path(folder) / "memory.json"
        command = [sys.executable, "-m", "benchmarks.natural_history.memory_child", str(report)]
        command += ["simulate", "--definition", str(DEFINITION)]
        command += ["--n", str(n), "--seed", "1", "--out", str(out)]
        begin = time.monotonic()
        try:
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_seconds
            )
        except subprocess.TimeoutExpired as error:
            raise SimulateFailed(f"n = {n:,}: not done within {timeout_seconds:g} s") from error
        seconds = time.monotonic() - begin
        if done.returncode:
            raise SimulateFailed(f"n = {n:,}: exit {done.returncode}\n{done.stderr}{done.stdout}")
        size = sum(file.stat().st_size for file in out.rglob("*.parquet"))
        if not size:
            raise SimulateFailed(f"n = {n:,}: no Parquet file was written")
        figures = json.loads(report.read_text())
    peak = figures["peak_rss_mb"] + figures["largest_worker_mb"]
    return MemoryFigure(n, peak, seconds, size / 1024**2)


def measure_all(
    sizes: Sequence[int],
    scratch: Path | None,
    timeout_seconds: float,
    tell: Callable[[str], None],
) -> list[MemoryFigure]:
    """Run `measure` for every size, smallest first."""
    figures = []
    for n in sorted(sizes):
        figures.append(measure(n, scratch, timeout_seconds))
        tell(f"n = {n:,}: {figures[-1].peak_rss_mb:.0f} MiB")
    return figures


def growth(figures: Sequence[MemoryFigure]) -> float:
    """Return peak memory of the largest cohort over that of the smallest."""
    return figures[-1].peak_rss_mb / figures[0].peak_rss_mb


def memory_table(figures: Sequence[MemoryFigure]) -> str:
    """Return the figures and the verdict as text."""
    header = ("patients", "peak RSS MiB", "whole process s", "patients/s", "Parquet MiB")
    rows = [
        (
            f"{f.n:,}",
            f"{f.peak_rss_mb:.0f}",
            f"{f.seconds:.1f}",
            f"{f.n / f.seconds:,.0f}",
            f"{f.output_mb:.1f}",
        )
        for f in figures
    ]
    ratio = growth(figures)
    verdict = "met" if ratio <= GOAL_GROWTH else "missed"
    extra = (figures[-1].peak_rss_mb - figures[0].peak_rss_mb) * 1024**2
    per_patient = extra / (figures[-1].n - figures[0].n)
    return (
        f"{aligned(header, rows)}\n\n"
        f"goal: peak memory largest ÷ smallest cohort at most {GOAL_GROWTH}: "
        f"{ratio:.2f} ({per_patient:.1f} bytes per added patient): {verdict}"
    )
