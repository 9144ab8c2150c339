"""Modified next reaction method for progressive processes, compiled.

Every process climbs its ladder of levels one step at a time. Each
(patient, process, level, visit) has its own unit-exponential clock; the step
happens when the integrated hazard of the step reaches the clock. Hazards are
constant between events, so every event time is exact: there is no time step.

A model is a handful of record arrays (see `Tables`). The inner functions take them
one by one and are compiled without reference counts, see ``philox.inlined``.

References
----------
Anderson (2007). A modified next reaction method for simulating chemical systems
with time dependent propensities and delays. J Chem Phys 127:214107, algorithm 3.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from mesospread.kernels.philox import fill_clocks, inlined, uniform_pair, unit_exponential

#: unsigned indices spare the test for negative ones in the inner loop
_u = np.uint64

RANDOM = 0
SCHEDULED = 1

PROCESS = np.dtype(
    [
        ("start_level", np.int64),
        ("n_levels", np.int64),
        ("terminal", np.int64),  # 1: reaching the last level ends the history
        ("first_step", np.int64),
        ("stream", np.uint64),
    ]
)
STEP = np.dtype(
    [
        ("process", np.int64),
        ("kind", np.int64),  # RANDOM or SCHEDULED
        ("routes", np.int64),  # first route ...
        ("routes_end", np.int64),  # ... and one past the last
        ("listeners", np.int64),  # whose hazard changes when this step is taken (itself first)
        ("listeners_end", np.int64),
        ("actions", np.int64),
        ("actions_end", np.int64),
        ("anchor_process", np.int64),  # scheduled: what it waits for; -1 the start
        ("anchor_level", np.int64),
        ("delay", np.int64),  # column of the patient delays
    ]
)
ROUTE = np.dtype(
    [
        ("rate", np.float64),  # per month
        ("group", np.int64),  # column of the patient factors
        ("parent", np.int64),  # first parent (itself, with multipliers 1, if there is none)
        ("table", np.int64),  # its multipliers, by level
        ("terms", np.int64),  # the other parents
        ("terms_end", np.int64),
    ]
)
TERM = np.dtype([("parent", np.int64), ("table", np.int64)])  # table: offset into multipliers
LISTENER = np.dtype(
    [
        ("process", np.int64),
        ("level", np.int64),  # listens only while in this level
        ("step", np.int64),  # its next step then; never a scheduled one
    ]
)
ACTION = np.dtype(
    [
        ("process", np.int64),
        ("from_level", np.int64),  # acts on this level and above
        ("to_level", np.int64),
        ("stream", np.uint64),
    ]
)
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


class Tables(NamedTuple):
    """A compiled model: record arrays with the fields above."""

    processes: NDArray[np.void]
    steps: NDArray[np.void]
    routes: NDArray[np.void]
    terms: NDArray[np.void]
    multipliers: NDArray[np.float64]
    listeners: NDArray[np.void]
    actions: NDArray[np.void]


class Events(NamedTuple):
    """Histories of consecutive patients: every event, in order of time.

    Attributes
    ----------
    offset
        (n + 1,) int64; the events of patient ``i`` are ``offset[i]:offset[i + 1]``.
    time_months
        (n_events,) float64.
    process, level
        (n_events,) int16; ``level`` is the level entered.
    overflow
        Patients with more events than allowed; their histories are cut short.
    """

    offset: NDArray[np.int64]
    time_months: NDArray[np.float64]
    process: NDArray[np.int16]
    level: NDArray[np.int16]
    overflow: int


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
    appointment, seed, patient, factors, delays, i,
):  # fmt: skip
    """Put a patient at the start: levels, clocks, route rates, first appointments."""
    fill_clocks(seed, patient, streams, blocks, pairs)
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
    alive = True
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
            alive = False
    return used, alive


@inlined
def _follow_batch(  # type: ignore[no-untyped-def]
    processes, steps, routes, terms, multipliers, listeners, actions,
    rates, groups, streams, blocks, scheduled, base, level, clock, pairs, due, appointment,
    offset, event_time, event_process, event_level,
    seed, first_patient, factors, delays, chances, horizon, max_events, begin_at,
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
            due, appointment, seed, patient, factors, delays, i,
        )  # fmt: skip
        now = 0.0
        step = steps[0]
        everyone = True
        alive = True
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
    tables, seed, first_patient, factors, delays, chances, horizon_months, max_events
):
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
            seed, first_patient, factors, delays, chances, horizon_months, max_events, done,
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


@numba.njit(nogil=True, cache=True)
def first_entries(first_step, n_steps, offset, time, process, level):  # type: ignore[no-untyped-def]
    """Read off event lists when each level was first entered.

    Parameters
    ----------
    first_step
        (P,) first step of each process.
    n_steps
        Steps of the model, ``S``.
    offset, time, process, level
        Fields of `Events`.

    Returns
    -------
    array, shape (n, S), float64
        Months; NaN if never. Column ``first_step[p] + l - 1`` is level ``l`` of ``p``.
    """
    n = offset.size - 1
    entered = np.full((n, n_steps), np.nan)
    for i in range(n):
        for event in range(offset[i], offset[i + 1]):
            if level[event] > 0:
                column = first_step[process[event]] + level[event] - 1
                if np.isnan(entered[i, column]):
                    entered[i, column] = time[event]
    return entered


@numba.njit(nogil=True, cache=True)
def states_at(start_level, offset, time, process, level, when_months):  # type: ignore[no-untyped-def]
    """Read the level of every process at chosen times off event lists.

    Parameters
    ----------
    start_level
        (P,) levels at time zero.
    offset, time, process, level
        Fields of `Events`.
    when_months
        (n, T) ascending in each row; NaN gives level -1.

    Returns
    -------
    array, shape (n, T, P), int8
    """
    n, n_times = when_months.shape
    n_processes = start_level.size
    out = np.full((n, n_times, n_processes), np.int8(-1))
    current = np.empty(n_processes, np.int8)
    for i in range(n):
        for p in range(n_processes):
            current[p] = start_level[p]
        event = offset[i]
        for t in range(n_times):
            if np.isnan(when_months[i, t]):
                continue
            while event < offset[i + 1] and time[event] <= when_months[i, t]:
                current[process[event]] = level[event]
                event += 1
            for p in range(n_processes):
                out[i, t, p] = current[p]
    return out


@numba.njit(nogil=True, cache=True)
def route_shares(  # type: ignore[no-untyped-def]
    tables, offset, time, process, level, factors, column_of_step, class_of_route, n_columns,
    n_classes,
):  # fmt: skip
    """Say by which class of routes chosen steps were taken: shares of the hazard then.

    Parameters
    ----------
    tables : Tables
        Compiled model.
    offset, time, process, level
        Fields of `Events`.
    factors
        (n, G) patient factors.
    column_of_step
        (S,) column of the answer for a step, -1 if it is not asked for.
    class_of_route
        (R,) class of each route.
    n_columns, n_classes
        Shape of the answer.

    Returns
    -------
    array, shape (n, n_columns, n_classes), float64
        Sums to one over classes where the step was taken, zero where not.
    """
    processes, steps, routes, terms, multipliers, _, _ = tables
    n = offset.size - 1
    shares = np.zeros((n, n_columns, n_classes))
    levels = np.empty(processes.size, np.int64)
    for i in range(n):
        for q in range(processes.size):
            levels[q] = processes[q].start_level
        for event in range(offset[i], offset[i + 1]):
            p = process[event]
            k = processes[p].first_step + levels[p]
            climbs = level[event] == levels[p] + 1
            if climbs and column_of_step[k] >= 0 and steps[k].kind == RANDOM:
                total = 0.0
                for r in range(steps[k].routes, steps[k].routes_end):
                    hazard = routes[r].rate * factors[i, routes[r].group]
                    hazard *= multipliers[routes[r].table + levels[routes[r].parent]]
                    for m in range(routes[r].terms, routes[r].terms_end):
                        hazard *= multipliers[terms[m].table + levels[terms[m].parent]]
                    shares[i, column_of_step[k], class_of_route[r]] += hazard
                    total += hazard
                if total > 0.0:
                    for c in range(n_classes):
                        shares[i, column_of_step[k], c] /= total
            levels[p] = level[event]
    return shares
