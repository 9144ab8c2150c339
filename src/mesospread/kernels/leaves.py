"""Leaves given the path of the core: closed forms between breakpoints.

A leaf climbs levels 0 .. L-1 at rates a(l), and is lost (its person dies of it, or is
diagnosed because of it) at rates k(l). Between two breakpoints all rates are constant,
so its level moves by the exponential of an upper bidiagonal matrix, computed by
uniformisation (all terms positive, no cancellation).

References
----------
Jensen (1953), Scand Actuarial J 36:87 (uniformisation).
"""

from __future__ import annotations

import numba
import numpy as np

from mesospread.kernels.philox import inlined

#: largest uniformised time taken in one piece
_LONGEST = 20.0
_TINY = 1e-13


@inlined
def _hazard(routes, terms, multipliers, level, factors, i, r):  # type: ignore[no-untyped-def]
    """Return the hazard of one route of one patient per month."""
    route = routes[r]
    hazard = route.rate * factors[i, route.group]
    hazard *= multipliers[route.table + level[route.parent]]
    for k in range(route.terms, route.terms_end):
        hazard *= multipliers[terms[k].table + level[terms[k].parent]]
    return hazard


@inlined
def _transition(climb, loss, n_levels, months, matrix, power, entering):  # type: ignore[no-untyped-def]
    """Fill the transition matrix of a leaf over an interval.

    ``matrix[l, m]`` is P(at m, not lost | at l before); ``entering[l, m]`` is the
    probability of stepping from ``m - 1`` to ``m`` within the interval, given ``l``.
    ``power`` is scratch.
    """
    top = 0.0
    for level in range(n_levels):
        top = max(top, climb[level] + loss[level])
    for a in range(n_levels):
        for b in range(n_levels):
            matrix[a, b] = 0.0
            power[a, b] = 0.0
            entering[a, b] = 0.0
        power[a, a] = 1.0
    if top * months <= 0.0:
        for a in range(n_levels):
            matrix[a, a] = 1.0
        return
    weight = np.exp(-top * months)
    later = 1.0 - weight
    n = 0
    while True:
        for a in range(n_levels):
            for b in range(a, n_levels):
                matrix[a, b] += weight * power[a, b]
                if b + 1 < n_levels:
                    entering[a, b + 1] += later / top * power[a, b] * climb[b]
        if later < _TINY and n > top * months:
            break
        for a in range(n_levels):
            for b in range(n_levels - 1, a - 1, -1):
                stay = 1.0 - (climb[b] + loss[b]) / top
                moved = power[a, b] * stay
                if b > a:
                    moved += power[a, b - 1] * climb[b - 1] / top
                power[a, b] = moved
        n += 1
        weight *= top * months / n
        later = max(later - weight, 0.0)


@numba.njit(nogil=True, cache=True)
def core_exposure(  # type: ignore[no-untyped-def]
    tables, start, offset, time, process, level, factors, which, when_months
):
    """Integrate the hazards of some routes along core paths.

    Parameters
    ----------
    tables : Tables
        Of the whole model.
    start
        (P,) start levels of the whole model.
    offset, time, process, level
        Events of the core, processes numbered as in the whole.
    factors
        (n, G).
    which
        Routes whose hazards are summed; leaves count as free.
    when_months
        (n, T) ascending.

    Returns
    -------
    integral, hazard : arrays, shape (n, T)
        Up to, and at, each time.
    """
    routes, terms, multipliers = tables.routes, tables.terms, tables.multipliers
    n, n_times = when_months.shape
    integral = np.zeros((n, n_times))
    hazard = np.zeros((n, n_times))
    levels = np.empty(start.size, np.int64)
    for i in range(n):
        levels[:] = start
        event = offset[i]
        now, total = 0.0, 0.0
        rate = 0.0
        for r in which:
            rate += _hazard(routes, terms, multipliers, levels, factors, i, r)
        for t in range(n_times):
            while event < offset[i + 1] and time[event] <= when_months[i, t]:
                total += rate * (time[event] - now)
                now = time[event]
                levels[process[event]] = level[event]
                event += 1
                rate = 0.0
                for r in which:
                    rate += _hazard(routes, terms, multipliers, levels, factors, i, r)
            total += rate * (when_months[i, t] - now)
            now = when_months[i, t]
            integral[i, t] = total
            hazard[i, t] = rate
    return integral, hazard


