"""Reading histories: first entries, states at times, and by which routes a step came."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.graphs import AWKWARD, EVERYTHING, random_structure
from tests.support.subjects import Subject, events_of
from tests.support.twin_checks import person_of

from mesospread.kernels.histories import route_shares
from mesospread.model.hazards import PlainHazards

PATIENTS = 40


def levels_along(structure, events):
    """Return (months, levels after the event), from the start on."""
    levels = list(structure.start_levels())
    yield 0.0, tuple(levels)
    for time, name, level in events:
        p = structure.position(name)
        levels[p] = structure.processes[p].levels.index(level)
        yield time, tuple(levels)


@pytest.mark.parametrize("graph", range(8))
def test_first_entries_and_states(graph):
    structure = random_structure(graph, AWKWARD)
    batch = Subject(structure, 36.0).run(graph, PATIENTS)
    entries = batch.first_entries()
    rng = np.random.default_rng(graph)
    when = np.sort(rng.uniform(0.0, 40.0, (PATIENTS, 6)), axis=1)
    when[::5, 2] = np.nan
    states = batch.states_at(when)
    for i in range(PATIENTS):
        events = events_of(batch, i)
        path = list(levels_along(structure, events))
        for k, name in enumerate(batch.compiled.step_names()):
            process, level = name.split(".")
            times = [t for t, p, to in events if (p, to) == (process, level)]
            assert entries[i, k] == times[0] if times else np.isnan(entries[i, k])
        for t, month in enumerate(when[i]):
            if np.isnan(month):
                assert (states[i, t] == -1).all()
            else:
                assert tuple(states[i, t]) == [levels for at, levels in path if at <= month][-1]


@pytest.mark.parametrize("graph", range(8))
def test_entries_after_a_time(graph):
    structure = random_structure(graph, AWKWARD)
    batch = Subject(structure, 36.0).run(graph, PATIENTS)
    after = np.random.default_rng(graph).uniform(0.0, 20.0, PATIENTS)
    after[::7] = np.nan
    entries = batch.first_entries(after)
    for i in range(PATIENTS):
        events = events_of(batch, i)
        for k, name in enumerate(batch.compiled.step_names()):
            times = [t for t, p, to in events if f"{p}.{to}" == name and t > after[i]]
            assert entries[i, k] == times[0] if times else np.isnan(entries[i, k])


@pytest.mark.parametrize("graph", range(8))
def test_shares_of_routes(graph):
    """A step is put down to its routes in proportion to their hazards just before it.

    What counts is the last time it was taken up to a moment. Processes that an
    intervention moves up are left out: that is no step by a route.
    """
    structure = random_structure(graph, EVERYTHING)
    batch = Subject(structure, 36.0).run(graph, PATIENTS)
    kinds = sorted(set(batch.compiled.via))
    moved_up = {a.process for s in structure.schedule for a in s.actions if a.to_level > 0}
    names = [
        name for name in batch.compiled.step_names()
        if structure.position(name.split(".")[0]) not in moved_up
    ]  # fmt: skip
    until = np.random.default_rng(graph).uniform(5.0, 40.0, PATIENTS)
    shares = route_shares(
        batch.compiled.tables,
        *batch.events[:4],
        batch.patients.factors,
        np.array([names.index(n) if n in names else -1 for n in batch.compiled.step_names()]),
        np.array([kinds.index(v) for v in batch.compiled.via]),
        len(names),
        len(kinds),
        until,
    )
    seen = 0
    for i in range(PATIENTS):
        hazards = PlainHazards(structure, person_of(structure, batch.patients, i))
        expected = np.zeros((len(names), len(kinds)))
        events = events_of(batch, i)
        path = list(levels_along(structure, events))
        for (_, before), (time, name, level) in zip(path, events, strict=False):
            p = structure.position(name)
            routes = [r for r in structure.routes if (r.process, r.level) == (p, before[p])]
            is_step = structure.processes[p].levels.index(level) == before[p] + 1
            if f"{name}.{level}" in names and routes and is_step and time <= until[i]:
                row = expected[names.index(f"{name}.{level}")]
                row[:] = 0.0
                by_route = np.array([hazards.route(r, before) for r in routes])
                for r, share in zip(routes, by_route / by_route.sum(), strict=True):
                    row[kinds.index(r.via)] += share
                seen += 1
        np.testing.assert_allclose(shares[i], expected, atol=1e-12)
    assert seen > 20
