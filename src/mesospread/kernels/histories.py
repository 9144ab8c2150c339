"""Read histories: when levels were first entered, states at times, routes taken."""

from __future__ import annotations

import numba
import numpy as np

from mesospread.kernels.tables import RANDOM


@numba.njit(nogil=True, cache=True)
def first_entries(  # type: ignore[no-untyped-def]
    first_step, n_steps, offset, time, process, level, after_months
):
    """Read off event lists when each level was first entered after a time.

    Parameters
    ----------
    first_step
        (P,) first step of each process.
    n_steps
        Steps of the model, ``S``.
    offset, time, process, level
        Fields of `Events`.
    after_months
        (n,) entries at this time or earlier do not count; NaN: none counts.

    Returns
    -------
    array, shape (n, S), float64
        Months; NaN if never. Column ``first_step[p] + l - 1`` is level ``l`` of ``p``.
    """
    n = offset.size - 1
    entered = np.full((n, n_steps), np.nan)
    for i in range(n):
        for event in range(offset[i], offset[i + 1]):
            if level[event] > 0 and time[event] > after_months[i]:
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
    n_classes, until_months,
):  # fmt: skip
    """Say by which class of routes chosen steps were last taken: shares of the hazard then.

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
    until_months
        (n,) steps taken later do not count.

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
            if time[event] > until_months[i]:
                break
            climbs = level[event] == levels[p] + 1
            if climbs and column_of_step[k] >= 0 and steps[k].kind == RANDOM:
                total = 0.0
                for c in range(n_classes):
                    shares[i, column_of_step[k], c] = 0.0
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
