"""Modified next reaction method for progressive processes, compiled.

Every process climbs its ladder of levels one step at a time. Each
(patient, process, level, visit) has its own unit-exponential clock; the step
happens when the integrated hazard of the step reaches the clock. Hazards are
constant between events, so every event time is exact: there is no time step.

A model is a handful of record arrays (see ``tables.Tables``). The inner functions take them
one by one and are compiled without reference counts, see ``philox.inlined``.

References
----------
Anderson (2007). A modified next reaction method for simulating chemical systems
with time dependent propensities and delays. J Chem Phys 127:214107, algorithm 3.
"""

from __future__ import annotations

import numba
import numpy as np

from mesospread.kernels.philox import fill_clocks, inlined, uniform_pair, unit_exponential
from mesospread.kernels.tables import SCHEDULED

#: unsigned indices spare the test for negative ones in the inner loop
_u = np.uint64


_CLOCK = np.dtype(
    [
        ("hazard", np.float64),  # of the next step, per month
        ("left", np.float64),  # what is left of the unit-exponential clock
        ("since", np.float64),  # month in which `left` was last brought up to date
        ("running", np.int64),  # 1: the clock of this level has been drawn
        ("visit", np.int64),  # set-backs so far
        ("block", np.int64),  # counter block whose two unit exponentials are at hand
    ]
)


@inlined
def step_hazard(step, base, routes, terms, multipliers, level):  # type: ignore[no-untyped-def]
    """Return the hazard of a step per month: over routes, the sum of products over parents."""
    total = 0.0
    for r in range(step.routes, step.routes_end):
        route = routes[_u(r)]
        hazard = base[_u(r)] * multipliers[_u(route.table + level[_u(route.parent)])]
        for k in range(route.terms, route.terms_end):
            term = terms[_u(k)]
            hazard *= multipliers[_u(term.table + level[_u(term.parent)])]
        total += hazard
    return total


@inlined
def _draw(clock, pairs, process, level, stream, seed, patient):  # type: ignore[no-untyped-def]
    """Draw the unit-exponential clock of the level a process is in."""
    c = clock[process]
    block = (c.visit << 16) | (level >> 1)
    if c.block != block:
        c.block = block
        first, second = uniform_pair(seed, patient, stream, np.uint64(block))
        pairs[0, process] = unit_exponential(first)
        pairs[1, process] = unit_exponential(second)
    c.left = pairs[level & 1, process]
    c.running = 1


@inlined
def _refresh(  # type: ignore[no-untyped-def]
    processes, steps, routes, terms, multipliers, base, level, clock, pairs, due,
    process, k, now, seed, patient,
):  # fmt: skip
    """Bring hazard and due time of random step ``k`` up to date after something changed."""
    at = level[_u(process)]
    hazard = step_hazard(steps[_u(k)], base, routes, terms, multipliers, level)
    c = clock[_u(process)]
    if hazard == c.hazard:
        # Nothing changed for this step: leave its due time as it is, to the last bit.
        return
    if c.running:
        c.left = max(c.left - c.hazard * (now - c.since), 0.0)
    else:
        _draw(clock, pairs, process, at, processes[process].stream, seed, patient)
    c.hazard = hazard
    c.since = now
    due[_u(process)] = now + c.left / hazard if hazard > 0.0 else np.inf


@inlined
def _enter(  # type: ignore[no-untyped-def]
    processes, steps, level, clock, due, appointment, process, to_level, now
):
    """Put a process into a level and forget the clock of the level it leaves."""
    c = clock[_u(process)]
    if to_level < level[_u(process)]:
        c.visit += 1
    level[_u(process)] = to_level
    c.hazard = 0.0
    c.running = 0
    due[_u(process)] = np.inf
    p = processes[_u(process)]
    k = p.first_step + to_level
    if to_level + 1 < p.n_levels and steps[_u(k)].kind == SCHEDULED:
        due[_u(process)] = max(appointment[_u(k)], now)


@inlined
def _book(  # type: ignore[no-untyped-def]
    processes, steps, scheduled, level, due, appointment, process, at_level, now, delays, i
):
    """Fix the times of the scheduled steps that waited for a process to reach a level."""
    for d in range(scheduled.size):
        step = steps[scheduled[d]]
        if (
            step.anchor_process == process
            and step.anchor_level <= at_level
            and appointment[scheduled[d]] == np.inf
        ):
            appointment[scheduled[d]] = now + delays[i, step.delay]
            own = step.process
            if processes[own].first_step + level[own] == scheduled[d]:
                due[own] = appointment[scheduled[d]]


