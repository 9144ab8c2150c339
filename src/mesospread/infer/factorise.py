"""Split a disease into a core that is simulated and leaves that are solved.

A *leaf* is a site whose level touches nothing but the hazards of diagnosis and of
death, and those additively (no route has two leaves as parents). Given the path of
everything else, the *core*, leaves are then independent chains with piecewise-constant
rates: their probabilities have closed forms, and only the core must be sampled
(Rao-Blackwellisation).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mesospread.kernels.leaves import N_LEVELS
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
        Positions of the leaves; may be none.
    core_sites
        Positions of the sites that are not.
    deaths
        Positions of the terminal processes.
    diagnosis
        Position of the diagnosis.
    core
        The rest and the diagnosis, as a structure of its own: no leaves, no death.
    kept
        Position in the whole of each process of the core.
    """

    structure: Structure
    leaves: tuple[int, ...]
    core_sites: tuple[int, ...]
    deaths: tuple[int, ...]
    diagnosis: int
    core: Structure
    kept: tuple[int, ...]


def split(structure: Structure) -> Split:
    """Find the leaves of a disease and build its core.

    Parameters
    ----------
    structure
        With exactly one process of the role ``diagnosis``.
    """
    deaths = tuple(i for i, p in enumerate(structure.processes) if p.terminal)
    diagnosis = structure.position(structure.of_role("diagnosis")[0])
    leaves = _leaves(structure, {*deaths, diagnosis})
    gone = {*leaves, *deaths}
    kept = tuple(i for i in range(len(structure.processes)) if i not in gone)
    new = {old: position for position, old in enumerate(kept)}
    core = replace(
        structure,
        name=f"{structure.name}_core",
        processes=tuple(structure.processes[i] for i in kept),
        routes=tuple(
            _renumbered(route, new)
            for route in structure.routes
            if route.process in new and all(term.parent in new for term in route.terms)
        ),
        schedule=tuple(
            _kept_entry(entry, new) for entry in structure.schedule if entry.process in new
        ),
        index={structure.processes[i].name: new[i] for i in kept},
    )
    sites = {structure.position(site) for site in structure.of_role("site")}
    core_sites = tuple(sorted(sites - set(leaves)))
    return Split(structure, leaves, core_sites, deaths, diagnosis, core, kept)


def _leaves(structure: Structure, sinks: set[int]) -> tuple[int, ...]:
    """Return the sites that touch only the sinks (diagnosis, death), one per route.

    Sites with more or fewer levels than the closed form has, or with a start of their own,
    stay in the core, and so does whatever waits for an appointment or is waited for.
    """
    sites = [structure.position(site) for site in structure.of_role("site")]
    start, levels = structure.start_levels(), [len(p.levels) for p in structure.processes]
    candidates = {i for i in sites if levels[i] == N_LEVELS and start[i] == 0}
    candidates -= {entry.process for entry in structure.schedule}
    candidates -= {entry.anchor_process for entry in structure.schedule}
    for route in structure.routes:
        parents = {term.parent for term in route.terms} & candidates
        if route.process not in sinks:
            candidates -= parents - {route.process}
    for route in structure.routes:
        parents = {term.parent for term in route.terms} & candidates
        if len(parents) > 1:
            candidates -= parents
    return tuple(sorted(candidates))


def _renumbered(route: FlatRoute, new: dict[int, int]) -> FlatRoute:
    terms = tuple(Term(new[term.parent], term.values) for term in route.terms)
    return replace(route, process=new[route.process], terms=terms)


def _kept_entry(entry: FlatSchedule, new: dict[int, int]) -> FlatSchedule:
    """Return a scheduled step of the core, with its actions on the core."""
    actions: tuple[FlatAction, ...] = tuple(
        replace(action, process=new[action.process])
        for action in entry.actions
        if action.process in new
    )
    anchor = new[entry.anchor_process] if entry.anchor_process >= 0 else -1
    return replace(entry, process=new[entry.process], anchor_process=anchor, actions=actions)
