"""What a check examines: a simulator, with the disease that it claims to simulate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from mesospread.kernels.tables import Events
from mesospread.model.compiled import CompiledModel, compile_model
from mesospread.model.structure import Structure
from mesospread.simulate.batch import Batch, run_batch

Fixed = Mapping[str, str | float]
#: (compiled, seed, first, n, horizon_months, fixed) -> histories
Run = Callable[[CompiledModel, int, int, int, float, Fixed], Batch]
#: structure -> tables
Compile = Callable[[Structure], CompiledModel]


def kernel_run(
    compiled: CompiledModel, seed: int, first: int, n: int, horizon_months: float, fixed: Fixed
) -> Batch:
    """Follow patients with the compiled kernel."""
    return run_batch(
        compiled, seed=seed, first=first, n=n, horizon_months=horizon_months, fixed=fixed
    )


@dataclass(frozen=True)
class Subject:
    """A simulator and what it should simulate.

    Attributes
    ----------
    structure
        The truth, from which the oracles compute.
    horizon_months
        End of follow-up.
    fixed
        Covariates that all patients share.
    compile, simulate
        The code under test; faults are planted by putting others in their place.
    """

    structure: Structure
    horizon_months: float
    fixed: Fixed = field(default_factory=dict)
    compile: Compile = compile_model
    simulate: Run = kernel_run

    def run(self, seed: int, n: int, first: int = 0) -> Batch:
        """Follow patients ``first`` to ``first + n - 1``."""
        compiled = self.compile(self.structure)
        return self.simulate(compiled, seed, first, n, self.horizon_months, self.fixed)


def events_of(batch: Batch, patient: int, without: str = "") -> list[tuple[float, str, str]]:
    """Return (months, process, level) of one patient of a batch, leaving one process out."""
    processes = batch.compiled.structure.processes
    start, end = batch.events.offset[patient : patient + 2]
    listed = zip(
        batch.events.time_months[start:end].tolist(),
        (processes[p] for p in batch.events.process[start:end].tolist()),
        batch.events.level[start:end].tolist(),
        strict=True,
    )
    return [(time, p.name, p.levels[level]) for time, p, level in listed if p.name != without]


def same_events(one: Events, other: Events) -> bool:
    """Return whether two event lists agree to the last bit."""
    return (
        np.array_equal(one.offset, other.offset)
        and np.array_equal(one.time_months, other.time_months)
        and np.array_equal(one.process, other.process)
        and np.array_equal(one.level, other.level)
        and one.overflow == other.overflow
    )