@inlined
def _propagate(  # type: ignore[no-untyped-def]
    steps, routes, terms, multipliers, processes,
    start, offset, time, process, level, factors, chances,
    leaves, death_routes, diagnosis_routes, diagnosis, core_diagnosis_routes,
    leaf_actions, class_of_route, n_classes, only_class, n_branches,
    diagnosed_months, observed, seen, staged, now_offset, grid,
    past, alive, unseen, entering, seeding,
    levels, climb, loss, share, matrix, power, enter, total, moved, vector,
):  # fmt: skip
    """Do the work of `propagate` in arrays that are already there."""
    n, n_leaves, n_times = diagnosed_months.size, leaves.size, grid.size
    n_levels = seen.shape[2]
    for i in range(n):
        for q in range(start.size):
            levels[q] = start[q]
        for j in range(n_leaves):
            for b in range(n_branches):
                past[i, j, b, 0, n_classes, start[leaves[j]]] = 1.0
            levels[leaves[j]] = 0
        event, finding, slot = offset[i], 0, 0
        now = 0.0
        today = diagnosed_months[i] + now_offset
        in_past = True
        done = False
        while not done:
            # the next breakpoint: an event of the core, a finding, today, a grid time
            until, kind = today, 2
            if not in_past:
                if slot == n_times:
                    break
                until, kind = today + grid[slot], 3
            elif finding < observed.size:
                at = max(diagnosed_months[i] + observed[finding], 0.0)
                if at < until or observed[finding] >= now_offset:
                    until, kind = min(at, today), 1
            if event < offset[i + 1] and time[event] <= until:
                until, kind = time[event], 0
            months = until - now
            if months > 0.0:
                undiagnosed = levels[diagnosis] == 0
                for j in range(n_leaves):
                    leaf = leaves[j]
                    first = processes[leaf].first_step
                    for c in range(n_classes):
                        share[c] = 0.0
                    for at_level in range(n_levels):
                        climb[at_level] = 0.0
                        if at_level + 1 < n_levels:
                            step = steps[first + at_level]
                            for r in range(step.routes, step.routes_end):
                                h = _hazard(routes, terms, multipliers, levels, factors, i, r)
                                climb[at_level] += h
                                if at_level == 0:
                                    share[class_of_route[r]] += h
                        levels[leaf] = at_level
                        lost = 0.0
                        for x in range(death_routes.shape[1]):
                            if death_routes[j, x] >= 0:
                                lost += _hazard(
                                    routes, terms, multipliers, levels, factors, i,
                                    death_routes[j, x],
                                )  # fmt: skip
                        if undiagnosed:
                            for x in range(diagnosis_routes.shape[1]):
                                if diagnosis_routes[j, x] >= 0:
                                    lost += _hazard(
                                        routes, terms, multipliers, levels, factors, i,
                                        diagnosis_routes[j, x],
                                    )  # fmt: skip
                        loss[at_level] = lost
                        levels[leaf] = 0
                    if climb[0] > 0.0:
                        for c in range(n_classes):
                            share[c] /= climb[0]
                    top = 0.0
                    for at_level in range(n_levels):
                        top = max(top, climb[at_level] + loss[at_level])
                    pieces = int(top * months / _LONGEST) + 1
                    for _ in range(pieces):
                        _transition(climb, loss, n_levels, months / pieces, matrix, power, enter)
                        if in_past:
                            for b in range(n_branches):
                                for d in range(1 if undiagnosed else 2):
                                    free = past[i, j, b, d, n_classes, 0]
                                    # seeded by one class only: no need to tell them apart
                                    c_first = n_classes if only_class[j] >= 0 else 0
                                    for c in range(c_first, n_classes + 1):
                                        for m in range(n_levels):
                                            mass = 0.0
                                            for a in range(m + 1):
                                                if c == n_classes or a > 0:
                                                    mass += past[i, j, b, d, c, a] * matrix[a, m]
                                            if c < n_classes and m > 0:
                                                mass += free * matrix[0, m] * share[c]
                                            vector[m] = mass
                                        for m in range(n_levels):
                                            past[i, j, b, d, c, m] = vector[m]
                        else:
                            for a in range(n_levels):
                                for m in range(a, n_levels):
                                    entering[i, j, slot, a] += total[j, a, m] * enter[m, 2]
                            for c in range(n_classes):
                                seeding[i, j, slot, c] += total[j, 0, 0] * enter[0, 1] * share[c]
                            for a in range(n_levels):
                                for m in range(n_levels):
                                    mass = 0.0
                                    for q in range(a, m + 1):
                                        mass += total[j, a, q] * matrix[q, m]
                                    moved[a, m] = mass
                            for a in range(n_levels):
                                for m in range(n_levels):
                                    total[j, a, m] = moved[a, m]
            now = until
            if kind == 0:
                p, to = process[event], level[event]
                if p == diagnosis and to == 1:
                    core = 0.0
                    for r in core_diagnosis_routes:
                        core += _hazard(routes, terms, multipliers, levels, factors, i, r)
                    for j in range(n_leaves):
                        for at_level in range(n_levels):
                            levels[leaves[j]] = at_level
                            rate = 0.0
                            for x in range(diagnosis_routes.shape[1]):
                                if diagnosis_routes[j, x] >= 0:
                                    rate += _hazard(
                                        routes, terms, multipliers, levels, factors, i,
                                        diagnosis_routes[j, x],
                                    )  # fmt: skip
                            for b in range(n_branches):
                                for c in range(n_classes + 1):
                                    past[i, j, b, 1, c, at_level] = (
                                        past[i, j, b, 0, c, at_level] * rate / core
                                    )
                        levels[leaves[j]] = 0
                levels[p] = to
                for y in range(leaf_actions.shape[0]):
                    if leaf_actions[y, 0] != p or leaf_actions[y, 1] != to:
                        continue
                    j, back = leaf_actions[y, 2], leaf_actions[y, 4]
                    chance = chances[i, leaf_actions[y, 5]]
                    for at_level in range(leaf_actions[y, 3], n_levels):
                        if at_level == back:
                            continue
                        if in_past:
                            for b in range(n_branches):
                                for d in range(2):
                                    for c in range(n_classes + 1):
                                        mass = past[i, j, b, d, c, at_level]
                                        past[i, j, b, d, c, at_level] -= chance * mass
                                        if back > 0 or c == n_classes:
                                            past[i, j, b, d, c, back] += chance * mass
                        else:
                            for a in range(n_levels):
                                mass = total[j, a, at_level]
                                total[j, a, at_level] -= chance * mass
                                total[j, a, back] += chance * mass
                event += 1
            elif kind == 1:
                for j in range(n_leaves):
                    for at_level in range(n_levels):
                        factor = seen[finding, j, at_level]
                        both = factor * staged[finding, j, at_level]
                        for b in range(n_branches):
                            for d in range(2):
                                for c in range(n_classes + 1):
                                    past[i, j, b, d, c, at_level] *= both if b else factor
                finding += 1
            elif kind == 2:
                in_past = False
                for j in range(n_leaves):
                    c = only_class[j]
                    if c >= 0:
                        for b in range(n_branches):
                            for d in range(2):
                                for m in range(1, n_levels):
                                    past[i, j, b, d, c, m] = past[i, j, b, d, n_classes, m]
                    for a in range(n_levels):
                        for m in range(n_levels):
                            total[j, a, m] = 1.0 if a == m else 0.0
            else:
                for j in range(n_leaves):
                    for a in range(n_levels):
                        for m in range(n_levels):
                            alive[i, j, slot, a] += total[j, a, m]
                            if a >= 2 or m < 2:
                                unseen[i, j, slot, a] += total[j, a, m]
                slot += 1


