"""mesospread: the model is data (``reference.toml``), the kernel knows nothing of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.natural_history import reference as ref
from mesospread.model.compiled import CompiledModel, compile_model
from mesospread.model.load import read_definition
from mesospread.simulate.batch import run_batch

DEFINITION = Path(__file__).resolve().parents[1] / "reference.toml"
MONTHS_PER_YEAR = 12.0
#: patients at a time: their histories stay in the cache
BLOCK = 10_000


@cache
def _model() -> CompiledModel:
    """Read and compile the definition; once per process and not timed."""
    return compile_model(read_definition(DEFINITION))


def run(n: int, seed: int) -> ref.Result:
    """Simulate ``n`` patients, each with every event and the ten organs separate."""
    model = _model()
    structure = model.structure
    organs = [structure.position(name) for name in structure.definition.groups["organs"]]
    death = structure.position("death")
    months = MONTHS_PER_YEAR * np.array([ref.LANDMARK_YEARS, ref.FOLLOW_UP_YEARS])
    dead = living = detectable = 0
    start = perf_counter()
    for first in range(0, n, BLOCK):
        block = min(BLOCK, n - first)
        batch = run_batch(model, seed=seed, first=first, n=block, horizon_months=float(months[1]))
        levels = batch.states_at(np.broadcast_to(months, (block, 2)))
        alive = levels[:, 0, death] == 0
        living += int(alive.sum())
        detectable += int((levels[:, 0, organs][alive] == 2).sum())
        dead += int(levels[:, 1, death].sum())
    return ref.Result(dead / n, detectable / living, living / n, perf_counter() - start)
