"""The command line, as a user runs it: a fresh process for each forecast."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.forecast.patients import Person, write
from benchmarks.forecast.runner import run


def measure(
    people: Sequence[Person],
    repeats: int,
    folder: Path,
    timeout_seconds: float,
    tell: Callable[[str], None],
    command: Sequence[str] = (sys.executable, "-m", "mesospread", "forecast"),
) -> tuple[float, dict[str, list[float]]]:
    """Run the command ``repeats`` times for everybody.

    Parameters
    ----------
    people
        Whose forecasts are made.
    repeats
        Times for each.
    folder
        Where patient files may be written.
    timeout_seconds
        For one run.
    tell
        Told what goes on.
    command
        To which the file is added.

    Returns
    -------
    first, seconds
        Of the very first run, which may have to compile; and of all others, by patient.
    """
    files = {p.name: write(p, folder / f"{k}.json") for k, p in enumerate(people)}

    def timed(file: Path) -> float:
        begin = time.perf_counter()
        run([*command, str(file)], timeout_seconds)
        return time.perf_counter() - begin

    first = timed(next(iter(files.values())))
    tell(f"command line, first run: {first:.2f} s")
    seconds: dict[str, list[float]] = {name: [] for name in files}
    for _ in range(repeats):
        for name, file in files.items():
            seconds[name].append(timed(file))
            tell(f"command line, {name}: {seconds[name][-1]:.2f} s")
    return first, seconds
