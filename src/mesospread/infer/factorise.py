"""Split a disease into a core that is simulated and leaves that are solved.

A *leaf* is a site whose level touches nothing but the hazards of diagnosis and of
death, and those additively (no route has two leaves as parents). Given the path of
everything else, the *core*, leaves are then independent chains with piecewise-constant
rates: their probabilities have closed forms, and only the core must be sampled
(Rao-Blackwellisation).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mesospread.model.names import Term
from mesospread.model.structure import FlatAction, FlatRoute, FlatSchedule, Structure


@dataclass(frozen=True)
class Split:
    """Core and leaves of a structure, by position.

    Attributes
    ----------
    structure
        The whole disease.
    leaves
        Positions of the leaves.
    deaths
        Positions of the terminal processes.
    diagnosis
        Position of the diagnosis.
    core
        The rest and the diagnosis, as a structure of its own: no leaves, no death.
    kept
        Position in the whole of each process of the core.
    kept_schedule
        Index in the whole of each scheduled step of the core.
    kept_actions
        Index in the whole of each action of the core.
    """

    structure: Structure
    leaves: tuple[int, ...]
    deaths: tuple[int, ...]
    diagnosis: int
    core: Structure
    kept: tuple[int, ...]
    kept_schedule: tuple[int, ...]
    kept_actions: tuple[int, ...]


def split(structure: Structure) -> Split:
    """Find the leaves of a disease and build its core.

    Parameters
    ----------
    structure
        With exactly one process of the role ``diagnosis``.
    """
    deaths = tuple(i for i, p in enumerate(structure.processes) if p.terminal)
    diagnosis = structure.position(structure.of_role("diagnosis")[0])
    leaves = _leaves(structure, set(deaths) | {diagnosis})
    gone = set(leaves) | set(deaths)
    kept = tuple(i for i in range(len(structure.processes)) if i not in gone)
    new = {old: position for position, old in enumerate(kept)}
    routes = tuple(
        replace(
            route,
            process=new[route.process],
            terms=tuple(Term(new[term.parent], term.values) for term in route.terms),
        )
        for route in structure.routes
        if route.process in new and all(term.parent in new for term in route.terms)
    )
    schedule, kept_schedule, kept_actions = _core_schedule(structure, new)
    core = replace(
        structure,
        name=f"{structure.name}_core",
        processes=tuple(structure.processes[i] for i in kept),
        routes=routes,
        schedule=schedule,
        index={structure.processes[i].name: new[i] for i in kept},
    )
    return Split(structure, leaves, deaths, diagnosis, core, kept, kept_schedule, kept_actions)


def _leaves(structure: Structure, sinks: set[int]) -> tuple[int, ...]:
    """Return the sites that touch only the sinks (diagnosis, death), one per route."""
    candidates = {i for i, p in enumerate(structure.processes) if p.role == "site"}
    candidates -= {entry.process for entry in structure.schedule}
    candidates -= {entry.anchor_process for entry in structure.schedule}
    for route in structure.routes:
        parents = {term.parent for term in route.terms} & candidates
        if route.process not in sinks:
            candidates -= parents
    for route in structure.routes:
        parents = {term.parent for term in route.terms} & candidates
        if len(parents) > 1:
            candidates -= parents
    return tuple(sorted(candidates))


def _core_schedule(
    structure: Structure, new: dict[int, int]
) -> tuple[tuple[FlatSchedule, ...], tuple[int, ...], tuple[int, ...]]:
    schedule, kept, kept_actions = [], [], []
    number = 0
    for k, entry in enumerate(structure.schedule):
        actions: list[FlatAction] = []
        for action in entry.actions:
            if entry.process in new and action.process in new:
                actions.append(replace(action, process=new[action.process]))
                kept_actions.append(number)
            number += 1
        if entry.process in new:
            anchor = new[entry.anchor_process] if entry.anchor_process >= 0 else -1
            schedule.append(
                replace(
                    entry,
                    process=new[entry.process],
                    anchor_process=anchor,
                    actions=tuple(actions),
                )
            )
            kept.append(k)
    return tuple(schedule), tuple(kept), tuple(kept_actions)


def routes_of(structure: Structure, process: int, parent: int | None) -> list[FlatRoute]:
    """Return the routes of a process that have (or, for None, have no) leaf parent."""
    return [
        route
        for route in structure.routes
        if route.process == process
        and (parent is None or any(term.parent == parent for term in route.terms))
    ]
