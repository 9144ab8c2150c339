"""Add up over leaves what becomes of one core path, interval by interval of a grid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mesospread.kernels.leaves import FOUND, N_LEVELS, hazard
from mesospread.kernels.outlook import others
from mesospread.kernels.philox import fused, inlined


class CoreNotes(NamedTuple):
    """What happens to the core of one path.

    Attributes
    ----------
    when
        (2, S) months of the last seeding of each of its sites until the horizon, and of the
        first time from today on that it is found.
    lives_then
        (2, S) survival of the core to just then.
    via
        (S, C) share of each class of routes in the seeding.
    hidden
        (S, H) 1 if the site is microscopic at a horizon.
    lives
        (1 + T,) survival of the core to today and each grid time.
    kink
        (T,) its mean over each interval, over what it would be if it fell geometrically.
    """

    when: NDArray[np.float64]
    lives_then: NDArray[np.float64]
    via: NDArray[np.float64]
    hidden: NDArray[np.float64]
    lives: NDArray[np.float64]
    kink: NDArray[np.float64]


@inlined
def note_core(t, asked, base, d, levels, process, level, time, today, lives, core):  # type: ignore[no-untyped-def]
    """Note when and by which class of routes a site of the core is seeded, and when found."""
    for k in range(asked.core_sites.size):
        if asked.core_sites[k] != process:
            continue
        if level == FOUND and today < time < core.when[1, k]:
            core.when[1, k] = time
            core.lives_then[1, k] = lives
        if level == 1 and levels[process] == 0:
            step = t.steps[t.processes[process].first_step]
            total = 0.0
            for c in range(core.via.shape[1]):
                core.via[k, c] = 0.0
            for r in range(step.routes, step.routes_end):
                h = hazard(t.routes, t.terms, base, t.multipliers, d, levels, r)
                core.via[k, t.class_of_route[r]] += h
                total += h
            if total > 0.0:
                for c in range(core.via.shape[1]):
                    core.via[k, c] /= total
            core.when[0, k] = time
            core.lives_then[0, k] = lives


class Sums(NamedTuple):
    """Scratch for adding up.

    Attributes
    ----------
    p, q, one, two
        (J,).
    rest
        (3, F, J) mass of everybody at some time, but for what the leaf itself has become of
        since today, by the level it had today and by kind: alive; and nothing newly found;
        and nothing distant found at all. Summed over terms; at the start of an interval.
    ends
        (L, J) the same of one kind at its end.
    curves
        (3, 1 + T) masses of the path today and at the grid times, by kind.
    weight
        (T,) of the terms.
    through
        (L, J).
    today
        (1, 2, L, J) ones, in place of ``Ahead.alive``: who is alive today is there.
    found_so_far, any_so_far
        (J,) and (1,) mass found in the intervals so far: each leaf, and any distant site.
    distant
        (J,) 1 where a leaf counts as distant.
    """

    p: NDArray[np.float64]
    q: NDArray[np.float64]
    one: NDArray[np.float64]
    two: NDArray[np.float64]
    rest: NDArray[np.float64]
    ends: NDArray[np.float64]
    curves: NDArray[np.float64]
    weight: NDArray[np.float64]
    through: NDArray[np.float64]
    today: NDArray[np.float64]
    found_so_far: NDArray[np.float64]
    any_so_far: NDArray[np.float64]
    distant: NDArray[np.float64]


@inlined
def _set_through(through, alive, slot, kind, distant):  # type: ignore[no-untyped-def]
    """Fill P(a leaf leaves the person alive at a later time | level today), (L, J).

    ``kind`` 0: alive; 1: and not newly found; 2: and, if distant, not found at all.
    """
    for at in range(N_LEVELS):
        for j in range(through.shape[1]):
            if kind == 0 or (kind == 2 and not distant[j]):
                through[at, j] = alive[slot, 0, at, j]
            elif at < FOUND:
                through[at, j] = alive[slot, 1, at, j]
            else:
                through[at, j] = alive[slot, 0, at, j] if kind == 1 else 0.0


@fused
def _gather(x, t, through, p, q):  # type: ignore[no-untyped-def]
    """Fill the masses (J,) of the leaves at a later time, from those of today."""
    n_terms = x.shape[1] // 2
    for j in range(p.size):
        p[j] = 0.0
        q[j] = 0.0
    for at in range(N_LEVELS):
        for j in range(p.size):
            p[j] += x[at, t, j] * through[at, j]
        for j in range(p.size):
            q[j] += x[at, n_terms + t, j] * through[at, j]


@fused
def _set_rest(x, weight, n_levels, sums):  # type: ignore[no-untyped-def]
    """Fill ``ends`` up to some level, over all terms; return the mass of everybody."""
    n_terms = weight.size
    one, two, ends, total = sums.one, sums.two, sums.ends, 0.0
    for at in range(n_levels):
        for j in range(one.size):
            ends[at, j] = 0.0
    for t in range(n_terms):
        _gather(x, t, sums.through, sums.p, sums.q)
        total += weight[t] * others(sums.p, sums.q, one, two)
        for j in range(one.size):
            one[j] *= weight[t]
            two[j] *= weight[t]
        for at in range(n_levels):
            for j in range(one.size):
                ends[at, j] += one[j] * x[at, t, j] + two[j] * x[at, n_terms + t, j]
    return total


@inlined
def _share_before(start, end, limit):  # type: ignore[no-untyped-def]
    """Return the share of an interval that lies before a limit."""
    return min(max((limit - start) / (end - start), 0.0), 1.0)


@inlined
def _interpolate(grid, curves, kind, months, core, lives_then):  # type: ignore[no-untyped-def]
    """Read a curve, given today and at the grid times, at a time within the grid.

    The survival of the core then is known; the rest falls nearly geometrically.
    """
    before = 0.0
    for s in range(grid.size):
        if months <= grid[s]:
            low, high = curves[kind, s], curves[kind, s + 1]
            if low <= 0.0 or high <= 0.0 or core.lives[s + 1] <= 0.0:
                return max(low, 0.0)
            part = (months - before) / (grid[s] - before)
            leaves = low / core.lives[s]
            return lives_then * leaves * (high / core.lives[s + 1] / leaves) ** part
        before = grid[s]
    return curves[kind, grid.size]


@inlined
def add_today(x, weight, asked, sums):  # type: ignore[no-untyped-def]
    """Put curves and the factors of the other leaves to where they are today."""
    p = sums.p
    for j in range(p.size):
        sums.found_so_far[j] = 0.0
    for kind in range(3):
        for s in range(sums.curves.shape[1]):
            sums.curves[kind, s] = 0.0
        _set_through(sums.through, sums.today, 0, kind, sums.distant)
        sums.curves[kind, 0] = _set_rest(x, weight, FOUND, sums)
        for at in range(FOUND):
            for j in range(p.size):
                sums.rest[kind, at, j] = sums.ends[at, j]
    sums.any_so_far[0] = 0.0


@inlined
def mean_of_fall(a, b):  # type: ignore[no-untyped-def]
    """Return the mean of what falls geometrically from a to b (of one sign), nearly."""
    between = np.sqrt(max(a * b, 0.0))
    return (a + b) / 6.0 + (between if a >= 0.0 else -between) * (2.0 / 3.0)


@inlined
def _step(rest, end, kink):  # type: ignore[no-untyped-def]
    """Return the mean of the rest over an interval, and by how much it is more at its end.

    In between it falls nearly geometrically, and the density of what happens to the leaf
    nearly in a straight line: the integral of their product is right to the fourth power
    of the length. ``kink`` corrects for what the core does in between.
    """
    return kink * mean_of_fall(rest, end), end - rest


@fused
def _found_in_slot(kind, slot, kink, ahead, sums, found):  # type: ignore[no-untyped-def]
    """Fill the mass (J,) of each leaf being found in an interval, of one kind.

    What is found late in the interval is so when the others are further on.
    """
    for j in range(found.size):
        found[j] = 0.0
    for at in range(FOUND):
        for j in range(found.size):
            mean, more = _step(sums.rest[kind, at, j], sums.ends[at, j], kink)
            found[j] += ahead.found[slot, at, j] * mean + ahead.found_late[slot, at, j] * more


@inlined
def _add_seeded(slot, kink, ahead, n_leaves, b, out, sums):  # type: ignore[no-untyped-def]
    """Add up the mass of each leaf being seeded in an interval, in all and by tag."""
    n_tags = ahead.seeded.shape[1] - 1
    for j in range(n_leaves):
        if ahead.seeded[slot, 0, j] > 0.0:
            mean, more = _step(sums.rest[0, 0, j], sums.ends[0, j], kink)
            free = mean + ahead.seeded_late[slot, j] / ahead.seeded[slot, 0, j] * more
            for g in range(1 + n_tags):
                out[b.seeded + j * (1 + n_tags) + g] += free * ahead.seeded[slot, g, j]


@inlined
def _add_hidden(slot, h, ahead, asked, b, out, sums):  # type: ignore[no-untyped-def]
    """Add up the mass of each leaf being microscopic at a horizon."""
    for j in range(asked.distant_leaf.size):
        for at in range(N_LEVELS):
            out[b.hidden + j * asked.horizons.size + h] += (
                ahead.hidden[slot, at, j] * sums.ends[at, j]
            )


@inlined
def add_slot(x, weight, ahead, slot, kink, until_core, until_distant, asked, b, out, sums):  # type: ignore[no-untyped-def]
    """Add up what happens in one interval of the grid, over terms and leaves.

    Parameters
    ----------
    weight
        (T,) of the terms at its end.
    kink
        See `CoreNotes`.
    until_core, until_distant
        Share of the interval before a site of the core (a distant one) is found.
    out
        (size,) masses of this path, added to.
    sums : Sums
    """
    n_leaves, n_horizons, found = asked.distant_leaf.size, asked.horizons.size, sums.one
    in_time = slot <= asked.horizons[n_horizons - 1]
    for kind in range(3 if in_time else 1):
        _set_through(sums.through, ahead.alive, slot, kind, sums.distant)
        sums.curves[kind, slot + 1] = _set_rest(x, weight, N_LEVELS if kind == 0 else FOUND, sums)
        if not in_time:
            continue
        # `one` is free for use again
        _found_in_slot(kind, slot, kink, ahead, sums, found)
        if kind == 0:
            _add_seeded(slot, kink, ahead, n_leaves, b, out, sums)
            for h in range(n_horizons):
                if slot == asked.horizons[h]:
                    _add_hidden(slot, h, ahead, asked, b, out, sums)
        for j in range(n_leaves):
            if kind == 0:
                sums.found_so_far[j] += found[j]
            elif kind == 1:
                out[b.next + j] += found[j] * until_core
            elif asked.distant_leaf[j]:
                sums.any_so_far[0] += found[j] * until_distant
        for at in range(FOUND):
            for j in range(found.size):
                sums.rest[kind, at, j] = sums.ends[at, j]
    out[b.alive + slot] += sums.curves[0, slot + 1]
    for h in range(n_horizons):
        if slot == asked.horizons[h]:
            out[b.any_by + h] += sums.any_so_far[0]
            for j in range(n_leaves):
                out[b.by + j * n_horizons + h] += sums.found_so_far[j]


@inlined
def add_future(x, coefficient, i, lives, ahead, today, levels, core, asked, b, out, sums):  # type: ignore[no-untyped-def]
    """Add up all intervals.

    Parameters
    ----------
    coefficient
        (M, T) of the terms of each path.
    lives
        (1 + T,) survival of the core to today and each grid time.
    levels
        (P,) of the core today.
    """
    weight = sums.weight
    for t in range(weight.size):
        weight[t] = coefficient[i, t] * lives[0]
    add_today(x, weight, asked, sums)
    first_core, first_distant = _first_found(asked, levels, core.when)
    start = 0.0
    for slot in range(asked.grid_months.size):
        end = asked.grid_months[slot]
        for t in range(weight.size):
            weight[t] = coefficient[i, t] * lives[1 + slot]
        until_core = _share_before(start, end, first_core - today)
        until_distant = _share_before(start, end, first_distant - today)
        add_slot(
            x, weight, ahead, slot, core.kink[slot], until_core, until_distant, asked, b, out, sums
        )  # fmt: skip
        start = end


@inlined
def _first_found(asked, levels, core_when):  # type: ignore[no-untyped-def]
    """Return when the first site of the core is newly found, and the first distant one.

    A distant one that is found already leaves nothing to be found first.
    """
    first_core, first_distant = np.inf, np.inf
    for k in range(asked.core_sites.size):
        if levels[asked.core_sites[k]] < FOUND:
            first_core = min(first_core, core_when[1, k])
            if asked.distant_core[k]:
                first_distant = min(first_distant, core_when[1, k])
        elif asked.distant_core[k]:
            first_distant = -np.inf
    return first_core, first_distant


@inlined
def add_core_future(today, asked, b, levels, core, curves, out):  # type: ignore[no-untyped-def]
    """Add up what becomes of the sites of the core, whose times are known on this path.

    ``levels`` are those of today; ``curves`` as `add_slot` left them.
    """
    grid = asked.grid_months
    n_horizons, n_classes = asked.horizons.size, core.via.shape[1]
    last = grid[asked.horizons[n_horizons - 1]]
    first_core, first_distant = _first_found(asked, levels, core.when)
    for k in range(asked.core_sites.size):
        level = levels[asked.core_sites[k]]
        found = core.when[1, k] - today
        for h in range(n_horizons):
            alive = curves[0, asked.horizons[h] + 1]
            out[b.core_hidden + k * n_horizons + h] += core.hidden[k, h] * alive
            if level >= FOUND:
                out[b.core_by + k * n_horizons + h] += out[0]
            elif found <= grid[asked.horizons[h]]:
                out[b.core_by + k * n_horizons + h] += _interpolate(
                    grid, curves, 0, found, core, core.lives_then[1, k]
                )
        if level < FOUND and core.when[1, k] == first_core and found <= last:
            out[b.core_next + k] += _interpolate(
                grid, curves, 1, found, core, core.lives_then[1, k]
            )
        seeded = 0.0
        if level > 0:
            seeded = out[0]
        elif today < core.when[0, k] <= today + last:
            seeded = _interpolate(
                grid, curves, 0, core.when[0, k] - today, core, core.lives_then[0, k]
            )
        out[b.core_seeded + k * (1 + n_classes)] += seeded
        for c in range(n_classes):
            out[b.core_seeded + k * (1 + n_classes) + 1 + c] += seeded * core.via[k, c]
    for h in range(n_horizons):
        # what is found already, and what a site of the core adds; leaves have been added
        out[b.any_by + h] += out[0] - out[b.looks + 1]
        if 0.0 < first_distant - today <= grid[asked.horizons[h]]:
            for k in range(asked.core_sites.size):
                if asked.distant_core[k] and core.when[1, k] == first_distant:
                    out[b.any_by + h] += _interpolate(
                        grid, curves, 2, first_distant - today, core, core.lives_then[1, k]
                    )
