"""Resolve the names of a definition: who steps where, by which routes, driven by whom.

A `Structure` still holds parameter names, not numbers, so it is built once and
compiled again for every posterior draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mesospread.errors import DefinitionError, unknown_name
from mesospread.model.checks import check_background, check_population
from mesospread.model.definition import (
    Action,
    Categorical,
    ChanceByCovariate,
    Definition,
    Parameter,
    Process,
    Route,
    ScheduledStep,
    Value,
)
from mesospread.model.names import Names, Term


@dataclass(frozen=True)
class FlatRoute:
    """One route of one step.

    Attributes
    ----------
    process, level
        The process, and the level it leaves.
    via
        Kind of route.
    rate, median_months
        One of the two; a number or a parameter name.
    terms
        Parents.
    covariates
        Names of effects.
    frailty
        (name, loading) pairs.
    """

    process: int
    level: int
    via: str
    rate: Value | None
    median_months: Value | None
    terms: tuple[Term, ...] = ()
    covariates: tuple[str, ...] = ()
    frailty: tuple[tuple[str, float | str], ...] = ()


@dataclass(frozen=True)
class FlatAction:
    """What an intervention does: ``process`` from ``from_level`` or above to ``to_level``."""

    process: int
    from_level: int
    to_level: int
    probability: Value | ChanceByCovariate


@dataclass(frozen=True)
class FlatSchedule:
    """A scheduled step: ``process`` leaves ``level`` a delay after its anchor."""

    process: int
    level: int
    anchor_process: int  # -1: the start
    anchor_level: int
    delay_months: Value | None  # None: background mortality
    actions: tuple[FlatAction, ...] = ()


@dataclass(frozen=True)
class Structure:
    """A disease with all names resolved; see `build_structure`."""

    name: str
    title: str
    rate_unit: str
    processes: tuple[Process, ...]
    routes: tuple[FlatRoute, ...]
    schedule: tuple[FlatSchedule, ...]
    definition: Definition
    parameters: Mapping[str, Parameter]
    index: Mapping[str, int] = field(default_factory=dict)
    treatments: tuple[str, ...] = ()

    def digest(self) -> str:
        """Return a short fingerprint of all that decides the results but the values."""
        parts = (
            self.rate_unit,
            self.processes,
            self.routes,
            self.schedule,
            sorted(self.parameters.items()),
            self.definition.covariates,
            self.definition.effects,
            self.definition.frailty,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]

    def process(self, name: str) -> Process:
        """Return a process by name.

        Raises
        ------
        DefinitionError
            If there is no such process.
        """
        return self.processes[self.position(name)]

    def position(self, name: str) -> int:
        """Return the position of a process, or raise with the nearest name."""
        if name not in self.index:
            raise unknown_name("process", name, self.index, error=DefinitionError)
        return self.index[name]

    def of_role(self, role: str) -> tuple[str, ...]:
        """Return the names of all processes with a role, in order."""
        return tuple(p.name for p in self.processes if p.role == role)

    def start_levels(self) -> tuple[int, ...]:
        """Return the level in which each process starts."""
        return tuple(p.levels.index(p.start) if p.start else 0 for p in self.processes)


def build_structure(definition: Definition, source: str = "definition") -> Structure:
    """Resolve and check a definition.

    Parameters
    ----------
    definition
        As read from a file.
    source
        What to call it in errors, e.g. the file name.

    Raises
    ------
    DefinitionError
        For unknown names, steps that nothing can take, steps that are both random
        and scheduled, and background mortality without age and sex.
    """
    names = Names(definition, source)
    _check_unique(names)
    routes: list[FlatRoute] = []
    for i, route in enumerate(definition.route):
        routes += _flat_routes(names, route, f"route[{i}]")
    schedule = [
        flat_schedule(names, entry, f"schedule[{i}]") for i, entry in enumerate(definition.schedule)
    ]
    check_population(names)
    structure = Structure(
        name=definition.name,
        title=definition.title,
        rate_unit=definition.rate_unit,
        processes=definition.process,
        routes=tuple(routes),
        schedule=tuple(schedule),
        definition=definition,
        parameters=definition.parameters,
        index=names.index,
    )
    _check_reachable(names, structure)
    return structure


def _check_unique(names: Names) -> None:
    listed = [p.name for p in names.definition.process]
    for name in listed:
        if listed.count(name) > 1:
            raise names.error("two processes have the same name", "process", given=repr(name))
    for group, members in names.definition.groups.items():
        if group in names.index:
            raise names.error("a group has the name of a process", "groups", given=repr(group))
        for member in members:
            names.process(member, f"groups.{group}")


def _flat_routes(names: Names, route: Route, path: str) -> list[FlatRoute]:
    """Return the routes that one entry stands for: per step, and per member of ``each``."""
    definition = names.definition
    for effect in route.covariates:
        if effect not in definition.effects:
            raise names.unknown("effect", effect, definition.effects, f"{path}.covariates")
    members: tuple[str, ...] = ("",)
    if route.each is not None:
        if route.each not in definition.groups:
            raise names.unknown("group", route.each, definition.groups, f"{path}.each")
        members = definition.groups[route.each]
    return [
        _flat_route(names, route, process, level, member, path)
        for process, level in names.steps(route.step, f"{path}.step")
        for member in members
        if member != definition.process[process].name
    ]


def _flat_route(
    names: Names, route: Route, process: int, level: int, member: str, path: str
) -> FlatRoute:
    own = names.definition.process[process].name

    def value(given: Value, place: str) -> Value:
        filled = given.replace("{member}", member) if isinstance(given, str) else given
        return names.value(filled, own, f"{path}.{place}")

    terms = []
    for written, given in route.when.items():
        place = f"{path}.when.{written}"
        parent = names.process(written.replace("{process}", own).replace("{member}", member), place)
        if parent == process:
            raise names.error("a process cannot be its own parent", place, given=own)
        terms.append(names.multiplier(parent, given, own, place))
    loadings = []
    for name, loading in route.frailty.items():
        if name not in names.definition.frailty:
            raise names.unknown("frailty", name, names.definition.frailty, f"{path}.frailty")
        loadings.append((name, value(loading, f"frailty.{name}")))
    return FlatRoute(
        process=process,
        level=level,
        via=route.via,
        rate=None if route.rate is None else value(route.rate, "rate"),
        median_months=(
            None if route.median_months is None else value(route.median_months, "median_months")
        ),
        terms=tuple(terms),
        covariates=route.covariates,
        frailty=tuple(loadings),
    )


def flat_schedule(names: Names, entry: ScheduledStep, path: str) -> FlatSchedule:
    """Resolve one scheduled step."""
    process, level = names.step(entry.step, f"{path}.step")
    if entry.after == "start":
        anchor = (-1, 0)
    else:
        anchor_process, left = names.step(entry.after, f"{path}.after")
        p = names.definition.process[anchor_process]
        if p.start is not None and left + 1 <= p.levels.index(p.start):
            raise names.error(
                "nobody enters this level: the process starts there or above",
                f"{path}.after",
                given=repr(entry.after),
                remedy='Write after = "start"',
            )
        anchor = (anchor_process, left + 1)
    delay = entry.delay_months
    if delay is not None:
        delay = names.value(delay, names.definition.process[process].name, f"{path}.delay_months")
    if entry.background:
        check_background(names, path)
    actions = tuple(
        _flat_action(names, action, f"{path}.actions[{i}]")
        for i, action in enumerate(entry.actions)
    )
    if any(action.process == process for action in actions):
        raise names.error(
            "an intervention cannot act on itself",
            f"{path}.actions",
            given=names.definition.process[process].name,
        )
    return FlatSchedule(process, level, *anchor, delay, actions)


def _flat_action(names: Names, action: Action, path: str) -> FlatAction:
    process = names.process(action.process, f"{path}.process")
    own = names.definition.process[process]
    to_level = names.level(process, action.to, f"{path}.to")
    from_level = 0
    if action.at_least is not None:
        from_level = names.level(process, action.at_least, f"{path}.at_least")
    probability = action.probability
    if isinstance(probability, str):
        probability = names.value(probability, own.name, f"{path}.probability")
    elif isinstance(probability, ChanceByCovariate):
        covariate = names.definition.covariates.get(probability.covariate)
        if not isinstance(covariate, Categorical):
            categorical = [
                k for k, v in names.definition.covariates.items() if isinstance(v, Categorical)
            ]
            raise names.unknown(
                "categorical covariate", probability.covariate, categorical, f"{path}.probability"
            )
        for level in probability.values:
            if level not in covariate.levels:
                raise names.unknown("level", level, covariate.levels, f"{path}.probability")
        for level in covariate.levels:
            if level not in probability.values:
                raise names.error(
                    "a level has no probability",
                    f"{path}.probability",
                    given=", ".join(probability.values),
                    allowed=", ".join(covariate.levels),
                )
    return FlatAction(process, from_level, to_level, probability)


def _check_reachable(names: Names, structure: Structure) -> None:
    """Refuse dead ends: a level that no route and no schedule leads to."""
    random = {(r.process, r.level) for r in structure.routes}
    entries = [(s.process, s.level) for s in structure.schedule]
    for process, level in entries:
        if entries.count((process, level)) > 1:
            p = structure.processes[process]
            raise names.error(
                "a step is scheduled twice", "schedule", given=f"{p.name}.{p.levels[level + 1]}"
            )
    scheduled = {(s.process, s.level) for s in structure.schedule}
    acted = {(a.process, a.to_level - 1) for s in structure.schedule for a in s.actions}
    starts = structure.start_levels()
    for process, p in enumerate(structure.processes):
        for level in range(starts[process], len(p.levels) - 1):
            step = (process, level)
            if step in random and step in scheduled:
                raise names.error(
                    "a step is both random and scheduled",
                    "schedule",
                    given=f"{p.name}.{p.levels[level + 1]}",
                    remedy="Keep either the route or the schedule",
                )
            if step not in random and step not in scheduled and step not in acted:
                raise names.error(
                    "dead end: nothing leads to this level",
                    "process",
                    given=f"{p.name}.{p.levels[level + 1]}",
                    remedy="Add a route or a schedule for it, or leave the level out",
                )


def action_names(structure: Structure) -> list[str]:
    """Name the chance of every action, in the order of the schedule.

    Named by what is done and how often it has been done before, not by when or by
    which treatment: two arms that both operate once share the outcome, and doing the
    same again is a new chance.
    """
    names: list[str] = []
    for entry in structure.schedule:
        for action in entry.actions:
            what = f"action:{structure.processes[action.process].name}:{action.to_level}"
            before = sum(name.startswith(f"{what}:") for name in names)
            names.append(f"{what}:{before}")
    return names


def extend_structure(
    structure: Structure,
    *,
    processes: Iterable[Process],
    routes: Iterable[FlatRoute],
    schedule: Iterable[FlatSchedule],
    parameters: Mapping[str, Parameter],
) -> Structure:
    """Return a structure with more processes, and with the given routes and parameters.

    ``routes`` replaces the routes; processes and schedule are appended, so that the
    positions of the processes already there stay as they are.
    """
    everyone = (*structure.processes, *processes)
    return replace(
        structure,
        processes=everyone,
        routes=tuple(routes),
        schedule=(*structure.schedule, *schedule),
        parameters={**structure.parameters, **parameters},
        index={p.name: i for i, p in enumerate(everyone)},
    )
