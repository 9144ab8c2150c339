"""Turn a structure and parameter values into the flat arrays the kernels take."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
from mesospread.model.definition import Categorical, ChanceByCovariate, Numeric, Value
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
    loadings: tuple[tuple[str, float], ...]


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
    chances: tuple[float | tuple[str, NDArray[np.float64]], ...]
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
    values = central_values(structure.parameters) if values is None else values
    number = Numbers(structure, values)
    first_step = np.concatenate([[0], np.cumsum([len(p.levels) - 1 for p in structure.processes])])
    n_steps = int(first_step[-1])
    by_step: list[list[FlatRoute]] = [[] for _ in range(n_steps)]
    for route in structure.routes:
        by_step[first_step[route.process] + route.level].append(route)

    # a route without parents has itself as parent, with multipliers 1 at every level
    multipliers: list[float] = [1.0] * max(len(p.levels) for p in structure.processes)
    routes: list[tuple[float, int, int, int, int, int]] = []
    terms: list[tuple[int, int]] = []
    via: list[str] = []
    groups: dict[Group, int] = {}
    steps = np.zeros(n_steps, STEP)
    for k, listed in enumerate(by_step):
        steps[k]["routes"] = len(routes)
        for route in listed:
            group = Group(
                route.covariates, tuple((name, number(load)) for name, load in route.frailty)
            )
            parents = []
            for term in route.terms:
                by_level = [number(value) for value in term.values]
                if any(value != 1.0 for value in by_level):
                    parents.append((term.parent, len(multipliers)))
                    multipliers += by_level
            first, *others = parents or [(route.process, 0)]
            rate = number.rate_per_month(route)
            column = groups.setdefault(group, len(groups))
            routes.append((rate, column, *first, len(terms), len(terms) + len(others)))
            terms += others
            via.append(route.via)
        steps[k]["routes_end"] = len(routes)
    _check_numbers(structure, [r[0] for r in routes] + multipliers)
    delays, actions, chances = _schedule(structure, number, steps, first_step)
    listeners = _listeners(structure, number, steps, first_step)
    tables = Tables(
        processes=_processes(structure, first_step),
        steps=steps,
        routes=np.array(routes, ROUTE),
        terms=np.array(terms, TERM),
        multipliers=np.array(multipliers, np.float64),
        listeners=np.array(listeners, LISTENER),
        actions=np.array(actions, ACTION),
    )
    return CompiledModel(
        structure=structure,
        values=values,
        tables=tables,
        groups=tuple(groups) or (Group((), ()),),
        via=tuple(via),
        delays=delays,
        chances=chances,
        max_events=n_steps * (1 + len(actions)),
    )


def _check_numbers(structure: Structure, numbers: list[float]) -> None:
    for number in numbers:
        if not (math.isfinite(number) and number >= 0):
            raise DefinitionError(
                "a rate or multiplier is negative or not finite",
                where=structure.name,
                given=str(number),
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
    structure: Structure,
    number: Numbers,
    steps: NDArray[np.void],
    first_step: NDArray[np.int64],
) -> tuple[
    tuple[float | None, ...],
    list[tuple[int, int, int, int]],
    tuple[float | tuple[str, NDArray[np.float64]], ...],
]:
    """Write the scheduled steps into the step table; return delays, actions and chances."""
    for p, start, end in zip(
        range(len(structure.processes)), first_step[:-1], first_step[1:], strict=True
    ):
        steps["process"][start:end] = p
    steps["kind"] = RANDOM
    names = action_names(structure)
    delays: list[float | None] = []
    actions: list[tuple[int, int, int, int]] = []
    chances: list[float | tuple[str, NDArray[np.float64]]] = []
    for entry in structure.schedule:
        k = first_step[entry.process] + entry.level
        steps[k]["kind"] = SCHEDULED
        steps[k]["anchor_process"] = entry.anchor_process
        steps[k]["anchor_level"] = entry.anchor_level
        steps[k]["delay"] = len(delays)
        delays.append(None if entry.delay_months is None else number(entry.delay_months))
        steps[k]["actions"] = len(actions)
        for action in entry.actions:
            stream = stream_id(names[len(actions)])
            actions.append((action.process, action.from_level, action.to_level, stream))
            chances.append(_chance(structure, number, action.probability))
        steps[k]["actions_end"] = len(actions)
    return tuple(delays), actions, tuple(chances)


def _chance(
    structure: Structure, number: Numbers, probability: Value | ChanceByCovariate
) -> float | tuple[str, NDArray[np.float64]]:
    if isinstance(probability, ChanceByCovariate):
        covariate = structure.definition.covariates[probability.covariate]
        assert isinstance(covariate, Categorical)
        return probability.covariate, np.array(
            [number(probability.values[level]) for level in covariate.levels]
        )
    return number(probability)


def _listeners(
    structure: Structure,
    number: Numbers,
    steps: NDArray[np.void],
    first_step: NDArray[np.int64],
) -> list[tuple[int, int, int]]:
    """List, for every step, whose hazard changes when it is taken: itself first."""
    driven: dict[tuple[int, int], dict[tuple[int, int], None]] = {}
    for route in structure.routes:
        for term in route.terms:
            by_level = [number(value) for value in term.values]
            for level in range(len(by_level) - 1):
                if by_level[level] != by_level[level + 1]:
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


def covariate_spec(structure: Structure) -> Mapping[str, Categorical | Numeric]:
    """Return the covariates of the population of a structure."""
    return structure.definition.covariates
