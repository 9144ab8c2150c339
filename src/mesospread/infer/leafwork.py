"""Everything about one parameter draw that the factorised inference needs.

``LeafModel`` holds the compiled disease and core and the arrays the leaf kernel takes;
``CorePaths`` holds simulated core histories with the part of their weight that does
not depend on the leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.evidence.lifetable import load_life_table
from mesospread.infer.factorise import Split
from mesospread.infer.likelihood import Floats, Likelihood
from mesospread.infer.questions import ROUTES
from mesospread.infer.timeline import Timeline
from mesospread.kernels.histories import first_entries, states_at
from mesospread.kernels.leaves import core_exposure
from mesospread.kernels.paths import simulate_paths
from mesospread.kernels.tables import Events
from mesospread.model.compiled import CompiledModel, compile_model
from mesospread.model.definition import Categorical
from mesospread.model.parameters import Values
from mesospread.model.population import Patients, draw_patients
from mesospread.units import MONTHS_PER_YEAR

Ints = NDArray[np.int64]


class LeafModel:
    """The disease and its core under one set of parameter values.

    Parameters
    ----------
    split
        Core and leaves.
    likelihood
        Of the findings, under the same values.
    values
        Parameter values in months.
    """

    def __init__(self, split: Split, likelihood: Likelihood, values: Values) -> None:
        self.split = split
        self.likelihood = likelihood
        self.whole = compile_model(split.structure, values)
        self.core = compile_model(split.core, values)
        position = {group: g for g, group in enumerate(self.whole.groups)}
        self.group_columns = [position[group] for group in self.core.groups]
        self.kept = np.array(split.kept)
        self.start = np.ascontiguousarray(self.whole.tables.processes["start_level"])
        self.leaves = np.array(split.leaves)
        self.death_routes, self.core_death_routes = self._driven(split.deaths)
        self.diagnosis_routes, self.core_diagnosis_routes = self._driven((split.diagnosis,))
        self.leaf_actions, self.deadly = self._actions()
        classes = [*ROUTES, "other"]
        self.n_classes = len(classes)
        self.class_of_route = np.array(
            [classes.index(via) if via in ROUTES else len(ROUTES) for via in self.whole.via]
        )

        self.only_class = self._only_class()

    def _only_class(self) -> Ints:
        """Return the class of the routes that seed each leaf, -1 if there are several."""
        tables = self.whole.tables
        only = []
        for leaf in self.split.leaves:
            step = tables.steps[tables.processes[leaf]["first_step"]]
            classes = set(self.class_of_route[step["routes"] : step["routes_end"]].tolist())
            only.append(classes.pop() if len(classes) == 1 else -1)
        return np.array(only, np.int64)

    def _driven(self, sinks: tuple[int, ...]) -> tuple[Ints, Ints]:
        """Return the routes of some processes by leaf, (J, X), and those of no leaf."""
        tables = self.whole.tables
        by_leaf: list[list[int]] = [[] for _ in self.split.leaves]
        rest = []
        for k in np.flatnonzero(np.isin(tables.steps["process"], sinks)):
            for r in range(tables.steps[k]["routes"], tables.steps[k]["routes_end"]):
                parents = {int(tables.routes[r]["parent"])} | {
                    int(tables.terms[m]["parent"])
                    for m in range(tables.routes[r]["terms"], tables.routes[r]["terms_end"])
                }
                owner = [j for j, leaf in enumerate(self.split.leaves) if leaf in parents]
                (by_leaf[owner[0]] if owner else rest).append(r)
        width = max((len(listed) for listed in by_leaf), default=0)
        padded = np.full((len(by_leaf), max(width, 1)), -1)
        for j, listed in enumerate(by_leaf):
            padded[j, : len(listed)] = listed
        return padded, np.array(rest, np.int64)

    def _actions(self) -> tuple[Ints, list[tuple[int, int, int]]]:
        """Return the actions on leaves, and the deadly ones as (process, level, action)."""
        leaf_index = {leaf: j for j, leaf in enumerate(self.split.leaves)}
        rows, deadly, number = [], [], 0
        for entry in self.split.structure.schedule:
            for action in entry.actions:
                event = (entry.process, entry.level + 1)
                if action.process in leaf_index:
                    rows.append(
                        (*event, leaf_index[action.process], action.from_level, action.to_level,
                         number)
                    )  # fmt: skip
                elif action.process in self.split.deaths:
                    deadly.append((*event, number))
                number += 1
        return np.array(rows, np.int64).reshape(-1, 6), deadly


@dataclass(frozen=True)
class CorePaths:
    """Core histories that reached diagnosis.

    Attributes
    ----------
    patients
        All patients of the block.
    rows
        (n,) those that were diagnosed.
    events
        Of the rows; processes numbered as in the whole disease.
    diagnosed_months
        (n,) time of diagnosis.
    survival
        (n, 1 + T) probability that nothing but a leaf has killed by today and by each
        grid time, from the start.
    """

    patients: Patients
    rows: Ints
    events: Events
    diagnosed_months: Floats
    survival: Floats

    def levels_at(self, model: LeafModel, offsets_months: Floats) -> NDArray[np.int8]:
        """Return the levels of all processes, leaves at zero, (n, T, P), since diagnosis."""
        when = np.maximum(self.diagnosed_months[:, None] + offsets_months, 0.0)
        order = np.argsort(offsets_months, kind="stable")
        levels = states_at(model.start, *self.events[:4], when[:, order])
        unsorted = np.empty_like(levels)
        unsorted[:, order] = levels
        unsorted[:, :, model.leaves] = 0
        return unsorted


def simulate_core(
    model: LeafModel,
    timeline: Timeline,
    *,
    seed: int,
    first: int,
    n: int,
    grid_months: Floats,
    horizon_months: float,
    life_table: str,
) -> CorePaths:
    """Simulate core histories and the survival that does not depend on leaves."""
    split, whole = model.split, model.whole
    patients = draw_patients(
        whole, seed=seed, first=first, n=n, fixed=timeline.fixed, life_table=life_table
    )
    raw = Events(
        *simulate_paths(
            model.core.tables,
            np.uint64(seed),
            np.uint64(first),
            np.ascontiguousarray(patients.factors[:, model.group_columns]),
            np.ascontiguousarray(patients.delays_months[:, split.kept_schedule]),
            np.ascontiguousarray(patients.chances[:, split.kept_actions]),
            horizon_months,
            model.core.max_events,
        )
    )
    core_first = np.ascontiguousarray(model.core.tables.processes["first_step"])
    diagnosis = split.kept.index(split.diagnosis)
    entered = first_entries(core_first, model.core.tables.steps.size, *raw[:4])
    diagnosed = entered[:, core_first[diagnosis]]
    rows = np.flatnonzero(~np.isnan(diagnosed))
    events = _rows_of(raw, rows, model.kept)
    when = diagnosed[rows, None] + timeline.now_months + np.concatenate([[0.0], grid_months])
    integral, _ = core_exposure(
        whole.tables, model.start, *events[:4], patients.factors[rows],
        model.core_death_routes, when,
    )  # fmt: skip
    survival = np.exp(-integral) * _background(whole, patients, rows, timeline, grid_months)
    for process, level, action in model.deadly:
        at = entered[rows, core_first[split.kept.index(process)] + level - 1]
        with np.errstate(invalid="ignore"):
            survival *= np.where(at[:, None] <= when, 1.0 - patients.chances[rows, action, None], 1)
    return CorePaths(patients, rows, events, diagnosed[rows], survival)


def _rows_of(events: Events, rows: Ints, kept: Ints) -> Events:
    """Return the events of some patients, with processes renumbered."""
    counts = np.diff(events.offset)[rows]
    offset = np.concatenate([[0], np.cumsum(counts)])
    index = np.repeat(events.offset[rows] - offset[:-1], counts) + np.arange(offset[-1])
    return Events(
        offset,
        events.time_months[index],
        kept[events.process[index]].astype(np.int16),
        events.level[index],
        0,
    )


def take(paths: CorePaths, chosen: Ints) -> Events:
    """Return the events of chosen core paths."""
    return _rows_of(paths.events, chosen, np.arange(np.iinfo(np.int16).max))


def _background(
    whole: CompiledModel,
    patients: Patients,
    rows: Ints,
    timeline: Timeline,
    grid_months: Floats,
) -> Floats:
    """Return survival of other causes from diagnosis to today and each grid time."""
    times = timeline.now_months + np.concatenate([[0.0], grid_months])
    survival = np.ones((rows.size, times.size))
    for delay in whole.delays:
        if delay is not None:
            continue
        sex = whole.structure.definition.covariates["sex"]
        assert isinstance(sex, Categorical)
        is_male = (patients.covariates["sex"][rows] == list(sex.levels).index("male"))[:, None]
        age = np.asarray(patients.covariates["age"], np.float64)[rows, None]
        table = load_life_table(patients.life_table)
        later = table.cumulative_hazard(age + times / MONTHS_PER_YEAR, is_male)
        survival *= np.exp(table.cumulative_hazard(age, is_male) - later)
    return survival