@inlined
def _begin(  # type: ignore[no-untyped-def]
    processes, steps, rates, groups, streams, blocks, scheduled, base, level, clock, pairs, due,
    appointment, seed, patient, factors, delays, first_clocks, i,
):  # fmt: skip
    """Put a patient at the start: levels, clocks, route rates, first appointments."""
    if first_clocks.shape[0] == 0:
        fill_clocks(seed, patient, streams, blocks, pairs)
    else:
        for q in range(processes.size):
            pairs[0, q] = first_clocks[i, 0, q]
            pairs[1, q] = first_clocks[i, 1, q]
    for r in range(rates.size):
        base[r] = rates[r] * factors[i, _u(groups[r])]
    for q in range(processes.size):
        level[q] = processes[q].start_level
        due[q] = np.inf
        c = clock[q]
        c.hazard = 0.0
        c.running = 0
        c.visit = 0
        c.block = level[q] >> 1
    for k in range(appointment.size):
        appointment[k] = np.inf
    _book(processes, steps, scheduled, level, due, appointment, -1, 0, 0.0, delays, i)


@inlined
def _next(due):  # type: ignore[no-untyped-def]
    """Return the process whose step is due first (the lowest index among equals).

    Two searches side by side, over even and odd processes: half as long a chain of
    comparisons, each of which waits for the one before.
    """
    even, odd = 0, 1
    soonest_even, soonest_odd = due[0], due[1]
    for q in range(2, due.size, 2):
        if due[_u(q)] < soonest_even:
            soonest_even = due[_u(q)]
            even = q
        if due[_u(q + 1)] < soonest_odd:
            soonest_odd = due[_u(q + 1)]
            odd = q + 1
    if soonest_odd < soonest_even or (soonest_odd == soonest_even and odd < even):
        return odd
    return even


@inlined
def _act(  # type: ignore[no-untyped-def]
    processes, steps, scheduled, actions, level, clock, due, appointment,
    event_time, event_process, event_level, used, step, now, seed, patient, delays, chances, i,
):  # fmt: skip
    """Carry out the actions of an intervention, each with its own chance.

    Returns the number of events used and whether the patient is still alive.
    """
    for a in range(step.actions, step.actions_end):
        action = actions[a]
        target = action.process
        if level[target] < action.from_level or level[target] == action.to_level:
            continue
        u, _ = uniform_pair(seed, patient, action.stream, np.uint64(0))
        if u >= chances[i, a]:
            continue
        _enter(
            processes, steps, level, clock, due, appointment, target, action.to_level, now
        )  # fmt: skip
        event_time[used] = now
        event_process[used] = target
        event_level[used] = action.to_level
        used += 1
        _book(
            processes, steps, scheduled, level, due, appointment, target, action.to_level, now,
            delays, i,
        )  # fmt: skip
        if action.to_level + 1 == processes[target].n_levels and processes[target].terminal:
            return used, False
    return used, True


@inlined
def _follow_batch(  # type: ignore[no-untyped-def]
    processes, steps, routes, terms, multipliers, listeners, actions,
    rates, groups, streams, blocks, scheduled, base, level, clock, pairs, due, appointment,
    offset, event_time, event_process, event_level,
    seed, first_patient, factors, delays, chances, horizon, max_events, first_clocks, begin_at,
):  # fmt: skip
    """Follow patients from ``begin_at`` on until all are done or the event arrays are full.

    Returns the patient to go on with and how many were cut short.
    """
    overflow = 0
    for i in range(begin_at, factors.shape[0]):
        used = offset[i]
        stop = used + max_events
        if stop + actions.size > event_time.size:
            return i, overflow
        patient = first_patient + np.uint64(i)
        _begin(
            processes, steps, rates, groups, streams, blocks, scheduled, base, level, clock, pairs,
            due, appointment, seed, patient, factors, delays, first_clocks, i,
        )  # fmt: skip
        now, step = 0.0, steps[0]
        everyone, alive = True, True
        while alive:
            # after an intervention every hazard may have changed, else those of the listeners
            first = 0 if everyone else step.listeners
            end = processes.size if everyone else step.listeners_end
            for j in range(first, end):
                if everyone:
                    q = j
                    k = processes[q].first_step + level[q]
                    if level[q] + 1 == processes[q].n_levels or steps[k].kind == SCHEDULED:
                        continue
                else:
                    listener = listeners[_u(j)]
                    q = listener.process
                    k = listener.step
                    if level[_u(q)] != listener.level:
                        continue
                _refresh(
                    processes, steps, routes, terms, multipliers, base, level, clock, pairs, due,
                    q, k, now, seed, patient,
                )  # fmt: skip
            process = _next(due)
            now = due[process]
            if now > horizon or now == np.inf:
                break
            if used >= stop:
                overflow += 1
                break
            to_level = level[_u(process)] + 1
            step = steps[_u(processes[_u(process)].first_step + to_level - 1)]
            _enter(processes, steps, level, clock, due, appointment, process, to_level, now)
            event_time[used] = now
            event_process[used] = process
            event_level[used] = to_level
            used += 1
            if processes[_u(process)].terminal and to_level + 1 == processes[_u(process)].n_levels:
                break
            _book(
                processes, steps, scheduled, level, due, appointment, process, to_level, now,
                delays, i,
            )  # fmt: skip
            everyone = False
            if step.actions < step.actions_end:
                before = used
                used, alive = _act(
                    processes, steps, scheduled, actions, level, clock, due, appointment,
                    event_time, event_process, event_level, used, step, now, seed, patient,
                    delays, chances, i,
                )  # fmt: skip
                everyone = used > before
        offset[i + 1] = used
    return factors.shape[0], overflow


