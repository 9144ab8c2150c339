"""Time forecasts in a process that has made some before."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.forecast.patients import Person
from mesospread.app.forecast import forecast
from mesospread.errors import ContradictionError
from mesospread.infer.solve import Effort

#: people whose forecast loads what is loaded once
_WARM_UP = 2


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """Forecast everybody once.

    Parameters
    ----------
    task
        ``people`` (fields of `Person`), ``effort``, ``seed``.

    Returns
    -------
    dict
        ``forecasts``: one report each; see `_timed`.
    """
    people = [Person(**person) for person in task["people"]]
    effort = Effort(**task["effort"])
    for person in people[:_WARM_UP]:
        _timed(person, effort, task["seed"])
    return {"forecasts": [_timed(person, effort, task["seed"]) for person in people]}


def _timed(person: Person, effort: Effort, seed: int) -> dict[str, Any]:
    """Return what one forecast took, and the fixed piece of work just before it."""
    report: dict[str, Any] = {"name": person.name, "yardstick_seconds": _yardstick_seconds()}
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        answer = forecast(person.facts, effort=effort, seed=seed)
    except ContradictionError:
        return report | {"refused": True}
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    known = answer.diagnostics
    return report | {
        "refused": False,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "rounds": known.paths / (effort.draws * effort.core_paths),
        "standard_error": known.standard_error,
        "effective_sample_size": known.effective_sample_size,
    }


def _yardstick_seconds() -> float:
    """Time a fixed piece of work: if this varies, it is the machine."""
    begin = time.perf_counter()
    numbers = np.random.default_rng(1).random(200_000)
    for _ in range(5):
        np.sort(numbers)
    sum(k * k for k in range(100_000))
    return time.perf_counter() - begin
