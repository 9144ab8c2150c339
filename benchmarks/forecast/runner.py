"""Run each part in a fresh process, pinned to one core before anything is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.natural_history import process

ROOT = Path(__file__).resolve().parents[2]


class Failed(Exception):
    """A part of the benchmark ended with an error; its own words are the message."""


@dataclass(frozen=True)
class Settings:
    """How to run.

    Attributes
    ----------
    people
        Typical patients, beside the examples.
    repeats
        Times that everybody is forecast, each time in a fresh process with another seed.
    cold
        Times that the command line is run for each of its patients; 0: not at all.
    batch
        Patients of the batch; 0: none.
    seed
        Of the patients and of the first forecasts.
    core
        Core to pin to; -1 leaves it to the system.
    plain_paths
        Histories per parameter draw of the plain form.
    timeout_seconds
        Longest time for one part.
    effort
        Fields of `mesospread.infer.solve.Effort` that differ from what users get.
    """

    people: int = 20
    repeats: int = 3
    cold: int = 3
    batch: int = 60
    seed: int = 1
    core: int = -1
    plain_paths: int = 1_600
    timeout_seconds: float = 3_600.0
    effort: Mapping[str, float] = field(default_factory=dict)


def environment() -> dict[str, str]:
    """Return this process's environment with every thread pool set to one thread."""
    return {**os.environ, **process.ONE_THREAD}


def run_child(what: str, task: Mapping[str, Any], timeout_seconds: float) -> dict[str, Any]:
    """Run one part (see `child`) and return its report.

    Raises
    ------
    Failed
        If it ends with an error or takes too long.
    """
    command = [sys.executable, "-m", "benchmarks.forecast.child", what]
    done = run(command, timeout_seconds, standard_input=json.dumps(task), env=environment())
    report: dict[str, Any] = json.loads(done)
    return report


def run(
    command: Sequence[str],
    timeout_seconds: float,
    *,
    standard_input: str = "",
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a program to its end, with the environment of this one if none is given.

    Returns
    -------
    str
        What it wrote.

    Raises
    ------
    Failed
        If it ends with an error or takes too long.
    """
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=env,
            input=standard_input,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"no answer within {timeout_seconds:g} s (see --timeout)") from None
    if done.returncode:
        raise Failed(f"exit {done.returncode}\n{done.stderr}{done.stdout}")
    return done.stdout
