"""Follow one block of patients: the unit of work of every cohort and forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.errors import DefinitionError, InputError
from mesospread.kernels.histories import first_entries, states_at
from mesospread.kernels.paths import simulate_paths
from mesospread.kernels.tables import Events
from mesospread.model.compiled import CompiledModel
from mesospread.model.population import Patients, draw_patients
from mesospread.randomness import MAX_SEED

#: of the compiled simulator: clocks are not given, but drawn
_CLOCKS_ARE_DRAWN = np.empty((0, 2, 0))


@dataclass(frozen=True)
class Batch:
    """Histories of consecutive patients.

    Attributes
    ----------
    compiled
        The model.
    patients
        Who they are.
    events
        What happened to them.
    horizon_months
        How long they were followed.
    """

    compiled: CompiledModel
    patients: Patients
    events: Events
    horizon_months: float

    def first_entries(self, after_months: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return when each level was first entered, (n, S) months, NaN if never.

        Parameters
        ----------
        after_months
            (n,) only entries after this time count; all if None.

        Columns as in `CompiledModel.step_names`.
        """
        tables = self.compiled.tables
        if after_months is None:
            after_months = np.full(self.patients.n, -1.0)
        entered: NDArray[np.float64] = first_entries(
            np.ascontiguousarray(tables.processes["first_step"]),
            tables.steps.size,
            *self.events[:4],
            after_months,
        )
        return entered

    def first_entry(self, process: str, level: str) -> NDArray[np.float64]:
        """Return when one level was first entered, (n,) months, NaN if never."""
        structure = self.compiled.structure
        p = structure.position(process)
        column = self.compiled.tables.processes["first_step"][p] - 1
        return self.first_entries()[:, column + structure.processes[p].levels.index(level)]

    def states_at(self, when_months: NDArray[np.float64]) -> NDArray[np.int8]:
        """Return the level of every process at chosen times.

        Parameters
        ----------
        when_months
            (n, T), ascending in each row; NaN gives level -1.

        Returns
        -------
        array, shape (n, T, P), int8
        """
        levels: NDArray[np.int8] = states_at(
            np.ascontiguousarray(self.compiled.tables.processes["start_level"]),
            *self.events[:4],
            np.ascontiguousarray(when_months, np.float64),
        )
        return levels

    def end(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return when each history ended, and with which process (-1: the horizon)."""
        offset, time, process, level = self.events[:4]
        processes = self.compiled.tables.processes
        if time.size == 0:
            return np.full(self.patients.n, self.horizon_months), np.full(self.patients.n, -1)
        last = offset[1:] - 1
        has_events = offset[1:] > offset[:-1]
        final = np.where(has_events, process[np.maximum(last, 0)], 0).astype(np.int64)
        top = np.where(has_events, level[np.maximum(last, 0)], -1)
        ended = (processes["terminal"][final] == 1) & (top + 1 == processes["n_levels"][final])
        when = np.where(ended, time[np.maximum(last, 0)], self.horizon_months)
        return when, np.where(ended, final, -1)


def run_batch(
    compiled: CompiledModel,
    *,
    seed: int,
    first: int,
    n: int,
    horizon_months: float,
    fixed: Mapping[str, str | float] | None = None,
    life_table: str = "uk",
) -> Batch:
    """Draw and follow a block of patients.

    Parameters
    ----------
    compiled
        The model.
    seed
        Of the cohort, 0 to 2**64 - 1.
    first, n
        The block is patients ``first`` to ``first + n - 1``. The result for a patient
        does not depend on the block it is in.
    horizon_months
        End of follow-up.
    fixed
        Covariates that all patients share.
    life_table
        Population of the background mortality.

    Raises
    ------
    InputError
        For a seed, number or horizon out of range.
    """
    check_run(seed, n, horizon_months)
    if first < 0:
        raise InputError("the first patient cannot be negative", where="first", given=str(first))
    patients = draw_patients(
        compiled, seed=seed, first=first, n=n, fixed=fixed, life_table=life_table
    )
    events = Events(
        *simulate_paths(
            compiled.tables,
            np.uint64(seed),
            np.uint64(first),
            patients.factors,
            patients.delays_months,
            patients.chances,
            float(horizon_months),
            compiled.max_events,
            _CLOCKS_ARE_DRAWN,
        )
    )
    if events.overflow:
        raise DefinitionError(
            "histories without end: interventions set each other off again and again",
            where=compiled.structure.name,
            given=f"{events.overflow} of {n} histories with more than {compiled.max_events} events",
            remedy="Look for two scheduled processes that act on each other",
        )
    return Batch(compiled, patients, events, float(horizon_months))


def check_run(seed: int, n: int, horizon_months: float) -> None:
    """Refuse a run that makes no sense."""
    if n != int(n) or n <= 0:
        raise InputError("a cohort needs patients", where="n", given=str(n), allowed="1 or more")
    if not 0 <= seed <= MAX_SEED:
        raise InputError(
            "the seed is out of range", where="seed", given=str(seed), allowed="0 to 2**64 - 1"
        )
    if not (np.isfinite(horizon_months) and horizon_months > 0):
        raise InputError(
            "follow-up must last some time",
            where="horizon_months",
            given=str(horizon_months),
            allowed="a finite number of months above 0",
        )
