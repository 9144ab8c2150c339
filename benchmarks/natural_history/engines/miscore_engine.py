"""miscore-sim: event times drawn in blocks with NumPy, one event queue per person.

The licence of miscore-sim allows academic, non-commercial use only. It is run here as
a peer by whoever installs it; nothing of ours depends on it or derives from it.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from miscore import Model, Process, Universe  # type: ignore[import-untyped, unused-ignore]

from benchmarks.natural_history import reference as ref


class FollowUp(Process):  # type: ignore[misc]
    """Ends every life that has not ended before."""

    name = "follow_up"
    event_tags = ("end_of_follow_up",)

    def __init__(self) -> None:
        self.callbacks = {"__start__": self._start}

    def _start(self, person: Any) -> None:
        person.add_to_queue_age(ref.FOLLOW_UP_YEARS, "end_of_follow_up", terminate=True)


class Cancer(Process):  # type: ignore[misc]
    """Stage 4 and each detection bring the death of the person forward."""

    name = "cancer"
    event_tags = ("cancer_death",)
    snapshot_tags = ("alive", "detectable")

    def __init__(self) -> None:
        self.callbacks = {
            "__start__": self._start,
            "stage_4": self._enter_stage_4,
            "detection": self._detect,
        }

    def properties_tmp(
        self, rng: np.random.Generator, n: int, properties: Any, tmp: Any
    ) -> dict[str, Any]:
        """Draw the times of stage 4 and of every detection for a block of ``n`` persons."""
        stage = rng.exponential(1 / ref.STAGE_RATE, (n, 3)).cumsum(axis=1)
        stage3, stage4 = stage[:, 1:2], stage[:, 2:3]
        slow, _, medium, fast = ref.SEEDING_RATE
        clock = rng.standard_exponential((n, ref.N_ORGANS))
        hazard3 = slow * stage3
        hazard4 = hazard3 + medium * (stage4 - stage3)
        early = np.where(clock < hazard3, clock / slow, stage3 + (clock - hazard3) / medium)
        seeded = np.where(clock < hazard4, early, stage4 + (clock - hazard4) / fast)
        detected = seeded + rng.exponential(1 / ref.OUTGROWTH_RATE, (n, ref.N_ORGANS))
        return {
            "stage_4": stage[:, 2],
            "detected": detected,
            "death_clock": rng.standard_exponential(n),
        }

    def _start(self, person: Any) -> None:
        clock = person.properties_tmp("death_clock")
        # The hazard only rises, so the first date of death is the latest possible one.
        latest = clock / ref.DEATH_RATE
        memory = person.memory
        memory["clock"] = clock
        memory["rate"] = ref.DEATH_RATE
        memory["since"] = 0.0
        memory["detectable"] = 0
        memory["death"] = person.add_to_queue_age(latest, "cancer_death", terminate=True)
        horizon = min(latest, ref.FOLLOW_UP_YEARS)
        stage_4 = person.properties_tmp("stage_4")
        if stage_4 < horizon:
            person.add_to_queue_age(stage_4, "stage_4")
        for time in person.properties_tmp("detected").tolist():
            if time < horizon:
                person.add_to_queue_age(time, "detection")

    def _raise_hazard(self, person: Any, jump: float) -> None:
        memory = person.memory
        now = person.age
        memory["clock"] = max(memory["clock"] - memory["rate"] * (now - memory["since"]), 0.0)
        memory["since"] = now
        memory["rate"] += jump
        death = now + memory["clock"] / memory["rate"]
        memory["death"] = person.move_in_queue_age(memory["death"], death)

    def _enter_stage_4(self, person: Any) -> None:
        self._raise_hazard(person, ref.DEATH_RATE_STAGE_4)

    def _detect(self, person: Any) -> None:
        person.memory["detectable"] += 1
        self._raise_hazard(person, ref.DEATH_RATE_PER_ORGAN)


def _snapshot(person: Any) -> dict[str, int]:
    return {"alive": 1, "detectable": person.memory["detectable"]}


def run(n: int, seed: int) -> ref.Result:
    """Simulate ``n`` persons in this process."""
    model = Model([Universe("reference", [FollowUp(), Cancer()])])
    start = perf_counter()
    result = model.run(
        n,
        seed=seed,
        snapshot_ages=[ref.LANDMARK_YEARS],
        snapshot_functions=[_snapshot],
    )
    dead = int(result.events.query("tag == 'cancer_death'").number.sum())
    snapshot = result.snapshots_ages.set_index("tag").number
    alive = int(snapshot["alive"])
    return ref.Result(
        dead / n, int(snapshot["detectable"]) / alive, alive / n, perf_counter() - start
    )
