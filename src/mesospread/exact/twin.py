"""The simulator again, in plain Python: slow, and meant to be read.

It consumes the same random numbers as the compiled kernel and must give the same
list of events. Not meant for cohorts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mesospread.model.hazards import PlainHazards
from mesospread.model.structure import action_names
from mesospread.randomness import stream_id, uniform


@dataclass(frozen=True)
class Event:
    """A process entered a level at a time (months)."""

    time_months: float
    process: str
    level: str


@dataclass
class _Clock:
    """The clock of one level: how much of it there was, and how much has run off."""

    total: float
    used: float = 0.0


def follow(
    hazards: PlainHazards,
    *,
    seed: int,
    patient: int,
    horizon_months: float,
    delays_months: Sequence[float] = (),
    chances: Sequence[float] = (),
) -> list[Event]:
    """Follow one patient and return the events in order.

    Parameters
    ----------
    hazards
        Hazards of the person.
    seed, patient
        Key of the random numbers.
    horizon_months
        End of follow-up.
    delays_months, chances
        Waits of the scheduled steps and probabilities of the actions, in the order
        of the structure.
    """
    history = _History(hazards, seed, patient, delays_months, chances)
    while history.advance(horizon_months):
        pass
    return history.events


class _History:
    """One patient on the way."""

    def __init__(
        self,
        hazards: PlainHazards,
        seed: int,
        patient: int,
        delays_months: Sequence[float],
        chances: Sequence[float],
    ) -> None:
        self.hazards = hazards
        self.structure = hazards.structure
        self.seed, self.patient = seed, patient
        self.delays, self.chances = delays_months, chances
        self.levels = list(self.structure.start_levels())
        self.visits = [0] * len(self.levels)
        self.clocks: list[_Clock | None] = [None] * len(self.levels)
        self.appointments: dict[int, float] = {}
        self.action_names = action_names(self.structure)
        self.events: list[Event] = []
        self.now = 0.0
        self._book(-1, 0)

    def advance(self, horizon_months: float) -> bool:
        """Carry out the next event; return False when the history has ended."""
        everyone = range(len(self.levels))
        rates = [self.hazards.step(process, self.levels) for process in everyone]
        due = [self._due(process, rates[process]) for process in everyone]
        process = min(everyone, key=due.__getitem__)
        if due[process] > horizon_months or due[process] == math.inf:
            return False
        for clock, rate in zip(self.clocks, rates, strict=True):
            if clock is not None:
                clock.used += rate * (due[process] - self.now)
        self.now = due[process]
        left = self.levels[process]
        if self._enter(process, left + 1):
            return False
        return not self._act(process, left)

    def _due(self, process: int, hazard: float) -> float:
        """Return when a process takes its next step if nothing changes."""
        level = self.levels[process]
        p = self.structure.processes[process]
        if level + 1 == len(p.levels):
            return math.inf
        for k, entry in enumerate(self.structure.schedule):
            if (entry.process, entry.level) == (process, level):
                return max(self.appointments.get(k, math.inf), self.now)
        if hazard == 0:
            return math.inf
        clock = self.clocks[process]
        if clock is None:
            u = uniform(self.seed, self.patient, stream_id(p.name), level, self.visits[process])
            clock = self.clocks[process] = _Clock(-math.log(u))
        return self.now + max(clock.total - clock.used, 0.0) / hazard

    def _enter(self, process: int, level: int) -> bool:
        """Put a process into a level, note the event; return whether it ends the history."""
        p = self.structure.processes[process]
        if level < self.levels[process]:
            self.visits[process] += 1
        self.levels[process] = level
        self.clocks[process] = None
        self.events.append(Event(self.now, p.name, p.levels[level]))
        self._book(process, level)
        return p.terminal and level + 1 == len(p.levels)

    def _book(self, process: int, level: int) -> None:
        """Fix the times of the scheduled steps that waited for this."""
        for k, entry in enumerate(self.structure.schedule):
            waits_for_this = entry.anchor_process == process and entry.anchor_level <= level
            if waits_for_this and k not in self.appointments:
                self.appointments[k] = self.now + self.delays[k]

    def _act(self, process: int, left: int) -> bool:
        """Carry out the actions of a scheduled step; return whether one ends the history."""
        number = -1
        for entry in self.structure.schedule:
            for action in entry.actions:
                number += 1
                at = self.levels[action.process]
                if (entry.process, entry.level) != (process, left):
                    continue
                if at < action.from_level or at == action.to_level:
                    continue
                stream = stream_id(self.action_names[number])
                if uniform(self.seed, self.patient, stream, 0) >= self.chances[number]:
                    continue
                if self._enter(action.process, action.to_level):
                    return True
        return False
