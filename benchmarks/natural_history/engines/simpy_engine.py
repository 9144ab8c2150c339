"""simpy: one process per patient, which draws its next event each time something changed."""

from __future__ import annotations

import random
from collections.abc import Generator
from time import perf_counter
from typing import Any

import simpy

from benchmarks.natural_history import reference as ref

FREE, OCCULT, DETECTABLE = 0, 1, 2
STAGE, DEATH = ref.N_ORGANS, ref.N_ORGANS + 1
EVENTS = range(ref.N_ORGANS + 2)


class Patient:
    """State of one patient."""

    __slots__ = ("dead", "detectable_at_landmark", "organs", "stage")

    def __init__(self) -> None:
        self.stage = 0
        self.organs = [FREE] * ref.N_ORGANS
        self.dead = False
        self.detectable_at_landmark: int | None = None

    def rates(self, detectable: int) -> list[float]:
        """Return the rate of every possible next event, per year."""
        by_level = (ref.SEEDING_RATE[self.stage], ref.OUTGROWTH_RATE, 0.0)
        rates = [by_level[level] for level in self.organs]
        rates.append(ref.STAGE_RATE if self.stage < 3 else 0.0)
        stage_4 = ref.DEATH_RATE_STAGE_4 if self.stage == 3 else 0.0
        rates.append(ref.DEATH_RATE + stage_4 + ref.DEATH_RATE_PER_ORGAN * detectable)
        return rates


def _life(
    env: simpy.Environment, patient: Patient, rng: random.Random
) -> Generator[Any, Any, None]:
    while True:
        detectable = patient.organs.count(DETECTABLE)
        rates = patient.rates(detectable)
        wait = rng.expovariate(sum(rates))
        following = env.now + wait
        if env.now <= ref.LANDMARK_YEARS < following:
            patient.detectable_at_landmark = detectable
        if following >= ref.FOLLOW_UP_YEARS:
            return
        yield env.timeout(wait)
        event = rng.choices(EVENTS, rates)[0]
        if event == DEATH:
            patient.dead = True
            return
        if event == STAGE:
            patient.stage += 1
        else:
            patient.organs[event] += 1


def run(n: int, seed: int) -> ref.Result:
    """Simulate ``n`` patients."""
    start = perf_counter()
    rng = random.Random(seed)
    env = simpy.Environment()
    patients = [Patient() for _ in range(n)]
    for patient in patients:
        env.process(_life(env, patient, rng))
    env.run(until=ref.FOLLOW_UP_YEARS)
    living = [
        patient.detectable_at_landmark
        for patient in patients
        if patient.detectable_at_landmark is not None
    ]
    dead = sum(patient.dead for patient in patients)
    return ref.Result(dead / n, sum(living) / len(living), len(living) / n, perf_counter() - start)
