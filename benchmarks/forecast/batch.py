"""A table of patients over all cores."""

from __future__ import annotations

import csv
import os
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.forecast.patients import typical
from mesospread.app.batch import forecast_batch
from mesospread.infer.solve import Effort
from mesospread.patient import parse_patient
from mesospread.patient.columns import ID, flat_row

#: patients of the goal
GOAL_PATIENTS = 1_000


@dataclass(frozen=True)
class BatchFigure:
    """One batch.

    Attributes
    ----------
    patients, workers, refused
        How many.
    seconds
        From the table to the result.
    first_seconds
        Until the first forecast was written.
    cpu_seconds
        Of all workers, their start included.
    """

    patients: int
    workers: int
    refused: int
    seconds: float
    first_seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Patients per second after the first."""
        return (self.patients - 1) / (self.seconds - self.first_seconds)

    @property
    def is_extrapolated(self) -> bool:
        """Whether fewer patients were run than the goal has."""
        return self.patients < GOAL_PATIENTS

    @property
    def goal_seconds(self) -> float:
        """Seconds for as many patients as the goal has."""
        if not self.is_extrapolated:
            return self.seconds * GOAL_PATIENTS / self.patients
        return self.first_seconds + (GOAL_PATIENTS - 1) / self.per_second

    @property
    def busy(self) -> float:
        """Cores that were kept busy, on average."""
        return self.cpu_seconds / self.seconds


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """Forecast a table of typical patients.

    Parameters
    ----------
    task
        ``patients`` (how many), ``effort``, ``seed``.

    Returns
    -------
    dict
        Fields of `BatchFigure`.
    """
    people = typical(task["patients"], task["seed"])
    rows = [{ID: p.name, **flat_row(parse_patient(p.facts))} for p in people]
    stamps: list[float] = []
    with tempfile.TemporaryDirectory(prefix="mesospread-benchmark-") as folder:
        table = Path(folder) / "patients.csv"
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(k for row in rows for k in row)))
            writer.writeheader()
            writer.writerows(rows)
        begin, cpu = time.perf_counter(), _cpu_seconds_of_children()
        summary = forecast_batch(
            table,
            Path(folder) / "result.csv",
            seed=task["seed"],
            effort=Effort(**task["effort"]),
            progress=lambda done: stamps.append(time.perf_counter()),
        )
        seconds = time.perf_counter() - begin
    return {
        "patients": summary.patients,
        "workers": min(os.cpu_count() or 1, summary.patients),
        "refused": summary.refused,
        "seconds": seconds,
        "first_seconds": stamps[0] - begin,
        "cpu_seconds": _cpu_seconds_of_children() - cpu,
    }


def _cpu_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
