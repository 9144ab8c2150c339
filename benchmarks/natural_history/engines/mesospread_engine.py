"""mesospread: the model is data (``reference.toml``), the kernel knows nothing of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.natural_history import reference as ref
from mesospread import simulate

DEFINITION = Path(__file__).resolve().parents[1] / "reference.toml"
MONTHS_PER_YEAR = 12.0


@cache
def _model() -> Any:
    """Read and compile the definition; once per process and not timed."""
    return simulate.load_model(DEFINITION)


def _times(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return months to death (n,) and to each organ's detection (n, 10); NaN: not in 10 years.

    The one place that knows the programming interface.
    """
    months = ref.FOLLOW_UP_YEARS * MONTHS_PER_YEAR
    cohort = simulate.cohort(_model(), n=n, seed=seed, months=months)
    organs = [cohort.entry_months(f"organ_{k + 1}", "detectable") for k in range(ref.N_ORGANS)]
    return cohort.entry_months("death", "dead"), np.column_stack(organs)


def run(n: int, seed: int) -> ref.Result:
    """Simulate ``n`` patients."""
    _model()
    start = perf_counter()
    death, detected = _times(n, seed)
    landmark = ref.LANDMARK_YEARS * MONTHS_PER_YEAR
    alive = ~(death <= landmark)
    living = np.count_nonzero(alive)
    detectable = np.count_nonzero(detected[alive] <= landmark)
    dead = np.count_nonzero(~np.isnan(death))
    return ref.Result(dead / n, detectable / living, living / n, perf_counter() - start)
