"""Vectorised Gillespie, as a user writes it: one event per living patient per pass."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.natural_history import reference as ref

FREE, OCCULT, DETECTABLE = 0, 1, 2
STAGE, DEATH, FIRST_ORGAN = 0, 1, 2


def _rates(stage: NDArray[np.int64], organs: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the rate of every possible next event, shape (n, 12), per year."""
    seeding = np.array(ref.SEEDING_RATE)[stage]
    rates = np.empty((stage.size, FIRST_ORGAN + ref.N_ORGANS))
    rates[:, STAGE] = np.where(stage < 3, ref.STAGE_RATE, 0.0)
    rates[:, DEATH] = (
        ref.DEATH_RATE
        + ref.DEATH_RATE_STAGE_4 * (stage == 3)
        + ref.DEATH_RATE_PER_ORGAN * (organs == DETECTABLE).sum(axis=1)
    )
    rates[:, FIRST_ORGAN:] = np.where(
        organs == FREE, seeding[:, None], np.where(organs == OCCULT, ref.OUTGROWTH_RATE, 0.0)
    )
    return rates


def run(n: int, seed: int) -> ref.Result:
    """Simulate ``n`` patients."""
    start = perf_counter()
    rng = np.random.default_rng(seed)
    time = np.zeros(n)
    stage = np.zeros(n, np.int64)
    organs = np.zeros((n, ref.N_ORGANS), np.int8)
    dead = np.zeros(n, bool)
    alive_at_landmark = np.zeros(n, bool)
    detectable_at_landmark = np.zeros(n, np.int64)
    active = np.arange(n)
    while active.size:
        cumulative = _rates(stage[active], organs[active]).cumsum(axis=1)
        total = cumulative[:, -1]
        now = time[active]
        following = now + rng.exponential(size=active.size) / total
        passing = active[(now <= ref.LANDMARK_YEARS) & (following > ref.LANDMARK_YEARS)]
        alive_at_landmark[passing] = True
        detectable_at_landmark[passing] = (organs[passing] == DETECTABLE).sum(axis=1)
        goes_on = following < ref.FOLLOW_UP_YEARS
        active, cumulative, total = active[goes_on], cumulative[goes_on], total[goes_on]
        time[active] = following[goes_on]
        event = (cumulative < (rng.random(active.size) * total)[:, None]).sum(axis=1)
        stage[active[event == STAGE]] += 1
        dead[active[event == DEATH]] = True
        moves = event >= FIRST_ORGAN
        organs[active[moves], event[moves] - FIRST_ORGAN] += 1
        active = active[event != DEATH]
    det5 = detectable_at_landmark[alive_at_landmark].mean()
    return ref.Result(
        float(dead.mean()), float(det5), float(alive_at_landmark.mean()), perf_counter() - start
    )