@numba.njit(nogil=True, cache=True)
def simulate_paths(  # type: ignore[no-untyped-def]
    tables, seed, first_patient, factors, delays, chances, horizon_months, max_events,
    first_clocks,
):  # fmt: skip
    """Follow consecutive patients from the start to a terminal event or the horizon.

    Parameters
    ----------
    tables : Tables
        Compiled model with ``P`` processes.
    seed, first_patient : uint64
        Patient ``i`` of the batch is patient ``first_patient + i`` of the cohort.
    factors : array, shape (n, G)
        Patient factors of the hazards (covariates and frailty), by route group.
    delays : array, shape (n, D)
        Months from anchor to scheduled step.
    chances : array, shape (n, A)
        Probability of each action.
    horizon_months : float
        Nobody is followed longer than this.
    max_events : int
        Most events one patient may have.
    first_clocks : array, shape (n, 2, P), or (0, 2, 0)
        Unit exponentials of the first two levels of each process; none: they are drawn.

    Returns
    -------
    tuple
        The fields of `Events`.
    """
    processes, steps, routes, terms, multipliers, listeners, actions = tables
    n = factors.shape[0]
    n_processes = processes.size
    # rounded up, so that the clocks of all processes are drawn eight at a time
    n_lanes = (n_processes + 7) // 8 * 8
    level = np.empty(n_processes, np.int64)
    clock = np.empty(n_processes, _CLOCK)
    pairs = np.empty((2, n_lanes))
    due = np.full(n_lanes, np.inf)
    base = np.empty(routes.size)
    appointment = np.empty(steps.size)
    streams = np.zeros(n_lanes, np.uint64)
    blocks = np.zeros(n_lanes, np.uint64)
    for q in range(n_processes):
        streams[q] = processes[q].stream
        blocks[q] = np.uint64(processes[q].start_level >> 1)
    rates = np.empty(routes.size)
    groups = np.empty(routes.size, np.int64)
    for r in range(routes.size):
        rates[r] = routes[r].rate
        groups[r] = routes[r].group
    scheduled = np.empty(delays.shape[1], np.int64)
    for k in range(steps.size):
        if steps[k].kind == SCHEDULED:
            scheduled[steps[k].delay] = k
    offset = np.zeros(n + 1, np.int64)
    capacity = 12 * n + 2 * (max_events + actions.size)
    time = np.empty(capacity)
    process = np.empty(capacity, np.int16)
    entered = np.empty(capacity, np.int16)
    done = 0
    overflow = 0
    while done < n:
        done, cut = _follow_batch(
            processes, steps, routes, terms, multipliers, listeners, actions,
            rates, groups, streams, blocks, scheduled, base, level, clock, pairs, due, appointment,
            offset, time, process, entered,
            seed, first_patient, factors, delays, chances, horizon_months, max_events,
            first_clocks, done,
        )  # fmt: skip
        overflow += cut
        if done < n:
            capacity *= 2
            time = _grown(time, capacity)
            process = _grown(process, capacity)
            entered = _grown(entered, capacity)
    used = offset[n]
    return offset, time[:used].copy(), process[:used].copy(), entered[:used].copy(), overflow


@numba.njit(nogil=True, cache=True)
def _grown(array, capacity):  # type: ignore[no-untyped-def]
    larger = np.empty(capacity, array.dtype)
    larger[: array.size] = array
    return larger
