"""Simulated lives in which nobody dies by chance: death is averaged out (Rao-Blackwellised).

A life is followed as if nothing could kill. What could is added up on the way, so that the
chance to be alive at any time has a closed form: the exponential of minus the hazard that
the disease, operations and other causes have accumulated since diagnosis.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mesospread.evidence.lifetable import load_life_table
from mesospread.model.compiled import CompiledModel, Plan
from mesospread.model.definition import Categorical
from mesospread.model.library import ObservationModel
from mesospread.model.parameters import Values
from mesospread.simulate.batch import Batch, run_batch
from mesospread.studies.lives import HORIZON_MONTHS, Lives
from mesospread.units import MONTHS_PER_YEAR

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]

#: an operation that kills for certain would have no finite hazard
_SUREST_DEATH = 1.0 - 1e-12


class AveragedLives(Lives):
    """The same people as `Lives` up to diagnosis; from then on death is a chance, not an event.

    Parameters
    ----------
    regime, observation, values, seed, n, life_table
        As for `Lives`. Whoever is diagnosed there is here, at the same time and with the
        same disease, until the day on which they die there.

    References
    ----------
    Casella, Robert (1996), doi 10.1093/biomet/83.1.81: averaging out what can be averaged out.
    """

    def __init__(
        self,
        regime: Plan,
        observation: ObservationModel,
        values: Values,
        *,
        seed: int,
        n: int,
        life_table: str = "uk",
    ) -> None:
        super().__init__(regime, observation, values, seed=seed, n=n, life_table=life_table)
        compiled = regime.bind(values)
        self._deadly = np.flatnonzero(compiled.tables.processes["terminal"])
        self._batch = run_batch(
            _undying(compiled),
            seed=seed,
            first=0,
            n=n,
            horizon_months=HORIZON_MONTHS,
            life_table=life_table,
        )
        #: nobody dies
        self.survival_months: Floats = np.full(self.n, np.inf)
        self.died_of_disease: NDArray[np.bool_] = np.zeros(self.n, bool)
        self._knots_months = _event_times(self._batch)
        levels = self._batch.states_at(self._knots_months)
        self._hazard = self._hazards(levels)
        steps = self._hazard[:, :-1] * np.diff(self._knots_months, axis=1)
        self._before = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
        self._jumps = np.cumsum(self._operations(levels), axis=1)

    def accumulated(self, rows: NDArray[np.int64], months: Floats) -> tuple[Floats, Floats]:
        """Return the hazard of the disease and of other causes since diagnosis.

        Parameters
        ----------
        rows
            (k,) places among the lives with a diagnosis.
        months
            (k, T) after diagnosis.

        Returns
        -------
        disease, other
            (k, T); operations count as the disease.
        """
        patients = self.rows[rows]
        diagnosed = self._diagnosed_months[patients][:, None]
        disease = self._of_disease(patients, diagnosed + months)
        return disease - self._of_disease(patients, diagnosed), self._of_others(rows, months)

    def alive(self, rows: NDArray[np.int64], months: Floats) -> Floats:
        """Return the chance to be alive at times after diagnosis, (k, T)."""
        disease, other = self.accumulated(rows, months)
        chance: Floats = np.exp(-disease - other)
        return chance

    def _hazards(self, levels: Levels) -> Floats:
        """Return the hazard of death of the disease from each event on, per month, (n, K)."""
        tables, patients = self._batch.compiled.tables, self._batch.patients
        total = np.zeros(levels.shape[:2])
        for process in self._deadly:
            step = tables.steps[tables.processes[process]["first_step"]]
            for r in range(step["routes"], step["routes_end"]):
                route = tables.routes[r]
                hazard = route["rate"] * patients.factors[:, route["group"], None]
                listed = [(route["parent"], route["table"])]
                listed += tables.terms[route["terms"] : route["terms_end"]].tolist()
                for parent, table in listed:
                    hazard = hazard * tables.multipliers[table + levels[..., parent].astype(int)]
                total += hazard
        return total

    def _operations(self, levels: Levels) -> Floats:
        """Return what an operation adds at the time of an event, (n, K)."""
        tables, patients = self._batch.compiled.tables, self._batch.patients
        added = np.zeros(levels.shape[:2])
        for step_number, step in enumerate(tables.steps):
            for a in range(step["actions"], step["actions_end"]):
                if tables.actions[a]["process"] not in self._deadly:
                    continue
                process = step["process"]
                level = step_number - tables.processes[process]["first_step"] + 1
                now = levels[..., process] >= level
                first = now & ~np.concatenate([np.zeros((len(now), 1), bool), now[:, :-1]], axis=1)
                chance = np.minimum(patients.chances[:, a, None], _SUREST_DEATH)
                added -= first * np.log1p(-chance)
        return added

    def _of_disease(self, patients: NDArray[np.int64], when_months: Floats) -> Floats:
        """Return the hazard accumulated since the onset at times since then, (k, T)."""
        knots = self._knots_months[patients]
        # one long ascending list, so that one search serves all patients
        shift = 2.0 * HORIZON_MONTHS * np.arange(len(patients))[:, None]
        when = np.clip(when_months, 0.0, HORIZON_MONTHS)
        at = np.searchsorted((knots + shift).ravel(), (when + shift).ravel(), side="right") - 1
        row, column = np.divmod(at.reshape(when.shape), knots.shape[1])
        patient = patients[row]
        total: Floats = (
            self._before[patient, column]
            + self._hazard[patient, column] * (when - self._knots_months[patient, column])
            + self._jumps[patient, column]
        )
        return total

    def _of_others(self, rows: NDArray[np.int64], months: Floats) -> Floats:
        if all(entry.delay_months is not None for entry in self.structure.schedule):
            return np.zeros(months.shape)
        patients = self._batch.patients
        sex = self.structure.definition.covariates["sex"]
        assert isinstance(sex, Categorical)
        male = patients.covariates["sex"][self.rows[rows], None] == list(sex.levels).index("male")
        age = self.age_at_diagnosis_years[rows][:, None]
        table = load_life_table(patients.life_table)
        then: Floats = table.cumulative_hazard(age + months / MONTHS_PER_YEAR, male)
        return then - table.cumulative_hazard(age, male)


def _undying(compiled: CompiledModel) -> CompiledModel:
    """Return a model in which reaching the last level of a process ends nothing."""
    processes = compiled.tables.processes.copy()
    processes["terminal"] = 0
    return replace(compiled, tables=compiled.tables._replace(processes=processes))


def _event_times(batch: Batch) -> Floats:
    """Return the start and the times of all events of each life, (n, K), then the horizon."""
    offset, time = batch.events.offset, batch.events.time_months
    count = np.diff(offset)
    column = np.arange(int(count.max(initial=0)))
    inside = column < count[:, None]
    times = np.full((count.size, column.size + 2), batch.horizon_months)
    times[:, 0] = 0.0
    times[:, 1:-1][inside] = time
    return times
