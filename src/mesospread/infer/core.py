"""Simulate the core of a disease under all parameter draws, for one patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.evidence.lifetable import load_life_table
from mesospread.infer.factorise import Split
from mesospread.infer.points import Block, clock_name, first_clocks, unit_points
from mesospread.infer.questions import ROUTES
from mesospread.kernels.chains import CorePaths
from mesospread.kernels.cores import live_to_today, simulate_draws
from mesospread.kernels.histories import states_at
from mesospread.kernels.leaves import CLIMB, LOSS, SEEDING, LeafTables
from mesospread.kernels.tables import SCHEDULED, Events
from mesospread.model.compiled import plan
from mesospread.model.definition import Categorical, Process
from mesospread.model.ensemble import Ensemble
from mesospread.model.population import (
    Patients,
    draw_people,
    patient_chances,
    patient_delays,
    patient_factors,
    people_names,
)
from mesospread.model.structure import FlatSchedule, Structure, extend_structure
from mesospread.units import MONTHS_PER_YEAR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: classes of routes that are told apart; the rest is one more
N_CLASSES = len(ROUTES) + 1
HORIZON_MONTHS = 600.0


class CoreModel:
    """A disease and its core under all parameter draws.

    Parameters
    ----------
    split
        Core and leaves.
    values
        Parameter name to its draws (D,), in months.
    n_draws
        ``D``.
    until_months
        Months after diagnosis for which the core is followed.
    """

    def __init__(
        self, split: Split, values: Mapping[str, Floats], n_draws: int, until_months: float
    ) -> None:
        self.split = split
        self.n_draws = n_draws
        self.whole = Ensemble(plan(split.structure), values, n_draws)
        self.core = Ensemble(plan(_ending(split.core, until_months)), values, n_draws)
        # the process that ends the core comes after those of the disease
        start = self.whole.plan.tables.processes["start_level"]
        self.start = np.append(start, 0)
        self.kept = np.array([*split.kept, start.size], np.int16)
        self.n_levels = (
            len(split.structure.processes[split.leaves[0]].levels) if split.leaves else 0
        )

    @cached_property
    def class_of_route(self) -> Ints:
        """Class of each route of the whole disease."""
        vias = [route.via for route in self.whole.plan.rates]
        return np.array([ROUTES.index(v) if v in ROUTES else len(ROUTES) for v in vias])

    @cached_property
    def classes_of_leaf(self) -> list[list[int]]:
        """Classes of the routes that seed each leaf; all but the last have a tag."""
        tables = self.whole.plan.tables
        found = []
        for leaf in self.split.leaves:
            step = tables.steps[tables.processes[leaf]["first_step"]]
            own = self.class_of_route[step["routes"] : step["routes_end"]]
            found.append(sorted(set(own.tolist())))
        return found

    @cached_property
    def tables(self) -> LeafTables:
        """What the kernels take."""
        whole = self.whole.plan.tables
        leaves = np.array(self.split.leaves, np.int64)
        n_tags = max((len(classes) - 1 for classes in self.classes_of_leaf), default=0)
        tag_of_class = np.full((len(leaves), N_CLASSES), -1)
        for j, classes in enumerate(self.classes_of_leaf):
            tag_of_class[j, classes[:-1]] = np.arange(len(classes) - 1)
        death, core_death = self._driven(self.split.deaths)
        detection, core_detection = self._driven((self.split.diagnosis,))
        actions, deadly = self._actions()
        return LeafTables(
            processes=whole.processes,
            steps=whole.steps,
            routes=whole.routes,
            terms=whole.terms,
            rates=self.whole.rates,
            multipliers=self.whole.multipliers,
            leaves=leaves,
            n_tags=np.array([n_tags]),
            n_classes=np.array([N_CLASSES]),
            tag_of_class=tag_of_class,
            class_of_route=self.class_of_route,
            death_routes=death,
            detection_routes=detection,
            core_death=core_death,
            core_detection=core_detection,
            actions=actions,
            deadly=deadly,
            hears=self._hears(),
            diagnosis=np.array([self.split.diagnosis]),
        )

    def _driven(self, sinks: tuple[int, ...]) -> tuple[Ints, Ints]:
        """Return the routes of some processes by leaf, (J, X), and those of no leaf."""
        tables = self.whole.plan.tables
        by_leaf: list[list[int]] = [[] for _ in self.split.leaves]
        rest: list[int] = []
        for k in np.flatnonzero(np.isin(tables.steps["process"], sinks)):
            for r in range(tables.steps[k]["routes"], tables.steps[k]["routes_end"]):
                route = tables.routes[r]
                parents = {int(route["parent"])}
                parents |= {
                    int(term["parent"])
                    for term in tables.terms[route["terms"] : route["terms_end"]]
                }
                owner = [j for j, leaf in enumerate(self.split.leaves) if leaf in parents]
                (by_leaf[owner[0]] if owner else rest).append(r)
        width = max((len(listed) for listed in by_leaf), default=0)
        padded = np.full((len(by_leaf), max(width, 1)), -1)
        for j, listed in enumerate(by_leaf):
            padded[j, : len(listed)] = listed
        return padded, np.array(rest, np.int64)

    def _hears(self) -> Ints:
        """Return what changes for each leaf when each process of the core moves, (J, P)."""
        structure = self.split.structure
        leaf_index = {leaf: j for j, leaf in enumerate(self.split.leaves)}
        sinks = {*self.split.deaths, self.split.diagnosis}
        hears = np.zeros((len(leaf_index), self.start.size), np.int64)
        # diagnosis ends what a leaf adds to it
        hears[:, self.split.diagnosis] = LOSS
        for entry in structure.schedule:
            for action in entry.actions:
                if action.process in leaf_index:
                    hears[leaf_index[action.process], entry.process] |= SEEDING
        for route in structure.routes:
            parents = [term.parent for term in route.terms]
            if route.process in leaf_index:
                hears[leaf_index[route.process], parents] |= CLIMB if route.level else SEEDING
            elif route.process in sinks:
                for parent in parents:
                    if parent in leaf_index:
                        hears[leaf_index[parent], parents] |= LOSS
        return hears

    def _actions(self) -> tuple[Ints, Ints]:
        """Return what interventions do to leaves, and which are deadly."""
        leaf_index = {leaf: j for j, leaf in enumerate(self.split.leaves)}
        rows, deadly, number = [], [], 0
        for entry in self.split.structure.schedule:
            event = (entry.process, entry.level + 1)
            for action in entry.actions:
                if action.process in leaf_index:
                    leaf = leaf_index[action.process]
                    rows.append((*event, leaf, action.from_level, action.to_level, number))
                elif action.process in self.split.deaths:
                    deadly.append((*event, number))
                number += 1
        return np.array(rows, np.int64).reshape(-1, 6), np.array(deadly, np.int64).reshape(-1, 3)

    @cached_property
    def core_groups(self) -> list[int]:
        """Columns of the patient factors that the core uses."""
        position = {group: g for g, group in enumerate(self.whole.plan.groups)}
        return [position[group] for group in self.core.plan.groups]

    def names(self, fixed: Mapping[str, str | float]) -> tuple[str, ...]:
        """Return what is drawn for a core history, but for its later clocks.

        Scores come first, then clocks, those of the first level first: the first coordinates
        of a Sobol point are the best spread ones.
        """
        tables, processes = self.core.plan.tables, self.split.core.processes
        clocks = [
            clock_name(process.name, level)
            for level in range(2)
            for process, row in zip(processes, tables.processes, strict=False)
            if level + 1 < row["n_levels"]
            and tables.steps[row["first_step"] + level]["kind"] != SCHEDULED
        ]
        return (*people_names(self.split.structure, fixed), *clocks)

    @cached_property
    def streams(self) -> tuple[tuple[str, int], ...]:
        """Name and random stream of each process of the core."""
        plan = self.core.plan
        rows = zip(plan.structure.processes, plan.tables.processes["stream"], strict=True)
        return tuple((process.name, int(stream)) for process, stream in rows)

    def background(self, patients: Patients, rows: Ints, since_diagnosis: Floats) -> Floats:
        """Return survival of other causes from diagnosis to some times, (k, T)."""
        survival = np.ones((rows.size, since_diagnosis.size))
        if all(delay is not None for delay in self.whole.plan.delays):
            return survival
        sex = self.split.structure.definition.covariates["sex"]
        assert isinstance(sex, Categorical)
        is_male = patients.covariates["sex"][rows] == list(sex.levels).index("male")
        age = np.asarray(patients.covariates["age"], np.float64)[rows]
        table = load_life_table(patients.life_table)
        if np.ptp(age) == 0 and is_male.all() == is_male.any():
            # most patients are of known age and sex: one row stands for all
            age, is_male = age[:1], is_male[:1]
        age, is_male = age[:, None], is_male[:, None]
        later = table.cumulative_hazard(age + since_diagnosis / MONTHS_PER_YEAR, is_male)
        return survival * np.exp(table.cumulative_hazard(age, is_male) - later)


def _ending(core: Structure, until_months: float) -> Structure:
    """Return a core that stops some months after diagnosis: later events are of no use."""
    end = Process(name="end", levels=("before", "after"), role="other", terminal=True)
    diagnosis = core.position(core.of_role("diagnosis")[0])
    stop = FlatSchedule(len(core.processes), 0, diagnosis, 1, until_months)
    return extend_structure(
        core, processes=[end], routes=core.routes, schedule=[stop], parameters={}
    )


@dataclass(frozen=True)
class CoreHistories:
    """Core histories, equally many under each parameter draw, the draws in turn.

    Attributes
    ----------
    events
        Processes numbered as in the whole disease.
    patients
        Who they are: factors and chances of the whole disease, waits of the core.
    draw, replicate
        (n,) parameter draw and replicate of each.
    diagnosed_months
        (n,) NaN if never.
    survival
        (n,) probability that nothing but a leaf kills before today.
    """

    events: Events
    patients: Patients
    draw: Ints
    replicate: Ints
    diagnosed_months: Floats
    survival: Floats

    def levels_at(
        self, start: Ints, rows: Ints, since_diagnosis_months: Floats
    ) -> NDArray[np.int8]:
        """Return the levels of the core at times in ascending order, (k, T, P)."""
        events = take(self.events, rows)
        when = self.diagnosed_months[rows, None] + since_diagnosis_months
        levels: NDArray[np.int8] = states_at(start, *events[:4], np.maximum(when, 0.0))
        return levels

    def paths(self, rows: Ints, scale: Floats, background: Floats) -> CorePaths:
        """Return some histories as the kernels take them; see `CorePaths` for the arrays."""
        return CorePaths(
            *take(self.events, rows)[:4],
            draw=self.draw[rows],
            replicate=self.replicate[rows],
            factors=np.ascontiguousarray(self.patients.factors[rows]),
            chances=np.ascontiguousarray(self.patients.chances[rows]),
            diagnosed_months=self.diagnosed_months[rows],
            background=background,
            scale=scale,
        )


def simulate_core(
    model: CoreModel,
    block: Block,
    names: tuple[str, ...],
    *,
    now_months: float,
    fixed: Mapping[str, str | float],
    life_table: str,
) -> CoreHistories:
    """Simulate core histories under every parameter draw.

    Parameters
    ----------
    model
        The disease.
    block
        Which histories.
    names
        What is drawn as points of a Sobol sequence: those of the disease as it is, so that
        it is the same under each treatment (`CoreModel.names`).
    now_months
        Today, since diagnosis.
    fixed
        Known covariates.
    life_table
        Population of the background mortality.
    """
    n, seed, first = block.n, block.seed, block.first
    whole, core = model.whole.per_patient(block.n_each), model.core.per_patient(block.n_each)
    covariates, frailty = draw_people(
        whole, seed=seed, first=first, n=n, fixed=fixed, uniform=unit_points(block, names)
    )
    patients = Patients(
        first=first,
        covariates=covariates,
        frailty=frailty,
        factors=patient_factors(whole, covariates, frailty, n),
        delays_months=patient_delays(core, covariates, seed, first, n, life_table),
        chances=patient_chances(whole, covariates, n),
        life_table=life_table,
    )
    events = Events(
        *simulate_draws(
            model.core.plan.tables,
            model.core.rates,
            model.core.multipliers,
            np.uint64(seed),
            np.uint64(first),
            np.ascontiguousarray(patients.factors[:, model.core_groups]),
            patients.delays_months,
            patient_chances(core, covariates, n),
            HORIZON_MONTHS,
            model.core.plan.max_events,
            model.kept,
            first_clocks(block, names, model.streams),
        )
    )
    draw = np.repeat(np.arange(model.n_draws), block.n_each)
    diagnosed, survival = live_to_today(
        model.tables, model.start, *events[:4], draw, patients.factors, patients.chances,
        now_months,
    )  # fmt: skip
    survival *= model.background(patients, np.arange(n), np.array([now_months]))[:, 0]
    replicate = np.tile(np.arange(block.n_each) % block.n_replicates, model.n_draws)
    return CoreHistories(events, patients, draw, replicate, diagnosed, survival)


def take(events: Events, rows: Ints) -> Events:
    """Return the events of some histories."""
    if np.array_equal(rows, np.arange(events.offset.size - 1)):
        return events
    counts = np.diff(events.offset)[rows]
    offset = np.concatenate([[0], np.cumsum(counts)])
    index = np.repeat(events.offset[rows] - offset[:-1], counts) + np.arange(offset[-1])
    return Events(offset, events.time_months[index], events.process[index], events.level[index], 0)
