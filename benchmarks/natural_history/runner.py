"""Run the engines, each time in a fresh process, taking turns so that noise hits all alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.natural_history import process
from benchmarks.natural_history.engines import ENGINES

ROOT = Path(__file__).resolve().parents[2]
SEEDS_PER_REPEAT = 10_000


@dataclass(frozen=True)
class Settings:
    """How to run.

    Attributes
    ----------
    engines
        Names, in the order in which they take turns.
    n
        Patients per simulation.
    repeats
        Turns per engine.
    seed
        Every simulation gets its own seed, counted up from here.
    warm_up
        Patients in the untimed first simulation.
    min_seconds
        Simulations are repeated within one turn until they took this long.
    timeout_seconds
        Longest time for one turn.
    core
        Core to pin to; -1 leaves it to the system.
    peer_python
        Interpreter for the engines of kind ``peer``; default: this one.
    """

    engines: tuple[str, ...]
    n: int
    repeats: int
    seed: int
    warm_up: int
    min_seconds: float
    timeout_seconds: float
    core: int
    peer_python: str | None


def child_environment() -> dict[str, str]:
    """Return this process's environment with every thread pool set to one thread."""
    return {**os.environ, **process.ONE_THREAD}


def run_once(name: str, repeat: int, settings: Settings) -> dict[str, Any]:
    """Run one engine in a fresh process; return its report (see `child.measure`)."""
    python = sys.executable
    if settings.peer_python and ENGINES[name].kind == "peer":
        python = settings.peer_python
    started = time.monotonic()
    task = {
        "engine": name,
        "n": settings.n,
        "seed": settings.seed + repeat * SEEDS_PER_REPEAT,
        "warm_up": settings.warm_up,
        "min_seconds": settings.min_seconds,
        "core": settings.core,
        "started": started,
    }
    command = [python, "-m", "benchmarks.natural_history.child", json.dumps(task)]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=child_environment(),
            capture_output=True,
            text=True,
            timeout=settings.timeout_seconds,
        )
    except subprocess.TimeoutExpired:
        problem = f"no answer within {settings.timeout_seconds:g} s (see --timeout)"
        return {"status": "failed", "problem": problem}
    if done.returncode:
        return {"status": "failed", "problem": f"exit {done.returncode}\n{done.stderr}"}
    report: dict[str, Any] = json.loads(done.stdout)
    report["whole_seconds"] = time.monotonic() - started
    return report


def run_all(
    settings: Settings, tell: Callable[[str], None]
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield (engine, repeat, report), engine by engine within each repeat.

    An engine that is not installed or failed is not tried again.
    """
    waiting = list(settings.engines)
    for repeat in range(settings.repeats):
        for name in tuple(waiting):
            report = run_once(name, repeat, settings)
            if report["status"] != "ok":
                waiting.remove(name)
                tell(f"{name}: {report['status']}")
            else:
                rate = report["n"] / report["sim_seconds"]
                tell(f"repeat {repeat + 1}/{settings.repeats}  {name:<18} {rate:>12,.0f} /s")
            yield name, repeat, report
