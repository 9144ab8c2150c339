"""Follow one leaf along one core path: to today, and from today over a grid of times."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mesospread.kernels.leaves import (
    CLIMB,
    FOUND,
    LOSS,
    N_LEVELS,
    SEEDING,
    move_rows,
    move_vector,
    set_moves,
    set_rates,
)
from mesospread.kernels.philox import inlined


class CorePaths(NamedTuple):
    """Core histories that reach diagnosis.

    Attributes
    ----------
    offset, time_months, process, level
        Their events, as in ``tables.Events``; processes numbered as in the whole disease.
    draw, replicate
        (M,) parameter draw and replicate of each.
    factors
        (M, G) patient factors of the whole disease.
    chances
        (M, A) of the interventions of the whole disease.
    diagnosed_months
        (M,).
    background
        (M, 1 + T) survival of other causes from diagnosis to today and the grid times.
    scale
        (M,) how many paths each stands for.
    """

    offset: NDArray[np.int64]
    time_months: NDArray[np.float64]
    process: NDArray[np.int16]
    level: NDArray[np.int16]
    draw: NDArray[np.int64]
    replicate: NDArray[np.int64]
    factors: NDArray[np.float64]
    chances: NDArray[np.float64]
    diagnosed_months: NDArray[np.float64]
    background: NDArray[np.float64]
    scale: NDArray[np.float64]


class Facts(NamedTuple):
    """What is known.

    Attributes
    ----------
    at_months
        (O,) times of the findings since diagnosis, ascending, none after today.
    factor
        (D, O, T, L, W) their probability by term, level and lane.
    concerns
        (J, O) 1 if a finding says anything about a leaf.
    lanes, lanes_from
        (W,) and (J + 1,): the lanes of leaf ``j`` are ``lanes[lanes_from[j]:lanes_from[j + 1]]``,
        lane ``j`` first.
    coefficient
        (M, T) of each term: sign, and all that depends on the core alone.
    now_months
        (1,) today, since diagnosis.
    """

    at_months: NDArray[np.float64]
    factor: NDArray[np.float64]
    concerns: NDArray[np.int64]
    lanes: NDArray[np.int64]
    lanes_from: NDArray[np.int64]
    coefficient: NDArray[np.float64]
    now_months: NDArray[np.float64]


class Ahead(NamedTuple):
    """What may become of the leaves, by grid time; scratch.

    Attributes
    ----------
    alive
        (T, 2, L, J) P(alive | level today), and P(alive and not found till then | level
        today, below ``FOUND``).
    found, found_late
        (T, F, J) P(found within the interval before | level today), and how much later than
        the middle of the interval that is, in shares of its length, times this.
    seeded, seeded_late
        (T, 1 + G, J) P(seeded within it | free today), in all and by tag; and (T, J) how
        much later than the middle.
    hidden
        (T, L, J) P(alive and microscopic | level today) at the end.
    rows, counts
        (L, L, 1) and (F + 2 + G, F) of one leaf, see `move_rows`.
    density, moment
        (F + 1,) of one leaf: of being found from each level and of being seeded, per month;
        and the sum of the times at which that happens in the interval, from its middle.
    """

    alive: NDArray[np.float64]
    found: NDArray[np.float64]
    found_late: NDArray[np.float64]
    seeded: NDArray[np.float64]
    seeded_late: NDArray[np.float64]
    hidden: NDArray[np.float64]
    rows: NDArray[np.float64]
    counts: NDArray[np.float64]
    density: NDArray[np.float64]
    moment: NDArray[np.float64]


@inlined
def _level_of(c):  # type: ignore[no-untyped-def]
    """Return the level of a component."""
    return c if c < N_LEVELS else 1 + (c - N_LEVELS) % (N_LEVELS - 1)


@inlined
def _set_back(x, n_vectors, w, low, back, chance):  # type: ignore[no-untyped-def]
    """Move a share of one lane from level ``low`` and above to level ``back``."""
    for c in range(x.shape[0]):
        at = _level_of(c)
        if at < low or at == back:
            continue
        for v in range(n_vectors):
            moved = chance * x[c, v, w]
            x[c, v, w] -= moved
            if c < N_LEVELS:
                x[back, v, w] += moved
            elif back > 0:
                # who is free again has no route by which it was seeded
                x[c + back - at, v, w] += moved


@inlined
def _set_back_counts(counts, low, back, chance):  # type: ignore[no-untyped-def]
    """Do the same for the mass not yet found."""
    for c in range(low, FOUND):
        for v in range(FOUND):
            if c != back:
                moved = chance * counts[c, v]
                counts[c, v] -= moved
                counts[back, v] += moved


@inlined
def _acts(t, j, process, level, y):  # type: ignore[no-untyped-def]
    """Return whether an action belongs to an event and a leaf."""
    actions = t.actions
    return actions[y, 0] == process and actions[y, 1] == level and actions[y, 2] == j


@inlined
def _diagnose(rates, x, w, n_terms, live, core_detection):  # type: ignore[no-untyped-def]
    """Begin the second masses: what the leaf's own part in the diagnosis adds.

    The vectors of all terms are in use from here on.
    """
    for c in range(x.shape[0]):
        factor = rates.felt[_level_of(c)] / core_detection
        for v in range(n_terms):
            x[c, v, w] = x[c, v if v < live else 0, w]
            x[c, n_terms + v, w] = x[c, v, w] * factor


@inlined
def _observe(facts, d, seen, x, w, n_terms, live):  # type: ignore[no-untyped-def]
    """Weigh the vectors of a lane by one finding; from now on terms go their own ways."""
    for c in range(x.shape[0]):
        at = _level_of(c)
        # backwards: the first vector is copied before it changes
        for v in range(n_terms - 1, -1, -1):
            factor = facts.factor[d, seen, v, at, w]
            x[c, v, w] = x[c, v if v < live else 0, w] * factor
            x[c, n_terms + v, w] *= factor


@inlined
def follow_past(t, paths, start, facts, i, j, base, levels, rates, x, core_detection):  # type: ignore[no-untyped-def]
    """Carry the lanes of leaf ``j`` from the start to today.

    Parameters
    ----------
    x
        (K, 2 T, W) vectors: the ``p`` of all terms, then the ``q``.
    levels
        (P,) scratch; left as of today.
    core_detection
        Hazard of diagnosis of the core at diagnosis, per month.

    Returns
    -------
    event, pending
        The next event of the core, and which rates are out of date, see `set_rates`.
    """
    d = paths.draw[i]
    n_terms = facts.factor.shape[2]
    first, last = facts.lanes_from[j], facts.lanes_from[j + 1]
    for k in range(first, last):
        for c in range(x.shape[0]):
            for v in range(2 * n_terms):
                x[c, v, facts.lanes[k]] = 1.0 if v == 0 and c == 0 else 0.0
    for q in range(start.size):
        levels[q] = start[q]
    n_vectors, live, event, seen, pending, now = (
        1,
        1,
        paths.offset[i],
        0,
        SEEDING | CLIMB | LOSS,
        0.0,
    )
    diagnosed = paths.diagnosed_months[i]
    today = diagnosed + facts.now_months[0]
    while True:
        while seen < facts.at_months.size and facts.concerns[j, seen] == 0:
            seen += 1
        until = today
        if seen < facts.at_months.size:
            until = min(max(diagnosed + facts.at_months[seen], 0.0), today)
        happens = event < paths.offset[i + 1] and paths.time_months[event] <= until
        process, level = 0, 0
        if happens:
            until = paths.time_months[event]
            process, level = paths.process[event], paths.level[event]
            event += 1
            if t.hears[j, process] == 0:
                levels[process] = level
                continue
        if until > now:
            if pending:
                set_rates(t, rates, base, d, levels, j, pending)
                pending = 0
            set_moves(rates, until - now)
            for k in range(first, last):
                for v in range(n_vectors):
                    move_vector(x, v, facts.lanes[k], rates)
            now = until
        if happens:
            if process == t.diagnosis[0] and level == 1:
                if pending:
                    set_rates(t, rates, base, d, levels, j, pending)
                    pending = 0
                for k in range(first, last):
                    _diagnose(rates, x, facts.lanes[k], n_terms, live, core_detection)
                n_vectors, live = 2 * n_terms, n_terms
            levels[process] = level
            pending |= t.hears[j, process]
            for y in range(t.actions.shape[0]):
                if _acts(t, j, process, level, y):
                    chance = paths.chances[i, t.actions[y, 5]]
                    for k in range(first, last):
                        _set_back(
                            x, 2 * n_terms, facts.lanes[k], t.actions[y, 3], t.actions[y, 4], chance
                        )  # fmt: skip
        elif seen < facts.at_months.size:
            for k in range(first, last):
                _observe(facts, d, seen, x, facts.lanes[k], n_terms, live)
            n_vectors, live = max(n_vectors, n_terms), n_terms
            seen += 1
        else:
            break
    if live < n_terms:
        # nothing was ever said about this leaf: all its terms are alike
        for k in range(first, last):
            for c in range(x.shape[0]):
                for v in range(1, n_terms):
                    x[c, v, facts.lanes[k]] = x[c, 0, facts.lanes[k]]
    return event, pending


@inlined
def _move_ahead(ahead, rates, from_months, to_months, middle_months):  # type: ignore[no-untyped-def]
    """Move the rows of a leaf on, and note when in the interval it is found and seeded.

    Within a stretch of constant rates, densities run nearly straight.
    """
    counts, density, moment = ahead.counts, ahead.density, ahead.moment
    length = to_months - from_months
    off_middle = (from_months + to_months) / 2.0 - middle_months
    for at in range(FOUND):
        density[at] = rates.climb[FOUND - 1] * counts[FOUND - 1, at]
        moment[at] -= off_middle * counts[FOUND, at]
    density[FOUND] = rates.climb[0] * counts[0, 0]
    moment[FOUND] -= off_middle * counts[FOUND + 1, 0]
    move_rows(ahead.rows, counts, rates)
    twelfth = length * length / 12.0
    for at in range(FOUND):
        change = rates.climb[FOUND - 1] * counts[FOUND - 1, at] - density[at]
        moment[at] += off_middle * counts[FOUND, at] + twelfth * change
    change = rates.climb[0] * counts[0, 0] - density[FOUND]
    moment[FOUND] += off_middle * counts[FOUND + 1, 0] + twelfth * change


@inlined
def follow_future(t, paths, facts, grid, i, j, event, pending, base, levels, rates, ahead):  # type: ignore[no-untyped-def]
    """Carry rows of transition probabilities of leaf ``j`` over the grid.

    ``event``, ``pending``, ``levels`` and ``rates`` as `follow_past` left them.
    """
    d, rows, counts = paths.draw[i], ahead.rows, ahead.counts
    n_tags = rates.share.size
    for at in range(N_LEVELS):
        for m in range(N_LEVELS):
            rows[m, at, 0] = 1.0 if at == m else 0.0
    for at in range(FOUND):
        for m in range(FOUND):
            counts[m, at] = 1.0 if at == m else 0.0
    today = paths.diagnosed_months[i] + facts.now_months[0]
    now, slot, start = today, 0, 0.0
    for at in range(FOUND):
        for c in range(FOUND, counts.shape[0]):
            counts[c, at] = 0.0
    for k in range(FOUND + 1):
        ahead.moment[k] = 0.0
    while slot < grid.size:
        until = today + grid[slot]
        happens = event < paths.offset[i + 1] and paths.time_months[event] <= until
        process, level = 0, 0
        if happens:
            until = paths.time_months[event]
            process, level = paths.process[event], paths.level[event]
            event += 1
            if t.hears[j, process] == 0:
                levels[process] = level
                continue
        if until > now:
            if pending:
                set_rates(t, rates, base, d, levels, j, pending)
                pending = 0
            set_moves(rates, until - now)
            _move_ahead(ahead, rates, now - today, until - today, (start + grid[slot]) / 2.0)
            now = until
        if happens:
            levels[process] = level
            pending |= t.hears[j, process]
            for y in range(t.actions.shape[0]):
                if _acts(t, j, process, level, y):
                    chance = paths.chances[i, t.actions[y, 5]]
                    _set_back(rows, N_LEVELS, 0, t.actions[y, 3], t.actions[y, 4], chance)
                    _set_back_counts(counts, t.actions[y, 3], t.actions[y, 4], chance)
            continue
        for at in range(N_LEVELS):
            ahead.alive[slot, 0, at, j] = (
                rows[0, at, 0] + rows[1, at, 0] + rows[2, at, 0] + rows[3, at, 0]
            )
            ahead.hidden[slot, at, j] = rows[1, at, 0]
            ahead.alive[slot, 1, at, j] = counts[0, at] + counts[1, at] if at < FOUND else 0.0
        length = grid[slot] - start
        start = grid[slot]
        for at in range(FOUND):
            ahead.found[slot, at, j] = counts[FOUND, at]
            ahead.found_late[slot, at, j] = ahead.moment[at] / length
            counts[FOUND, at] = 0.0
            ahead.moment[at] = 0.0
        ahead.seeded_late[slot, j] = ahead.moment[FOUND] / length
        ahead.moment[FOUND] = 0.0
        for g in range(1 + n_tags):
            ahead.seeded[slot, g, j] = counts[FOUND + 1 + g, 0]
            counts[FOUND + 1 + g, 0] = 0.0
        slot += 1
