"""What happens at known times after diagnosis, on a distribution over joint states."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mesospread.model.hazards import PlainHazards
from mesospread.model.structure import FlatSchedule, Structure

Floats = NDArray[np.float64]


def appointments(structure: Structure) -> list[tuple[float, FlatSchedule]]:
    """Return the scheduled steps with their times in months since diagnosis, in order.

    Each must wait for the diagnosis, or for another scheduled step.
    """
    diagnosis = structure.position(structure.of_role("diagnosis")[0])
    times: dict[tuple[int, int], float] = {(diagnosis, 1): 0.0}
    for entry in structure.schedule:
        assert isinstance(entry.delay_months, float)
        begin = times[entry.anchor_process, entry.anchor_level]
        times[entry.process, entry.level + 1] = begin + entry.delay_months
    return sorted(
        ((times[entry.process, entry.level + 1], entry) for entry in structure.schedule),
        key=lambda timed: timed[0],
    )


def carried_out(
    hazards: PlainHazards, entry: FlatSchedule, states: NDArray[np.int64], p: Floats
) -> Floats:
    """Return the distribution after a scheduled step and its actions.

    Parameters
    ----------
    hazards
        Of the person.
    entry
        What happens, to all who live and stand where the step begins.
    states
        (N, P) levels; all joint states, the last process varying fastest. There may be
        several copies of them, one after another.
    p
        (N,) the distribution before.
    """
    structure = hazards.structure
    sizes = [len(process.levels) for process in structure.processes]
    strides = np.append(np.cumprod(sizes[::-1])[::-1][1:], 1)
    dead = np.any(
        [states[:, structure.position(d)] == 1 for d in structure.of_role("death")], axis=0
    )
    begins = (states[:, entry.process] == entry.level) & ~dead
    after = np.where(begins, 0.0, p)
    moved = _moved(np.where(begins, p, 0.0), strides[entry.process] * np.ones(len(p), np.int64))
    for action in entry.actions:
        level = states[:, action.process]
        acted_on = level >= action.from_level
        part = np.where(acted_on, hazards.chance(action.probability) * moved, 0.0)
        moved = moved - part + _moved(part, strides[action.process] * (action.to_level - level))
    return after + moved


def _moved(p: Floats, steps: NDArray[np.int64]) -> Floats:
    """Move what each state holds by its own number of places."""
    has = np.flatnonzero(p)
    to = np.zeros_like(p)
    np.add.at(to, has + steps[has].astype(np.int64), p[has])
    return to
