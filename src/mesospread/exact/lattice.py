"""The exact answer for small models: the Markov chain over all joint states.

Slow and plain. The number of joint states is the product of the numbers of levels,
so this is for graphs of a few processes: the oracle of the simulator and of the
inference. Steps scheduled after the start are carried out at their time; waits for
another event, and background mortality by age, are not Markov in the levels alone
and are refused.

References
----------
Nodelman, Shelton, Koller (2002). Continuous time Bayesian networks. UAI, section 3
(amalgamation into one chain). Al-Mohy, Higham (2011), doi 10.1137/100788860 (the
action of the matrix exponential).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import expm_multiply

from mesospread.errors import InputError
from mesospread.model.hazards import PlainHazards
from mesospread.model.structure import FlatSchedule, Structure

MAX_STATES = 200_000


@dataclass(frozen=True)
class Lattice:
    """All joint states that can be reached, and the rates between them.

    Attributes
    ----------
    hazards
        Of the person the chain is for.
    states
        (N, P) level of each process in each state.
    generator
        (N, N) rates per month, column = from, row = to; columns sum to zero.
    """

    hazards: PlainHazards
    states: NDArray[np.int64]
    generator: csc_matrix

    def distribution(self, times_months: Sequence[float]) -> NDArray[np.float64]:
        """Return the probability of every joint state at ascending times.

        Parameters
        ----------
        times_months
            (T,) ascending.

        Returns
        -------
        array, shape (T, N)
        """
        appointments = _appointments(self.hazards)
        p = np.zeros(len(self.states))
        p[self._index()[tuple(self.hazards.structure.start_levels())]] = 1.0
        now, rows = 0.0, []
        for time in times_months:
            while appointments and appointments[0][0] <= time:
                at, entry = appointments.pop(0)
                p = self._keep(self._forward(p, at - now), entry)
                now = at
            p = self._forward(p, time - now)
            now = time
            rows.append(p)
        return np.array(rows)

    def marginal(
        self, distribution: NDArray[np.float64], process: str, level: int
    ) -> NDArray[np.float64]:
        """Return P(process at this level or above) for each row of a distribution."""
        column = self.hazards.structure.position(process)
        above: NDArray[np.float64] = distribution @ (self.states[:, column] >= level)
        return above

    def _forward(self, p: NDArray[np.float64], months: float) -> NDArray[np.float64]:
        if months <= 0:
            return p
        forward: NDArray[np.float64] = expm_multiply(self.generator * months, p)
        return forward

    def _keep(self, p: NDArray[np.float64], entry: FlatSchedule) -> NDArray[np.float64]:
        """Carry out a scheduled step and its actions on a distribution."""
        index, structure = self._index(), self.hazards.structure
        after = np.zeros_like(p)
        for state, weight in zip(map(tuple, self.states.tolist()), p, strict=True):
            if weight == 0 or state[entry.process] != entry.level or _ended(structure, state):
                after[index[state]] += weight
                continue
            branches = {_moved(state, entry.process, entry.level + 1): float(weight)}
            for action in entry.actions:
                chance = self.hazards.chance(action.probability)
                split: dict[tuple[int, ...], float] = {}
                for levels, part in branches.items():
                    if _ended(structure, levels):
                        split[levels] = split.get(levels, 0.0) + part
                        continue
                    at = levels[action.process]
                    acts = at >= action.from_level and at != action.to_level
                    moved = _moved(levels, action.process, action.to_level) if acts else levels
                    split[moved] = split.get(moved, 0.0) + part * chance
                    split[levels] = split.get(levels, 0.0) + part * (1.0 - chance)
                branches = split
            for levels, part in branches.items():
                after[index[levels]] += part
        return after

    def _index(self) -> dict[tuple[int, ...], int]:
        return {tuple(state): i for i, state in enumerate(self.states.tolist())}


def build_lattice(hazards: PlainHazards, max_states: int = MAX_STATES) -> Lattice:
    """Build the chain over all joint states of a small model.

    Raises
    ------
    InputError
        If there are more than ``max_states`` joint states, or the model has steps
        that wait for another event or follow the life table.
    """
    structure = hazards.structure
    size = int(np.prod([len(p.levels) for p in structure.processes], dtype=object))
    if size > max_states:
        raise InputError(
            "too many joint states for the exact lattice",
            where=structure.name,
            given=str(size),
            allowed=f"at most {max_states}",
            remedy="Use simulate",
        )
    scheduled = {(entry.process, entry.level) for entry in structure.schedule}
    for entry in structure.schedule:
        own = structure.start_levels()[entry.process]
        by_chance = any(
            (entry.process, level) not in scheduled for level in range(own, entry.level)
        )
        acted_on = any(a.process == entry.process for e in structure.schedule for a in e.actions)
        if by_chance or acted_on:
            raise InputError(
                "the exact lattice takes a scheduled process only if nothing else moves it",
                where=structure.name,
                given=structure.processes[entry.process].name,
            )
        if entry.delay_months is None or entry.anchor_process >= 0:
            raise InputError(
                "the exact lattice takes only steps scheduled after the start",
                where=structure.name,
                given=structure.processes[entry.process].name,
            )
    states = np.array(list(itertools.product(*(range(len(p.levels)) for p in structure.processes))))
    index = {tuple(state): i for i, state in enumerate(states.tolist())}
    rows, columns, rates = [], [], []
    for state, i in index.items():
        if _ended(structure, state):
            continue
        for process, to_state in _steps(structure, state, scheduled):
            rate = hazards.step(process, state)
            rows += [index[to_state], i]
            columns += [i, i]
            rates += [rate, -rate]
    shape = (len(states), len(states))
    return Lattice(hazards, states, csc_matrix((rates, (rows, columns)), shape=shape))


def _appointments(hazards: PlainHazards) -> list[tuple[float, FlatSchedule]]:
    """Return the scheduled steps in the order in which they happen.

    A step waits for the step before it; at the same time the process listed first
    goes first.
    """
    structure = hazards.structure
    times: dict[tuple[int, int], float] = {}
    for entry in sorted(structure.schedule, key=lambda entry: (entry.process, entry.level)):
        assert entry.delay_months is not None
        before = times.get((entry.process, entry.level - 1), 0.0)
        times[entry.process, entry.level] = max(hazards.number(entry.delay_months), before)
    ordered = sorted(
        structure.schedule,
        key=lambda entry: (times[entry.process, entry.level], entry.process, entry.level),
    )
    return [(times[entry.process, entry.level], entry) for entry in ordered]


def _steps(
    structure: Structure, state: tuple[int, ...], scheduled: set[tuple[int, int]]
) -> Iterable[tuple[int, tuple[int, ...]]]:
    for process, p in enumerate(structure.processes):
        level = state[process]
        if level + 1 < len(p.levels) and (process, level) not in scheduled:
            yield process, _moved(state, process, level + 1)


def _ended(structure: Structure, state: tuple[int, ...]) -> bool:
    return any(
        p.terminal and state[i] + 1 == len(p.levels) for i, p in enumerate(structure.processes)
    )


def _moved(state: tuple[int, ...], process: int, level: int) -> tuple[int, ...]:
    return (*state[:process], level, *state[process + 1 :])