@numba.njit(nogil=True, cache=True)
def propagate(  # type: ignore[no-untyped-def]
    tables, start, offset, time, process, level, factors, chances,
    leaves, death_routes, diagnosis_routes, diagnosis, core_diagnosis_routes,
    leaf_actions, class_of_route, n_classes, only_class, n_branches,
    diagnosed_months, observed, seen, staged, now_offset, grid,
):  # fmt: skip
    """Propagate all leaves along core paths: past with the findings, then the future.

    Parameters
    ----------
    tables, start, offset, time, process, level, factors
        As in `core_exposure`.
    chances
        (n, A) probability of each action of the whole model.
    leaves
        (J,) positions; all have the same number of levels, L.
    death_routes, diagnosis_routes
        (J, X) routes of death and of diagnosis that each leaf drives; -1 pads.
    diagnosis
        Position of the diagnosis process.
    core_diagnosis_routes
        Routes of diagnosis that no leaf drives.
    leaf_actions
        (Y, 6) int64: event process, event level, leaf index, from, to, action.
    class_of_route, n_classes
        Class of each route, for the question by which route a leaf was seeded.
    only_class
        (J,) the class of all routes that seed a leaf, -1 if there are several.
    n_branches
        1, or 2 if the second branch (M0) is needed.
    diagnosed_months
        (n,) time of diagnosis.
    observed
        (K,) times of findings since diagnosis, ascending, not after ``now_offset``.
    seen
        (K, J, L) probability of the finding at each level, 1 where there is none.
    staged
        (K, J, L) further factor in the second branch (M0), 1 where there is none.
    now_offset
        Today, since diagnosis.
    grid
        (T,) months from today, ascending.

    Returns
    -------
    past : array, shape (n, J, 2, 2, C + 1, L)
        Mass at each level today; axes: branch (all, M0; zero
        if there is only one), diagnosis (by the core, by
        this leaf, relative to the core's hazard), route class of the seeding (last:
        all together), level.
    alive : array, shape (n, J, T, L)
        P(not lost by the grid time | level today).
    unseen : array, shape (n, J, T, L)
        The same, and not newly detectable (level 2 or above) since today.
    entering : array, shape (n, J, T, L)
        P(becomes detectable within the grid interval | level today).
    seeding : array, shape (n, J, T, C)
        P(becomes seeded within the grid interval, by class | free today).
    """
    steps, routes, terms = tables.steps, tables.routes, tables.terms
    multipliers, processes = tables.multipliers, tables.processes
    n, n_leaves, n_times = diagnosed_months.size, leaves.size, grid.size
    n_levels = seen.shape[2]
    past = np.zeros((n, n_leaves, 2, 2, n_classes + 1, n_levels))
    alive = np.zeros((n, n_leaves, n_times, n_levels))
    unseen = np.zeros((n, n_leaves, n_times, n_levels))
    entering = np.zeros((n, n_leaves, n_times, n_levels))
    seeding = np.zeros((n, n_leaves, n_times, n_classes))
    levels = np.empty(start.size, np.int64)
    climb, loss = np.zeros(n_levels), np.zeros(n_levels)
    share = np.zeros(n_classes)
    matrix, power = np.empty((n_levels, n_levels)), np.empty((n_levels, n_levels))
    enter = np.empty((n_levels, n_levels))
    total, moved = np.empty((n_leaves, n_levels, n_levels)), np.empty((n_levels, n_levels))
    vector = np.empty(n_levels)
    _propagate(
        steps, routes, terms, multipliers, processes,
        start, offset, time, process, level, factors, chances,
        leaves, death_routes, diagnosis_routes, diagnosis, core_diagnosis_routes,
        leaf_actions, class_of_route, n_classes, only_class, n_branches,
        diagnosed_months, observed, seen, staged, now_offset, grid,
        past, alive, unseen, entering, seeding,
        levels, climb, loss, share, matrix, power, enter, total, moved, vector,
    )  # fmt: skip
    return past, alive, unseen, entering, seeding
