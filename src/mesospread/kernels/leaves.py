"""Leaves given the path of the core: chains solved in closed form.

A *leaf* is a site whose level drives nothing but the hazards of diagnosis and of death.
Given the path of everything else (the *core*), it climbs its levels at rates ``climb`` and
is lost (its person dies of it, or is diagnosed because of it) at rates ``loss``. Between
two breakpoints all rates are constant, so its level moves by the exponential of an upper
bidiagonal matrix: a Taylor series of a short time, squared as often as needed.

A vector of one leaf has the *components* ``0 .. 3``, the mass in each level, and for each
*tag* three more: the part of the mass in levels ``1 .. 3`` that was seeded by a certain
class of routes. Each leaf has a *lane* of vectors, and a further one for each finding
there, in which that finding is left out.

References
----------
Moler, Van Loan (2003), SIAM Rev 45:3 (method 3, scaling and squaring).
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from mesospread.kernels.philox import fused, inlined

#: levels of a leaf: free, microscopic, detectable, symptomatic
N_LEVELS = 4
#: level from which on a deposit counts as found
FOUND = 2
#: columns of a transition beside the levels: P(found within the time), P(seeded within it)
FOUND_COUNT, SEEDED_COUNT = N_LEVELS, N_LEVELS + 1

#: kinds of rates: of being seeded; of climbing further; of being lost
SEEDING, CLIMB, LOSS = 1, 2, 4

#: rate times time up to which the series is used, and its terms: relative error below 6e-9
_SHORT = 0.5
_TERMS = 8


class LeafTables(NamedTuple):
    """A disease with its leaves told apart; routes as in ``tables.Tables``.

    Attributes
    ----------
    processes, steps, routes, terms
        Of the whole disease; the rates in ``routes`` are not used.
    rates, multipliers
        (D, R) and (D, M): of each parameter draw.
    leaves
        (J,) positions of the leaves.
    n_tags, n_classes
        (1,) each: G, C.
    tag_of_class
        (J, C) tag of each class of routes, -1: the class that is not tagged.
    class_of_route
        (R,) class of each route.
    death_routes, detection_routes
        (J, X) routes of death and of diagnosis that a leaf drives, padded with -1.
    core_death, core_detection
        Routes of death and of diagnosis that no leaf drives.
    actions
        (Y, 6): process and level entered, leaf, from level, to level, column of chances.
    deadly
        (Z, 3): process and level entered, column of chances.
    hears
        (J, P): what changes for a leaf when a process of the core moves: a sum of
        `SEEDING`, `CLIMB` and `LOSS`.
    diagnosis
        (1,) position of the diagnosis.
    """

    processes: NDArray[np.void]
    steps: NDArray[np.void]
    routes: NDArray[np.void]
    terms: NDArray[np.void]
    rates: NDArray[np.float64]
    multipliers: NDArray[np.float64]
    leaves: NDArray[np.int64]
    n_tags: NDArray[np.int64]
    n_classes: NDArray[np.int64]
    tag_of_class: NDArray[np.int64]
    class_of_route: NDArray[np.int64]
    death_routes: NDArray[np.int64]
    detection_routes: NDArray[np.int64]
    core_death: NDArray[np.int64]
    core_detection: NDArray[np.int64]
    actions: NDArray[np.int64]
    deadly: NDArray[np.int64]
    hears: NDArray[np.int64]
    diagnosis: NDArray[np.int64]


class LeafRates(NamedTuple):
    """Rates of one leaf at one moment, per month; scratch.

    Attributes
    ----------
    climb, loss
        (L,) of each level; nothing climbs from the last.
    felt
        (L,) hazard of diagnosis from each level.
    share
        (G,) share of each tag in its seeding.
    moves
        (L, L + 2) transition over some time: P(at m, not lost | at a before); the last two
        columns count who is found and who is seeded.
    """

    climb: NDArray[np.float64]
    loss: NDArray[np.float64]
    felt: NDArray[np.float64]
    share: NDArray[np.float64]
    moves: NDArray[np.float64]


@numba.njit(nogil=True, cache=True)
def no_rates(n_tags):  # type: ignore[no-untyped-def]
    """Return the rates of no leaf yet."""
    return LeafRates(
        np.zeros(N_LEVELS), np.zeros(N_LEVELS), np.zeros(N_LEVELS), np.zeros(n_tags),
        np.zeros((N_LEVELS, N_LEVELS + 2)),
    )  # fmt: skip


@inlined
def hazard(routes, terms, base, multipliers, d, levels, r):  # type: ignore[no-untyped-def]
    """Return the hazard of one route per month, ``base`` holding rate times patient factor."""
    route = routes[r]
    value = base[r] * multipliers[d, route.table + levels[route.parent]]
    for k in range(route.terms, route.terms_end):
        value *= multipliers[d, terms[k].table + levels[terms[k].parent]]
    return value


@inlined
def core_hazard(t, which, base, d, levels):  # type: ignore[no-untyped-def]
    """Return the summed hazard of some routes that no leaf drives."""
    total = 0.0
    for k in range(which.size):
        total += hazard(t.routes, t.terms, base, t.multipliers, d, levels, which[k])
    return total


@inlined
def _set_seeding(t, rates, base, d, levels, j):  # type: ignore[no-untyped-def]
    """Fill the rate at which a leaf is seeded, and the share of each tag in it."""
    step = t.steps[t.processes[t.leaves[j]].first_step]
    for g in range(rates.share.size):
        rates.share[g] = 0.0
    total = 0.0
    for r in range(step.routes, step.routes_end):
        h = hazard(t.routes, t.terms, base, t.multipliers, d, levels, r)
        total += h
        g = t.tag_of_class[j, t.class_of_route[r]]
        if g >= 0:
            rates.share[g] += h
    rates.climb[0] = total
    if total > 0.0:
        for g in range(rates.share.size):
            rates.share[g] /= total


@inlined
def _sum_of(t, which, j, base, d, levels):  # type: ignore[no-untyped-def]
    """Return the summed hazard of the routes that leaf ``j`` drives, (J, X) padded with -1."""
    total = 0.0
    for k in range(which.shape[1]):
        r = which[j, k]
        if r >= 0:
            total += hazard(t.routes, t.terms, base, t.multipliers, d, levels, r)
    return total


@inlined
def set_rates(t, rates, base, d, levels, j, what):  # type: ignore[no-untyped-def]
    """Fill the rates of a leaf for the present levels of the core.

    ``levels`` holds zero at the leaves, before and after. ``what`` is a sum of `SEEDING`,
    `CLIMB` and `LOSS`: which rates are out of date.
    """
    leaf = t.leaves[j]
    if what & SEEDING:
        _set_seeding(t, rates, base, d, levels, j)
    if what & CLIMB:
        for at in range(1, N_LEVELS - 1):
            levels[leaf] = at
            step = t.steps[t.processes[leaf].first_step + at]
            total = 0.0
            for r in range(step.routes, step.routes_end):
                total += hazard(t.routes, t.terms, base, t.multipliers, d, levels, r)
            rates.climb[at] = total
    if what & LOSS:
        undiagnosed = levels[t.diagnosis[0]] == 0
        for at in range(N_LEVELS):
            levels[leaf] = at
            felt = 0.0
            if undiagnosed:
                felt = _sum_of(t, t.detection_routes, j, base, d, levels)
            rates.loss[at] = felt + _sum_of(t, t.death_routes, j, base, d, levels)
            rates.felt[at] = felt
    levels[leaf] = 0


@fused
def set_moves(rates, months):  # type: ignore[no-untyped-def]
    """Fill the transition of a leaf over some months.

    All numbers stay in registers: ``eam`` is entry (a, m), ``f0, f1`` and ``s0`` count who
    is found from level 0 or 1, and seeded.
    """
    climb, loss = rates.climb, rates.loss
    top = max(max(climb[0] + loss[0], climb[1] + loss[1]), max(climb[2] + loss[2], loss[3]))
    halvings, short = 0, months
    while top * short > _SHORT:
        short *= 0.5
        halvings += 1
    c0, c1, c2 = climb[0] * short, climb[1] * short, climb[2] * short
    a0, a1, a2 = c0 + loss[0] * short, c1 + loss[1] * short, c2 + loss[2] * short
    a3 = loss[3] * short
    e00, e01, e02, e03, e11, e12, e13 = 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0
    e22, e23, e33, f0, f1, s0 = 1.0, 0.0, 1.0, 0.0, 0.0, 0.0
    for k in range(_TERMS, 0, -1):
        # Horner: E = I + A E / k, row by row; a row needs the next one as it was
        q = 1.0 / k
        f0, s0 = q * (c0 * f1 - a0 * f0), q * (c0 - a0 * s0)
        e03, e02 = q * (c0 * e13 - a0 * e03), q * (c0 * e12 - a0 * e02)
        e01, e00 = q * (c0 * e11 - a0 * e01), 1.0 - q * a0 * e00
        f1 = q * (c1 - a1 * f1)
        e13, e12 = q * (c1 * e23 - a1 * e13), q * (c1 * e22 - a1 * e12)
        e11, e23 = 1.0 - q * a1 * e11, q * (c2 * e33 - a2 * e23)
        e22, e33 = 1.0 - q * a2 * e22, 1.0 - q * a3 * e33
    for _ in range(halvings):
        f0, f1, s0 = f0 + e00 * f0 + e01 * f1, f1 + e11 * f1, s0 + e00 * s0
        e03 = e00 * e03 + e01 * e13 + e02 * e23 + e03 * e33
        e02, e13 = e00 * e02 + e01 * e12 + e02 * e22, e11 * e13 + e12 * e23 + e13 * e33
        e01, e12, e23 = e00 * e01 + e01 * e11, e11 * e12 + e12 * e22, e22 * e23 + e23 * e33
        e00, e11, e22, e33 = e00 * e00, e11 * e11, e22 * e22, e33 * e33
    moves = rates.moves
    moves[0, 0], moves[0, 1], moves[0, 2], moves[0, 3] = e00, e01, e02, e03
    moves[1, 1], moves[1, 2], moves[1, 3] = e11, e12, e13
    moves[2, 2], moves[2, 3], moves[3, 3] = e22, e23, e33
    moves[0, FOUND_COUNT], moves[1, FOUND_COUNT], moves[0, SEEDED_COUNT] = f0, f1, s0


@fused
def _move_levels(x, v, w, moves):  # type: ignore[no-untyped-def]
    """Move the levels of one vector on."""
    x0, x1, x2, x3 = x[0, v, w], x[1, v, w], x[2, v, w], x[3, v, w]
    x[0, v, w] = x0 * moves[0, 0]
    x[1, v, w] = x0 * moves[0, 1] + x1 * moves[1, 1]
    x[2, v, w] = x0 * moves[0, 2] + x1 * moves[1, 2] + x2 * moves[2, 2]
    x[3, v, w] = x0 * moves[0, 3] + x1 * moves[1, 3] + x2 * moves[2, 3] + x3 * moves[3, 3]


@fused
def move_vector(x, v, w, rates):  # type: ignore[no-untyped-def]
    """Move vector ``v`` of lane ``w`` on, with its tags; ``x`` is (K, V, W)."""
    moves = rates.moves
    free = x[0, v, w]
    _move_levels(x, v, w, moves)
    for g in range(rates.share.size):
        c = N_LEVELS + g * (N_LEVELS - 1)
        y1, y2, y3 = x[c, v, w], x[c + 1, v, w], x[c + 2, v, w]
        new = free * rates.share[g]
        x[c, v, w] = new * moves[0, 1] + y1 * moves[1, 1]
        x[c + 1, v, w] = new * moves[0, 2] + y1 * moves[1, 2] + y2 * moves[2, 2]
        x[c + 2, v, w] = new * moves[0, 3] + y1 * moves[1, 3] + y2 * moves[2, 3] + y3 * moves[3, 3]


@fused
def move_rows(rows, counts, rates):  # type: ignore[no-untyped-def]
    """Move the rows of a leaf on, and count who is found and seeded.

    Parameters
    ----------
    rows
        (L, L, 1) by level and level today.
    counts
        (F + 2 + G, F): mass not yet found by level and level today; then who is found; who
        is seeded, in all and by tag.
    """
    moves = rates.moves
    for v in range(N_LEVELS):
        _move_levels(rows, v, 0, moves)
    for v in range(FOUND):
        u0, u1 = counts[0, v], counts[1, v]
        counts[0, v] = u0 * moves[0, 0]
        counts[1, v] = u0 * moves[0, 1] + u1 * moves[1, 1]
        counts[FOUND, v] += u0 * moves[0, FOUND_COUNT] + u1 * moves[1, FOUND_COUNT]
        seeded = u0 * moves[0, SEEDED_COUNT]
        counts[FOUND + 1, v] += seeded
        for g in range(rates.share.size):
            counts[FOUND + 2 + g, v] += seeded * rates.share[g]
