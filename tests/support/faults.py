"""Planted faults: simulators with one thing wrong, to show that the checks can fail.

A fault is planted in the compiled tables, in the run, or in the twin (which then
stands in for the kernel); no source is changed.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from unittest import mock

import numpy as np

from mesospread.exact import twin
from mesospread.kernels.tables import Tables
from mesospread.model.compiled import CompiledModel, Group, compile_model
from mesospread.model.structure import FlatRoute, Structure
from mesospread.simulate.batch import Batch
from tests.support.subjects import Fixed, Run, Subject, kernel_run
from tests.support.twin_checks import twin_run

Plant = Callable[[Subject], Subject]


@dataclass(frozen=True)
class Fault:
    """One thing wrong.

    Attributes
    ----------
    name
        What is wrong.
    plant
        Makes a faulty subject of a sound one.
    caught_by
        Checks that must turn red.
    larger
        How much larger the sample must be than for an error of 2 % that shows in
        every patient.
    at_most
        Patients that are enough; a fault planted in the twin is gross, and slow.
    """

    name: str
    plant: Plant
    caught_by: tuple[str, ...]
    larger: int = 1
    at_most: int = sys.maxsize


def in_routes(alter: Callable[[FlatRoute], FlatRoute], step: str = "") -> Plant:
    """Compile the routes of a step (of all steps if none is named) as something else."""

    def compile_badly(structure: Structure) -> CompiledModel:
        chosen = _left(structure, step) if step else None
        routes = tuple(
            alter(r) if chosen in (None, (r.process, r.level)) else r for r in structure.routes
        )
        return replace(compile_model(replace(structure, routes=routes)), structure=structure)

    return lambda subject: replace(subject, compile=compile_badly)


def in_tables(alter: Callable[[Tables, Structure], Tables]) -> Plant:
    """Plant a fault in the compiled tables."""

    def compile_badly(structure: Structure) -> CompiledModel:
        compiled = compile_model(structure)
        return replace(compiled, tables=alter(compiled.tables, structure))

    return lambda subject: replace(subject, compile=compile_badly)


def in_run(run: Run) -> Plant:
    """Plant a fault in the way the kernel is called."""
    return lambda subject: replace(subject, simulate=run)


def _left(structure: Structure, step: str) -> tuple[int, int]:
    """Return process and level that ``process.level`` leaves."""
    process, level = step.split(".")
    p = structure.position(process)
    return p, structure.processes[p].levels.index(level) - 1


# --- in the routes and tables ------------------------------------------------------------------


def scaled(route: FlatRoute) -> FlatRoute:
    """Make a hazard 2 % too high."""
    return replace(route, rate=1.02 * float(route.rate or 0.0))


def without_edge(route: FlatRoute) -> FlatRoute:
    """Forget the parents of a route."""
    return replace(route, terms=())


def wrong_level(route: FlatRoute) -> FlatRoute:
    """Read the multipliers one level too high."""
    terms = (replace(t, values=(*t.values[1:], t.values[-1])) for t in route.terms)
    return replace(route, terms=tuple(terms))


def inverted(route: FlatRoute) -> FlatRoute:
    """Divide by the multipliers instead of multiplying."""
    terms = (
        replace(t, values=tuple(1.0 / float(v) if v else 0.0 for v in t.values))
        for t in route.terms
    )
    return replace(route, terms=tuple(terms))


def without_listener(tables: Tables, structure: Structure) -> Tables:
    """Tell nobody that a step was taken: hazards stay as they were."""
    process, level = _left(structure, "primary.t2")
    row = tables.processes["first_step"][process] + level
    tables.steps["listeners_end"][row] = tables.steps["listeners"][row] + 1
    return tables


def one_stream(tables: Tables, structure: Structure) -> Tables:
    """Give two processes the same random numbers."""
    streams = tables.processes["stream"]
    streams[structure.position("right")] = streams[structure.position("left")]
    return tables


def stream_by_place(tables: Tables, structure: Structure) -> Tables:
    """Key random numbers by the place of a process instead of its name."""
    tables.processes["stream"] = np.arange(len(structure.processes))
    return tables


def immortal(tables: Tables, structure: Structure) -> Tables:
    """Let histories go on after death."""
    tables.processes["terminal"] = 0
    return tables


def action_goes_astray(tables: Tables, structure: Structure) -> Tables:
    """Let surgery leave one level more than it says."""
    tables.actions["to_level"] += 1
    return tables


def deaf_to_treatment(tables: Tables, structure: Structure) -> Tables:
    """Draw other random numbers as soon as a treatment is in the model."""
    if "extra" in structure.index:
        tables.processes["stream"] ^= np.uint64(1)
    return tables


def without_frailty(subject: Subject) -> Subject:
    """Leave the random effects out of the hazards."""

    def compile_badly(structure: Structure) -> CompiledModel:
        compiled = compile_model(structure)
        groups = tuple(Group(g.covariates, ()) for g in compiled.groups)
        return replace(compiled, groups=groups)

    return replace(subject, compile=compile_badly)


def off_duty(factor: float, shift: float) -> Plant:
    """Shift chances of actions and the times of scheduled steps."""

    def plant(subject: Subject) -> Subject:
        def compile_badly(structure: Structure) -> CompiledModel:
            compiled = compile_model(structure)
            return replace(
                compiled,
                chances=tuple(factor * c for c in compiled.chances),  # type: ignore[operator]
                delays=tuple(None if d is None else d + shift for d in compiled.delays),
            )

        return replace(subject, compile=compile_badly)

    return plant


# --- in the run ---------------------------------------------------------------------


def horizon_off(
    compiled: CompiledModel, seed: int, first: int, n: int, horizon_months: float, fixed: Fixed
) -> Batch:
    """Stop a month too early, and say nothing."""
    batch = kernel_run(compiled, seed, first, n, horizon_months - 1.0, fixed)
    return replace(batch, horizon_months=horizon_months)


def every_block_alike(
    compiled: CompiledModel, seed: int, first: int, n: int, horizon_months: float, fixed: Fixed
) -> Batch:
    """Start every block with patient 0."""
    return kernel_run(compiled, seed, 0, n, horizon_months, fixed)


def seed_by_size(
    compiled: CompiledModel, seed: int, first: int, n: int, horizon_months: float, fixed: Fixed
) -> Batch:
    """Let the size of the cohort change the random numbers."""
    return kernel_run(compiled, seed + n, first, n, horizon_months, fixed)


def seed_by_thread(
    compiled: CompiledModel, seed: int, first: int, n: int, horizon_months: float, fixed: Fixed
) -> Batch:
    """Let the thread change the random numbers."""
    in_main = threading.current_thread() is threading.main_thread()
    return kernel_run(compiled, seed + (not in_main), first, n, horizon_months, fixed)


def shared_with_neighbour(
    compiled: CompiledModel, seed: int, first: int, n: int, horizon_months: float, fixed: Fixed
) -> Batch:
    """Give every second patient the history of the one before."""
    batch = kernel_run(compiled, seed, first, n, horizon_months, fixed)
    source = np.arange(n) // 2 * 2
    counts = np.diff(batch.events.offset)[source]
    offset = np.cumsum([0, *counts])
    which = np.arange(offset[-1]) + np.repeat(batch.events.offset[source] - offset[:-1], counts)
    columns = (column[which] for column in batch.events[1:4])
    return replace(batch, events=batch.events._replace(offset=offset, **dict(
        zip(("time_months", "process", "level"), columns, strict=True)
    )))  # fmt: skip


# --- in the twin --------------------------------------------------------------------


#: the twin is changed in place for a moment: never in two threads at once
_ALONE = threading.Lock()


class ForgetfulClock(twin._Clock):
    """A clock that starts anew, with the same draw, whenever anything happens."""

    @property
    def used(self) -> float:
        return 0.0

    @used.setter
    def used(self, value: float) -> None:
        pass


def clock_reset(
    compiled: CompiledModel, seed: int, first: int, n: int, horizon_months: float, fixed: Fixed
) -> Batch:
    """Restart the clock of a step when its hazard changes, instead of keeping it."""
    with _ALONE, mock.patch.object(twin, "_Clock", ForgetfulClock):
        return twin_run(compiled, seed, first, n, horizon_months, fixed)


def clock_from(minus_log: Callable[[float], float]) -> Plant:
    """Turn uniforms into clocks by another formula than ``-log(u)``."""
    wrong = SimpleNamespace(log=lambda u: -minus_log(u), inf=math.inf)

    def run(
        compiled: CompiledModel, seed: int, first: int, n: int, horizon_months: float, fixed: Fixed
    ) -> Batch:
        with _ALONE, mock.patch.object(twin, "math", wrong):
            return twin_run(compiled, seed, first, n, horizon_months, fixed)

    return in_run(run)


def weibull(u: float) -> float:
    """Return a clock with mean 1 and the wrong shape (Weibull 1.25)."""
    return float((-math.log(u)) ** 0.8 / math.gamma(1.8))


#: patients for a fault in the twin
FEW = 6_000

FAULTS = (
    Fault(
        "one hazard 2 % high",
        in_routes(scaled, "primary.t3"),
        ("twin", "rescaling", "arrivals"),
        larger=2,
    ),
    Fault(
        "edge dropped",
        in_routes(without_edge, "right.involved"),
        ("twin", "rescaling", "states", "arrivals"),
    ),
    Fault(
        "multiplier of the wrong level",
        in_routes(wrong_level, "left.hidden"),
        ("twin", "rescaling", "states"),
    ),
    Fault("divided by the multipliers", in_routes(inverted), ("slower", "monotone")),
    Fault("hazard change unnoticed", in_tables(without_listener), ("twin", "rescaling", "states")),
    Fault("two processes on one stream", in_tables(one_stream), ("twin", "rescaling", "states")),
    Fault("stream by place", in_tables(stream_by_place), ("twin", "bystander")),
    Fault("histories go on after death", in_tables(immortal), ("twin", "states")),
    Fault("action to the wrong level", in_tables(action_goes_astray), ("twin", "states")),
    Fault("treatment changes the draws", in_tables(deaf_to_treatment), ("idle", "slower")),
    Fault("chance of an action 5 % high", off_duty(1.05, 0.0), ("twin", "states")),
    Fault("schedule a little late", off_duty(1.0, 0.05), ("twin", "states")),
    Fault("random effects left out", without_frailty, ("frailty",)),
    Fault("horizon a month early", in_run(horizon_off), ("twin", "rescaling", "states")),
    Fault("every block alike", in_run(every_block_alike), ("blocks", "threads")),
    Fault("seed by size of the block", in_run(seed_by_size), ("blocks", "threads", "one more")),
    Fault("seed by thread", in_run(seed_by_thread), ("threads",)),
    Fault("neighbours share their draws", in_run(shared_with_neighbour), ("twin", "rescaling")),
    Fault(
        "clock reset instead of kept",
        in_run(clock_reset),
        ("rescaling", "states", "arrivals"),
        at_most=FEW,
    ),
    Fault(
        "clock by log10",
        clock_from(lambda u: -math.log10(u)),
        ("rescaling", "arrivals"),
        at_most=FEW,
    ),
    Fault(
        "clock by log1p",
        clock_from(math.log1p),
        ("rescaling", "states", "arrivals"),
        at_most=FEW,
    ),
    Fault(
        "clock of the wrong shape",
        clock_from(weibull),
        ("rescaling", "arrivals"),
        at_most=FEW,
    ),
    Fault(
        # the law is right, but the draws are not those of the kernel
        "clock by -log(1 - u)",
        clock_from(lambda u: -math.log1p(-u)),
        ("twin",),
        at_most=FEW,
    ),
)
