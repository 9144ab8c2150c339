"""What must not change a history: block, thread, neighbours, bystanders, idle treatments.

All comparisons are exact. Where only the order of events in time matters (a slower
route is never earlier), rounding in the last digits is allowed for.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from mesospread.kernels.tables import Events
from mesospread.model.definition import Definition
from mesospread.model.structure import Structure, build_structure
from mesospread.simulate.batch import Batch
from tests.support.statistics import Floats, Score, identity
from tests.support.subjects import Subject, events_of, same_events

#: a time may come out earlier by rounding alone, relative
ROUNDING = 1e-12


def any_blocks(subject: Subject, n: int, seed: int) -> list[Score]:
    """Cut the cohort into blocks in three ways; the events stay the same."""
    whole = subject.run(seed, n).events
    rng = np.random.default_rng(seed)
    scores = []
    for pieces in (2, 7, 40):
        cuts = np.unique([0, n, *rng.integers(1, n, pieces - 1)])
        parts = [subject.run(seed, int(b - a), int(a)) for a, b in itertools.pairwise(cuts)]
        same = same_events(whole, joined(parts))
        scores.append(identity(f"{len(parts)} blocks", same, whole.time_months.size))
    return scores


def any_threads(subject: Subject, n: int, seed: int) -> list[Score]:
    """Follow blocks in 2 and 5 threads; the events stay the same."""
    whole = subject.run(seed, n).events
    starts = np.linspace(0, n, 18).astype(int)
    sizes = np.diff(starts)
    scores = []
    for workers in (2, 5):
        with ThreadPoolExecutor(workers) as pool:
            parts = list(
                pool.map(lambda k: subject.run(seed, int(sizes[k]), int(starts[k])), range(17))
            )
        same = same_events(whole, joined(parts))
        scores.append(identity(f"{workers} threads", same, whole.time_months.size))
    return scores


def one_more_patient(subject: Subject, n: int, seed: int) -> list[Score]:
    """Add one patient; all others keep their histories. Another seed changes them."""
    without, more = subject.run(seed, n).events, subject.run(seed, n + 1).events
    same = same_events(without, joined([_first_patients(more, n)]))
    other = subject.run(seed + 1, n).events
    return [
        identity("one more patient", same, without.time_months.size),
        identity("another seed", not same_events(without, other), without.time_months.size),
    ]


def bystander(subject: Subject, n: int, seed: int) -> list[Score]:
    """Add a process that drives nobody, before or after the others; their events stay."""
    alone = subject.run(seed, n)
    scores = []
    for at_front in (True, False):
        watched = replace(subject, structure=with_marker(subject.structure, at_front))
        batch = watched.run(seed, n)
        same = all(events_of(alone, i) == events_of(batch, i, without="marker") for i in range(n))
        seen = sum(len(events_of(batch, i)) - len(events_of(alone, i)) for i in range(n))
        place = "in front" if at_front else "behind"
        scores.append(identity(f"a bystander {place}", same, alone.events.time_months.size))
        scores.append(identity(f"the bystander {place} moves", seen > 0, n))
    return scores


def idle_treatment(subject: Subject, n: int, seed: int) -> list[Score]:
    """Add a treatment that changes nothing; every event stays, to the last bit.

    Once it does nothing while given (ratio 1), and once it would, but is not given
    before the end of follow-up.
    """
    alone = subject.run(seed, n)
    scores = []
    for label, start, ratio in (("ratio 1", 2.5, 1.0), ("not yet given", 1e6, 0.5)):
        structure = with_treatment(subject.structure, start, ratio)
        batch = replace(subject, structure=structure).run(seed, n)
        same = all(events_of(alone, i) == events_of(batch, i, without="extra") for i in range(n))
        scores.append(identity(f"idle treatment, {label}", same, alone.events.time_months.size))
    return scores


def slower_route(subject: Subject, n: int, seed: int) -> list[Score]:
    """Slow one step at a time by a treatment from month 2 on; it never happens earlier.

    What happened before the treatment stays; of what was to happen after it, most is
    put off. Processes on which an intervention acts are left out.
    """
    alone = first_times(subject, n, seed)
    scores = []
    starts = subject.structure.start_levels()
    acted = {a.process for s in subject.structure.schedule for a in s.actions}
    random = {(r.process, r.level) for r in subject.structure.routes}
    for process, level in sorted(random):
        if level < starts[process] or process in acted:
            # not first reached by a step
            continue
        p = subject.structure.processes[process]
        step = f"{p.name}.{p.levels[level + 1]}"
        structure = with_treatment(subject.structure, 2.0, 0.3, (step,))
        slowed = first_times(replace(subject, structure=structure), n, seed)
        before, after = alone[step], slowed[step]
        kept = np.array_equal(before[before <= 2.0], after[before <= 2.0])
        later = (after > before)[(before > 2.0) & np.isfinite(before)]
        scores += [
            identity(f"{step} never earlier", bool((after >= before).all()), n),
            identity(f"{step} before the treatment", kept, n),
            identity(f"{step} put off", bool(later.mean() > 0.9), later.size),
        ]
    return scores


def monotone_model(subject: Subject, n: int, seed: int) -> list[Score]:
    """Slow all routes of a model in which no level slows another: nothing comes earlier."""
    alone = first_times(subject, n, seed)
    slowed = first_times(
        replace(subject, structure=with_treatment(subject.structure, 2.0, 0.5)), n, seed
    )
    return [
        identity(
            f"{step} not earlier in a monotone model",
            bool((slowed[step] >= before * (1.0 - ROUNDING)).all()),
            int(np.isfinite(before).sum()),
        )
        for step, before in alone.items()
        if np.isfinite(before).any()
    ]


def first_times(subject: Subject, n: int, seed: int) -> dict[str, Floats]:
    """Return the first entry into every level, months; infinity if never."""
    batch = subject.run(seed, n)
    entries = np.where(np.isnan(batch.first_entries()), np.inf, batch.first_entries())
    return {name: entries[:, k] for k, name in enumerate(batch.compiled.step_names())}


def joined(batches: list[Batch] | list[Events]) -> Events:
    """Lay the events of consecutive blocks end to end."""
    events = [b.events if isinstance(b, Batch) else b for b in batches]
    counts = np.concatenate([np.diff(e.offset) for e in events])
    return Events(
        np.cumsum([0, *counts]),
        np.concatenate([e.time_months for e in events]),
        np.concatenate([e.process for e in events]),
        np.concatenate([e.level for e in events]),
        sum(e.overflow for e in events),
    )


def _first_patients(events: Events, n: int) -> Events:
    used = events.offset[n]
    return Events(
        events.offset[: n + 1],
        events.time_months[:used],
        events.process[:used],
        events.level[:used],
        events.overflow,
    )


def with_marker(structure: Structure, at_front: bool) -> Structure:
    """Return the structure with a process that others drive and that drives nobody."""
    first = structure.processes[0]
    marker = {"name": "marker", "levels": ["low", "middle", "high"]}
    routes = [
        {"step": "marker.middle", "via": "other", "rate": 0.3,
         "when": {first.name: {first.levels[0]: 0.5, "otherwise": 2.0}}},
        {"step": "marker.high", "via": "other", "rate": 0.5},
    ]  # fmt: skip
    table = structure.definition.model_dump(exclude_none=True, by_alias=True)
    listed = list(table["process"])
    table["process"] = [marker, *listed] if at_front else [*listed, marker]
    table["route"] = [*routes, *table["route"]]
    return build_structure(Definition.model_validate(table))


def with_treatment(
    structure: Structure, start_months: float, ratio: float, steps: tuple[str, ...] = ()
) -> Structure:
    """Return the structure with a treatment ``extra`` that multiplies rates once given.

    Parameters
    ----------
    structure
        Without the treatment.
    start_months
        When it is given.
    ratio
        What it multiplies rates by.
    steps
        ``process.level`` of the steps whose routes it acts on; all if empty.
    """
    table: dict[str, Any] = structure.definition.model_dump(exclude_none=True, by_alias=True)
    table["process"] = [*table["process"], {"name": "extra", "levels": ["off", "on"]}]
    table["schedule"] = [
        *table["schedule"], {"step": "extra.on", "delay_months": start_months}
    ]  # fmt: skip
    table["route"] = [
        {**route, "when": {**route["when"], "extra": {"off": 1.0, "on": ratio}}}
        if not steps or route["step"] in steps
        else route
        for route in table["route"]
    ]
    return build_structure(Definition.model_validate(table))
