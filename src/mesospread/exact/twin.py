"""The simulator again, in plain Python: slow, and meant to be read.

It consumes the same random numbers as the compiled kernel and must give the same
list of events. Not meant for cohorts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..model.hazards import PlainHazards
from ..model.structure import FlatSchedule
from ..randomness import stream_id, uniform


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


@dataclass
class _Patient:
    levels: list[int]
    visits: list[int]
    clocks: list[_Clock | None]
    appointments: dict[FlatSchedule, float] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)


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
    structure = hazards.structure
    n = len(structure.processes)
    state = _Patient(list(structure.start_levels()), [0] * n, [None] * n)
    wait = dict(zip(structure.schedule, delays_months, strict=True))
    every_action = [action for entry in structure.schedule for action in entry.actions]
    chance = dict(zip(map(id, every_action), chances, strict=True))

    def book(process: int, level: int, now: float) -> None:
        for entry in structure.schedule:
            waits_for_this = entry.anchor_process == process and entry.anchor_level <= level
            if waits_for_this and entry not in state.appointments:
                state.appointments[entry] = now + wait[entry]

    def enter(process: int, level: int, now: float) -> bool:
        """Note the event; return whether it ends the history."""
        p = structure.processes[process]
        if level < state.levels[process]:
            state.visits[process] += 1
        state.levels[process] = level
        state.clocks[process] = None
        state.events.append(Event(now, p.name, p.levels[level]))
        book(process, level, now)
        return p.terminal and level + 1 == len(p.levels)

    def due(process: int, hazard: float, now: float) -> float:
        """Return when a process takes its next step if nothing changes."""
        level = state.levels[process]
        if level + 1 == len(structure.processes[process].levels):
            return math.inf
        for entry in structure.schedule:
            if (entry.process, entry.level) == (process, level):
                return max(state.appointments.get(entry, math.inf), now)
        if hazard == 0:
            return math.inf
        clock = state.clocks[process]
        if clock is None:
            stream = stream_id(structure.processes[process].name)
            u = uniform(seed, patient, stream, level, state.visits[process])
            clock = state.clocks[process] = _Clock(-math.log(u))
        return now + max(clock.total - clock.used, 0.0) / hazard

    book(-1, 0, 0.0)
    now = 0.0
    while True:
        rates = [hazards.step(process, state.levels) for process in range(n)]
        times = [due(process, rates[process], now) for process in range(n)]
        process = min(range(n), key=times.__getitem__)
        later = times[process]
        if later > horizon_months or later == math.inf:
            return state.events
        for other in range(n):
            clock = state.clocks[other]
            if clock is not None:
                clock.used += rates[other] * (later - now)
        now = later
        left = state.levels[process]
        if enter(process, left + 1, now):
            return state.events
        ended = False
        for entry in structure.schedule:
            if (entry.process, entry.level) != (process, left):
                continue
            for action in entry.actions:
                at = state.levels[action.process]
                if at < action.from_level or at == action.to_level:
                    continue
                name = structure.processes[action.process].name
                stream = stream_id(f"action:{name}:{action.to_level}")
                if uniform(seed, patient, stream, 0) < chance[id(action)]:
                    ended = enter(action.process, action.to_level, now) or ended
        if ended:
            return state.events
