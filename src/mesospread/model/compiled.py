"""Turn a structure and parameter values into the flat arrays the kernels take."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.errors import DefinitionError
from mesospread.kernels.tables import (
    ACTION,
    LISTENER,
    PROCESS,
    RANDOM,
    ROUTE,
    SCHEDULED,
    STEP,
    TERM,
    Tables,
)
from mesospread.model.definition import Categorical, ChanceByCovariate, Value
from mesospread.model.parameters import Values, central_values, in_months
from mesospread.model.structure import FlatRoute, Structure, action_names
from mesospread.randomness import stream_id


@dataclass(frozen=True)
class Group:
    """Routes that share their patient factor.

    Attributes
    ----------
    covariates
        Names of effects.
    loadings
        Frailty name and loading.
    """

    covariates: tuple[str, ...]
    loadings: tuple[tuple[str, Value], ...]


#: the same before values are looked up
GroupSymbols = tuple[tuple[str, ...], tuple[tuple[str, float | str], ...]]


@dataclass(frozen=True)
class CompiledModel:
    """A model ready to run.

    Attributes
    ----------
    structure
        What it was compiled from.
    values
        Parameter values used, in months.
    tables
        Arrays for the kernels.
    groups
        Columns of the patient factors.
    via
        Kind of each route, in the order of ``tables.routes``.
    delays
        Months of each scheduled step; None for background mortality.
    chances
        Of each action: a probability, or (covariate, probability by level).
    max_events
        Bound on the events of one patient.
    """

    structure: Structure
    values: Values
    tables: Tables
    groups: tuple[Group, ...]
    via: tuple[str, ...]
    delays: tuple[float | None, ...]
    chances: tuple[float | tuple[str, tuple[float, ...]], ...]
    max_events: int

    def number(self, value: Value) -> float:
        """Return a number: itself, or the value of the parameter it names."""
        return self.values[value] if isinstance(value, str) else float(value)

    def step_names(self) -> tuple[str, ...]:
        """Return ``process.level`` for every step, in the order of the tables."""
        return tuple(
            f"{p.name}.{level}" for p in self.structure.processes for level in p.levels[1:]
        )


class Numbers:
    """Looks up values of a structure: parameters by name, literals as they are."""

    def __init__(self, structure: Structure, values: Values) -> None:
        self.structure = structure
        self.values = values

    def __call__(self, value: Value) -> float:
        """Return a number: itself, or the value of the parameter it names."""
        return float(self.values[value]) if isinstance(value, str) else float(value)

    def rate_per_month(self, route: FlatRoute) -> float:
        """Return the base rate of a route per month."""
        if route.median_months is not None:
            median = self(route.median_months)
            return math.log(2.0) / median if median > 0 else math.inf
        assert route.rate is not None
        if isinstance(route.rate, str):
            return self(route.rate)
        return in_months(route.rate, self.structure.rate_unit)


@dataclass(frozen=True)
class Plan:
    """Everything about a compiled model that does not depend on parameter values.

    Made once per structure; `bind` then takes microseconds per posterior draw.

    Attributes
    ----------
    structure
        What it is for.
    tables
        With all rates and multipliers still zero.
    rates, multipliers
        Where each comes from: routes in the order of the tables, and values.
    groups
        Effects and frailty loadings of each column of the patient factors.
    delays, chances
        As in `CompiledModel`, values not yet looked up.
    """

    structure: Structure
    tables: Tables
    rates: tuple[FlatRoute, ...]
    multipliers: tuple[Value, ...]
    groups: tuple[GroupSymbols, ...]
    delays: tuple[Value | None, ...]
    chances: tuple[Value | ChanceByCovariate, ...]

    @property
    def max_events(self) -> int:
        """Bound on the events of one patient."""
        return self.tables.steps.size * (1 + len(self.chances))

    def bind(self, values: Values) -> CompiledModel:
        """Return the model with one set of parameter values (by name, in months).

        Raises
        ------
        DefinitionError
            If a rate or a multiplier is negative or not finite.
        """
        number = Numbers(self.structure, values)
        routes = self.tables.routes.copy()
        routes["rate"] = [number.rate_per_month(route) for route in self.rates]
        multipliers = np.array([number(value) for value in self.multipliers])
        check_numbers(self.structure, np.concatenate([routes["rate"], multipliers]))
        return CompiledModel(
            structure=self.structure,
            values=values,
            tables=self.tables._replace(routes=routes, multipliers=multipliers),
            groups=tuple(
                Group(covariates, tuple((name, number(load)) for name, load in loadings))
                for covariates, loadings in self.groups
            ),
            via=tuple(route.via for route in self.rates),
            delays=tuple(None if d is None else number(d) for d in self.delays),
            chances=tuple(_chance(self.structure, number, c) for c in self.chances),
            max_events=self.max_events,
        )


def compile_model(structure: Structure, values: Values | None = None) -> CompiledModel:
    """Compile a structure with one set of parameter values.

    Parameters
    ----------
    structure
        From `build_structure`.
    values
        By parameter name, in months; the central values if not given.

    Raises
    ------
    DefinitionError
        If a rate, multiplier or probability is negative or not finite, or two
        processes fall on the same random stream.
    """
    return plan(structure).bind(central_values(structure.parameters) if values is None else values)


def plan(structure: Structure) -> Plan:
    """Lay out the tables of a structure.

    Raises
    ------
    DefinitionError
        If two processes fall on the same random stream.
    """
    first_step = np.concatenate([[0], np.cumsum([len(p.levels) - 1 for p in structure.processes])])
    steps = np.zeros(int(first_step[-1]), STEP)
    for p, (start, end) in enumerate(itertools.pairwise(first_step)):
        steps["process"][start:end] = p
    by_step: list[list[FlatRoute]] = [[] for _ in range(steps.size)]
    for route in structure.routes:
        by_step[first_step[route.process] + route.level].append(route)
    # a route without parents has itself as parent, with multipliers 1 at every level
    multipliers: list[Value] = [1.0] * max(len(p.levels) for p in structure.processes)
    routes: list[tuple[float, int, int, int, int, int]] = []
    terms: list[tuple[int, int]] = []
    groups: dict[GroupSymbols, int] = {}
    for k, listed in enumerate(by_step):
        steps[k]["routes"] = len(routes)
        for route in listed:
            parents = []
            for term in route.terms:
                if any(value != 1.0 for value in term.values):
                    parents.append((term.parent, len(multipliers)))
                    multipliers += term.values
            first, *others = parents or [(route.process, 0)]
            column = groups.setdefault((route.covariates, route.frailty), len(groups))
            routes.append((0.0, column, *first, len(terms), len(terms) + len(others)))
            terms += others
        steps[k]["routes_end"] = len(routes)
    actions = _schedule(structure, steps, first_step)
    tables = Tables(
        processes=_processes(structure, first_step),
        steps=steps,
        routes=np.array(routes, ROUTE),
        terms=np.array(terms, TERM),
        multipliers=np.zeros(len(multipliers)),
        listeners=np.array(_listeners(structure, steps, first_step), LISTENER),
        actions=np.array(actions, ACTION),
    )
    return Plan(
        structure=structure,
        tables=tables,
        rates=tuple(route for listed in by_step for route in listed),
        multipliers=tuple(multipliers),
        groups=tuple(groups) or (((), ()),),
        delays=tuple(entry.delay_months for entry in structure.schedule),
        chances=tuple(a.probability for entry in structure.schedule for a in entry.actions),
    )


def check_numbers(structure: Structure, numbers: NDArray[np.float64]) -> None:
    """Refuse rates or multipliers that are negative or not finite."""
    wrong = ~(np.isfinite(numbers) & (numbers >= 0))
    if wrong.any():
        raise DefinitionError(
            "a rate or multiplier is negative or not finite",
            where=structure.name,
            given=str(numbers[wrong][0]),
            allowed="finite numbers >= 0",
        )


def _processes(structure: Structure, first_step: NDArray[np.int64]) -> NDArray[np.void]:
    streams = [stream_id(p.name) for p in structure.processes]
    if len(set(streams)) < len(streams):
        raise DefinitionError(
            "two process names fall on the same random stream",
            where=structure.name,
            remedy="Rename one of the processes",
        )
    rows = [
        (start, len(p.levels), int(p.terminal), first_step[i], streams[i])
        for i, (p, start) in enumerate(
            zip(structure.processes, structure.start_levels(), strict=True)
        )
    ]
    return np.array(rows, PROCESS)


def _schedule(
    structure: Structure, steps: NDArray[np.void], first_step: NDArray[np.int64]
) -> list[tuple[int, int, int, int]]:
    """Write the scheduled steps into the step table; return the actions."""
    steps["kind"] = RANDOM
    names = action_names(structure)
    actions: list[tuple[int, int, int, int]] = []
    for column, entry in enumerate(structure.schedule):
        k = first_step[entry.process] + entry.level
        steps[k]["kind"] = SCHEDULED
        steps[k]["anchor_process"] = entry.anchor_process
        steps[k]["anchor_level"] = entry.anchor_level
        steps[k]["delay"] = column
        steps[k]["actions"] = len(actions)
        for action in entry.actions:
            stream = stream_id(names[len(actions)])
            actions.append((action.process, action.from_level, action.to_level, stream))
        steps[k]["actions_end"] = len(actions)
    return actions


def _chance(
    structure: Structure, number: Numbers, probability: Value | ChanceByCovariate
) -> float | tuple[str, tuple[float, ...]]:
    if isinstance(probability, ChanceByCovariate):
        covariate = structure.definition.covariates[probability.covariate]
        assert isinstance(covariate, Categorical)
        return probability.covariate, tuple(
            number(probability.values[level]) for level in covariate.levels
        )
    return number(probability)


def _listeners(
    structure: Structure, steps: NDArray[np.void], first_step: NDArray[np.int64]
) -> list[tuple[int, int, int]]:
    """List, for every step, whose hazard changes when it is taken: itself first."""
    driven: dict[tuple[int, int], dict[tuple[int, int], None]] = {}
    for route in structure.routes:
        for term in route.terms:
            for level, (before, after) in enumerate(itertools.pairwise(term.values)):
                if before != after:
                    who = driven.setdefault((term.parent, level), {})
                    who[route.process, route.level] = None
    listeners: list[tuple[int, int, int]] = []
    for p, process in enumerate(structure.processes):
        for level in range(len(process.levels) - 1):
            k = first_step[p] + level
            steps[k]["listeners"] = len(listeners)
            for q, at in [(p, level + 1), *driven.get((p, level), {})]:
                is_last = at + 1 == len(structure.processes[q].levels)
                if not is_last and steps[first_step[q] + at]["kind"] == RANDOM:
                    listeners.append((q, at, first_step[q] + at))
            steps[k]["listeners_end"] = len(listeners)
    return listeners
