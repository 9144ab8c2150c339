"""Core histories under many parameter draws: simulate them, and how many live to today."""

from __future__ import annotations

import numba
import numpy as np

from mesospread.kernels.leaves import core_hazard
from mesospread.kernels.paths import simulate_paths
from mesospread.kernels.tables import Tables


@numba.njit(nogil=True, cache=True)
def simulate_draws(  # type: ignore[no-untyped-def]
    tables, rates, multipliers, seed, first_patient, factors, delays, chances, horizon_months,
    max_events, renumbered, first_clocks,
):  # fmt: skip
    """Follow consecutive patients, equally many under each parameter draw.

    Parameters
    ----------
    tables : Tables
        Compiled model; its rates and multipliers are not used.
    rates, multipliers
        (D, R) and (D, M).
    seed, first_patient, factors, delays, chances, horizon_months, max_events, first_clocks
        As in `simulate_paths`, the patients of the first draw first.
    renumbered
        (P,) number to give to each process in the events.

    Returns
    -------
    tuple
        The fields of `Events`.
    """
    n_draws = rates.shape[0]
    n = factors.shape[0] // n_draws
    offset = np.zeros(factors.shape[0] + 1, np.int64)
    capacity = 16 * factors.shape[0] + 1024
    time = np.empty(capacity)
    process = np.empty(capacity, np.int16)
    level = np.empty(capacity, np.int16)
    overflow = 0
    for d in range(n_draws):
        routes = tables.routes.copy()
        for r in range(routes.size):
            routes[r].rate = rates[d, r]
        bound = Tables(
            tables.processes, tables.steps, routes, tables.terms, multipliers[d],
            tables.listeners, tables.actions,
        )  # fmt: skip
        rows = slice(d * n, (d + 1) * n)
        own = simulate_paths(
            bound, seed, first_patient + np.uint64(d * n), factors[rows], delays[rows],
            chances[rows], horizon_months, max_events, first_clocks[rows],
        )  # fmt: skip
        used = offset[d * n]
        n_events = own[1].size
        while used + n_events > capacity:
            capacity *= 2
            time = _grown(time, capacity)
            process = _grown(process, capacity)
            level = _grown(level, capacity)
        for i in range(n):
            offset[d * n + i + 1] = used + own[0][i + 1]
        for e in range(n_events):
            time[used + e] = own[1][e]
            process[used + e] = renumbered[own[2][e]]
            level[used + e] = own[3][e]
        overflow += own[4]
    n_events = offset[-1]
    return offset, time[:n_events], process[:n_events], level[:n_events], overflow


@numba.njit(nogil=True, cache=True)
def _grown(array, capacity):  # type: ignore[no-untyped-def]
    larger = np.empty(capacity, array.dtype)
    larger[: array.size] = array
    return larger


@numba.njit(nogil=True, cache=True, error_model="numpy")
def live_to_today(t, start, offset, time, process, level, draw, factors, chances, now_months):  # type: ignore[no-untyped-def]
    """Return when core histories reach diagnosis, and the chance to live to today.

    Parameters
    ----------
    t : LeafTables
    start
        (P,) start levels.
    offset, time, process, level
        Events, processes numbered as in the whole disease.
    draw
        (n,) parameter draw of each.
    factors, chances
        (n, G) and (n, A) of the whole disease.
    now_months
        Today, since diagnosis.

    Returns
    -------
    diagnosed_months : array, shape (n,)
        NaN if never.
    survival : array, shape (n,)
        Probability that nothing but leaves and other causes kills before today.
    """
    n = draw.size
    diagnosed = np.full(n, np.nan)
    survival = np.zeros(n)
    levels = np.empty(start.size, np.int64)
    base = np.zeros(t.rates.shape[1])
    for i in range(n):
        d = draw[i]
        for k in range(t.core_death.size):
            r = t.core_death[k]
            base[r] = t.rates[d, r] * factors[i, t.routes[r].group]
        levels[:] = start
        integral, now, survived, today = 0.0, 0.0, 1.0, np.inf
        lethal = core_hazard(t, t.core_death, base, d, levels)
        for e in range(offset[i], offset[i + 1]):
            if time[e] > today:
                break
            integral += lethal * (time[e] - now)
            now = time[e]
            levels[process[e]] = level[e]
            if process[e] == t.diagnosis[0] and level[e] == 1:
                diagnosed[i] = now
                today = now + now_months
            for z in range(t.deadly.shape[0]):
                if t.deadly[z, 0] == process[e] and t.deadly[z, 1] == level[e]:
                    survived *= 1.0 - chances[i, t.deadly[z, 2]]
            lethal = core_hazard(t, t.core_death, base, d, levels)
        if today < np.inf:
            survival[i] = survived * np.exp(-integral - lethal * (today - now))
    return diagnosed, survival
