"""Where the time of a forecast goes, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from benchmarks.forecast.patients import Person
from mesospread.app import forecast as page
from mesospread.errors import ContradictionError
from mesospread.infer import core, rounds
from mesospread.infer.posterior import Posterior
from mesospread.infer.solve import Effort

#: stage, and the functions whose time it is, less that of stages inside them
STAGES: dict[str, tuple[tuple[Any, str], ...]] = {
    "patient and clock": ((page, "the_patient"), (page, "build_timeline")),
    "draws and tables": ((rounds.Run, "__post_init__"), (rounds.Run, "can_be_split")),
    "core: people": ((rounds.Run, "_simulate"),),
    "core: simulation": ((core, "simulate_draws"), (core, "live_to_today")),
    "weighing": ((rounds.Run, "_weigh"),),
    "choosing": ((rounds.Run, "_choose"),),
    "leaves: preparing": ((rounds.Run, "_solve"),),
    "leaves: solving": ((rounds, "solve_paths"),),
    "answers": ((rounds.Run, "_tally"),),
    "errors": ((Posterior, "largest_error"),),
    "page and the rest": ((page, "forecast"),),
}


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Add up the seconds of each stage while this is open."""
    seconds = dict.fromkeys(STAGES, 0.0)
    inner = [0.0]

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            inner.append(0.0)
            begin = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent = time.perf_counter() - begin
                seconds[stage] += spent - inner.pop()
                inner[-1] += spent

        return wrapper

    originals = [
        (stage, owner, name, getattr(owner, name))
        for stage, functions in STAGES.items()
        for owner, name in functions
    ]
    for stage, owner, name, function in originals:
        setattr(owner, name, timed(stage, function))
    try:
        yield seconds
    finally:
        for _, owner, name, function in originals:
            setattr(owner, name, function)


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """Forecast everybody twice and watch the second time.

    Returns
    -------
    dict
        ``stages``: for each patient, seconds by stage, and the ``rounds``.
    """
    effort = Effort(**task["effort"])
    found = []
    for person in [Person(**person) for person in task["people"]]:
        try:
            page.forecast(person.facts, effort=effort, seed=task["seed"])
            with watched() as seconds:
                # through the module: only there it is watched
                answer = page.forecast(person.facts, effort=effort, seed=task["seed"])
        except ContradictionError:
            continue
        done = answer.diagnostics.paths / (effort.draws * effort.core_paths)
        found.append({"name": person.name, "rounds": done, "seconds": seconds})
    return {"stages": found}
