"""Histories as tables: one row per patient, per event, or per patient and time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mesospread.model.definition import Categorical
from mesospread.simulate.batch import Batch

#: times are stored with seven digits: a third of a minute in ten years
_TIME = pa.float32()


def cohort_table(batch: Batch) -> pa.Table:
    """Return one row per patient.

    Columns: ``patient``; the covariates; for every level of every process the month
    in which it was first entered (``process.level``, null if never); ``end_months``
    and ``end_reason`` (name of the terminal process, or ``horizon``).
    """
    structure = batch.compiled.structure
    n = batch.patients.n
    columns: dict[str, pa.Array] = {"patient": _patient_numbers(batch, np.arange(n))}
    for name, values in batch.patients.covariates.items():
        spec = structure.definition.covariates[name]
        if isinstance(spec, Categorical):
            columns[name] = _dictionary(values.astype(np.int32), list(spec.levels))
        else:
            columns[name] = pa.array(values, pa.float32())
    entered = batch.first_entries()
    for k, name in enumerate(batch.compiled.step_names()):
        column = entered[:, k]
        columns[name] = pa.array(column, _TIME, mask=np.isnan(column))
    end, reason = batch.end()
    columns["end_months"] = pa.array(end, _TIME)
    reasons = [*(p.name for p in structure.processes), "horizon"]
    columns["end_reason"] = _dictionary(
        np.where(reason < 0, len(reasons) - 1, reason).astype(np.int32), reasons
    )
    return pa.table(columns)


def event_table(batch: Batch) -> pa.Table:
    """Return one row per event: ``patient``, ``time_months``, ``process``, ``level``."""
    offset, time, process, level = batch.events[:4]
    structure = batch.compiled.structure
    names = [p.name for p in structure.processes]
    levels = sorted({level for p in structure.processes for level in p.levels})
    position = {level: i for i, level in enumerate(levels)}
    widest = max(len(p.levels) for p in structure.processes)
    code = np.zeros((len(names), widest), np.int32)
    for i, p in enumerate(structure.processes):
        code[i, : len(p.levels)] = [position[name] for name in p.levels]
    owner = np.repeat(np.arange(batch.patients.n), np.diff(offset))
    return pa.table(
        {
            "patient": _patient_numbers(batch, owner),
            "time_months": pa.array(time, pa.float64()),
            "process": _dictionary(process.astype(np.int32), names),
            "level": _dictionary(code[process, level], levels),
        }
    )


def state_table(
    batch: Batch, times_months: NDArray[np.float64], since: tuple[str, str] | None = None
) -> pa.Table:
    """Return one row per patient and time: the level of every process.

    Parameters
    ----------
    batch
        Histories.
    times_months
        (T,) ascending.
    since
        (process, level) from whose first entry time is counted; the start if None.
        Patients who never got there have no rows. After death the levels stay.
    """
    structure = batch.compiled.structure
    n = batch.patients.n
    when = np.broadcast_to(times_months, (n, times_months.size))
    kept = np.arange(n)
    if since is not None:
        anchor = batch.first_entry(*since)
        kept = np.flatnonzero(~np.isnan(anchor))
        when = when + anchor[:, None]
    levels = batch.states_at(when)[kept].reshape(-1, len(structure.processes))
    columns: dict[str, pa.Array] = {
        "patient": _patient_numbers(batch, np.repeat(kept, times_months.size)),
        "time_months": pa.array(np.tile(times_months, kept.size), _TIME),
    }
    for i, p in enumerate(structure.processes):
        columns[p.name] = _dictionary(levels[:, i].astype(np.int32), list(p.levels))
    return pa.table(columns)


def with_provenance(table: pa.Table, provenance: Mapping[str, str]) -> pa.Table:
    """Return a table whose file metadata say how it was made."""
    metadata = {f"mesospread.{key}": value for key, value in provenance.items()}
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **metadata})


def _patient_numbers(batch: Batch, rows: NDArray[np.int64]) -> pa.Array:
    return pa.array(rows + batch.patients.first, pa.int64())


def _dictionary(codes: NDArray[np.int32], names: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names))
