"""The exact values of the reference natural history.

The ten organs are exchangeable, so counting how many are occult and how many are
detectable loses nothing: 4 stages x 66 counts + dead = 265 states. Their
distribution at 5 and 10 years is a matrix exponential, accurate to about 1e-14.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from benchmarks.natural_history import reference as ref


@dataclass(frozen=True)
class Exact:
    """Exact values, and the spread of one patient around them.

    Attributes
    ----------
    dead10, det5, alive5
        As in `reference.Result`.
    sd_det5
        Standard deviation of the number of detectable organs at 5 years among the living.
    """

    dead10: float
    det5: float
    alive5: float
    sd_det5: float

    def standard_errors(self, n: int) -> dict[str, float]:
        """Return the Monte-Carlo standard error of each value for ``n`` patients."""
        return {
            "dead10": sqrt(self.dead10 * (1 - self.dead10) / n),
            "det5": self.sd_det5 / sqrt(n * self.alive5),
            "alive5": sqrt(self.alive5 * (1 - self.alive5) / n),
        }


def _states() -> list[tuple[int, int, int]]:
    """Return every (stage, occult organs, detectable organs); stage 4 has index 3."""
    counts = range(ref.N_ORGANS + 1)
    return [
        (stage, occult, detectable)
        for stage, occult, detectable in product(range(4), counts, counts)
        if occult + detectable <= ref.N_ORGANS
    ]


def generator(states: list[tuple[int, int, int]]) -> NDArray[np.float64]:
    """Return the generator matrix, shape (265, 265), per year; the last state is dead."""
    index = {state: i for i, state in enumerate(states)}
    dead = len(states)
    q = np.zeros((dead + 1, dead + 1))
    for (stage, occult, detectable), i in index.items():
        free = ref.N_ORGANS - occult - detectable
        if stage < 3:
            q[i, index[stage + 1, occult, detectable]] = ref.STAGE_RATE
        if free:
            q[i, index[stage, occult + 1, detectable]] = free * ref.SEEDING_RATE[stage]
        if occult:
            q[i, index[stage, occult - 1, detectable + 1]] = occult * ref.OUTGROWTH_RATE
        q[i, dead] = (
            ref.DEATH_RATE
            + ref.DEATH_RATE_STAGE_4 * (stage == 3)
            + ref.DEATH_RATE_PER_ORGAN * detectable
        )
    q[np.diag_indices_from(q)] = -q.sum(axis=1)
    return q


def exact_values() -> Exact:
    """Compute the exact values (0.1 s)."""
    states = _states()
    q = generator(states)
    start = states.index((0, 0, 0))
    living = expm(q * ref.LANDMARK_YEARS)[start, :-1]
    detectable = np.array([state[2] for state in states])
    alive5 = float(living.sum())
    det5 = float(living @ detectable) / alive5
    variance = float(living @ (detectable - det5) ** 2) / alive5
    dead10 = float(expm(q * ref.FOLLOW_UP_YEARS)[start, -1])
    return Exact(dead10=dead10, det5=det5, alive5=alive5, sd_det5=sqrt(variance))
