"""Follow chosen core paths, solve their leaves, and add up the answers.

For each path, the core is walked through once (`_walk_core`); each leaf is followed to today
and on over a grid of times (`chains`); then today and the future are added up over leaves
(`outlook`, `future`).
"""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np

from mesospread.kernels.chains import Ahead, follow_future, follow_past
from mesospread.kernels.future import (
    CoreNotes,
    Sums,
    add_core_future,
    add_future,
    mean_of_fall,
    note_core,
)
from mesospread.kernels.leaves import FOUND, N_LEVELS, core_hazard, no_rates
from mesospread.kernels.outlook import NOTHING, answer_causes, answer_now, padded
from mesospread.kernels.philox import inlined


@inlined
def _share_surviving(t, process, level, i, chances):  # type: ignore[no-untyped-def]
    """Return the share that survives an intervention."""
    survived = 1.0
    for z in range(t.deadly.shape[0]):
        if t.deadly[z, 0] == process and t.deadly[z, 1] == level:
            survived *= 1.0 - chances[i, t.deadly[z, 2]]
    return survived


@inlined
def _lived(hazard_per_month, months):  # type: ignore[no-untyped-def]
    """Return the mean time lived within some months under a constant hazard."""
    if hazard_per_month * months < 1e-8:
        return months
    return -np.expm1(-hazard_per_month * months) / hazard_per_month


@inlined
def _walk_core(  # type: ignore[no-untyped-def]
    t, paths, start, facts, asked, i, base, levels, later, core
):
    """Walk through the events of the core once.

    Fills ``levels`` (P,) with those of today, and ``core`` (`CoreNotes`). Returns the hazard
    of diagnosis of the core when it came.
    """
    d = paths.draw[i]
    for r in range(t.rates.shape[1]):
        base[r] = t.rates[d, r] * paths.factors[i, t.routes[r].group]
    for q in range(start.size):
        later[q] = start[q]
    for k in range(asked.core_sites.size):
        core.when[0, k] = np.inf
        core.when[1, k] = np.inf
    grid = asked.grid_months
    horizon = grid[asked.horizons[asked.horizons.size - 1]]
    today = paths.diagnosed_months[i] + facts.now_months[0]
    detection, integral, survived, now, event = 0.0, 0.0, 1.0, 0.0, paths.offset[i]
    lethal = core_hazard(t, t.core_death, base, d, later)
    for slot in range(1 + grid.size):
        until = today if slot == 0 else today + grid[slot - 1]
        area, begin = 0.0, now
        while event < paths.offset[i + 1] and paths.time_months[event] <= until:
            process, level = paths.process[event], paths.level[event]
            area += np.exp(-integral) * survived * _lived(lethal, paths.time_months[event] - now)
            integral += lethal * (paths.time_months[event] - now)
            now = paths.time_months[event]
            if process == t.diagnosis[0] and level == 1:
                detection = core_hazard(t, t.core_detection, base, d, later)
            if now <= today + horizon:
                lives = np.exp(-integral) * survived
                note_core(t, asked, base, d, later, process, level, now, today, lives, core)
            later[process] = level
            survived *= _share_surviving(t, process, level, i, paths.chances)
            lethal = core_hazard(t, t.core_death, base, d, later)
            event += 1
        area += np.exp(-integral) * survived * _lived(lethal, until - now)
        integral += lethal * (until - now)
        now = until
        for h in range(asked.horizons.size):
            if slot == 1 + asked.horizons[h]:
                for k in range(asked.core_sites.size):
                    core.hidden[k, h] = 1.0 if later[asked.core_sites[k]] == 1 else 0.0
        core.lives[slot] = np.exp(-integral) * survived
        if slot > 0:
            usual = (until - begin) * mean_of_fall(core.lives[slot - 1], core.lives[slot])
            core.kink[slot - 1] = area / usual if usual > 0.0 else 1.0
        if slot == 0:
            for q in range(start.size):
                levels[q] = later[q]
            for k in range(asked.core_sites.size):
                if levels[asked.core_sites[k]] == 0:
                    # what had been seeded there has been removed
                    core.when[0, k] = np.inf
    return detection


@numba.njit(nogil=True, cache=True, error_model="numpy")
def solve_paths(t, paths, start, facts, asked, b, n_replicates):  # type: ignore[no-untyped-def]
    """Return the masses of all answers, summed over paths.

    Parameters
    ----------
    t : LeafTables
    paths : CorePaths
    start
        (P,) levels at the start; leaves start free.
    facts : Facts
    asked : Asked
    b : Blocks
    n_replicates
        ``R``.

    Returns
    -------
    sums : array, shape (D, R, size)
        Masses; divided by entry 0 of the last axis, they are answers.
    squares : array, shape (D,)
        Sum of the squared masses of the paths.
    """
    n_draws, _, n_terms, _, n_lanes = facts.factor.shape
    n_leaves, n_core, n_tags = t.leaves.size, asked.core_sites.size, t.n_tags[0]
    n_times, width = asked.grid_months.size, padded(n_leaves)
    sums, squares = np.zeros((n_draws, n_replicates, b.size)), np.zeros(n_draws)
    rates = no_rates(n_tags)
    ahead = Ahead(
        alive=np.ones((n_times, 2, N_LEVELS, width)),
        found=np.zeros((n_times, FOUND, width)),
        found_late=np.zeros((n_times, FOUND, width)),
        seeded=np.zeros((n_times, 1 + n_tags, width)),
        seeded_late=np.zeros((n_times, width)),
        hidden=np.zeros((n_times, N_LEVELS, width)),
        rows=np.empty((N_LEVELS, N_LEVELS, 1)),
        counts=np.empty((FOUND + 2 + n_tags, FOUND)),
        density=np.empty(FOUND + 1),
        moment=np.empty(FOUND + 1),
    )
    scratch = Sums(
        np.empty(width), np.empty(width), np.empty(width), np.empty(width),
        np.empty((3, FOUND, width)), np.empty((N_LEVELS, width)),
        np.empty((3, 1 + n_times)), np.empty(n_terms), np.empty((N_LEVELS, width)),
        np.ones((1, 2, N_LEVELS, width)),
        np.empty(width), np.empty(1), np.zeros(width),
    )  # fmt: skip
    base, out = np.empty(t.rates.shape[1]), np.empty(b.size)
    levels, later = np.empty(start.size, np.int64), np.empty(start.size, np.int64)
    x = np.empty((N_LEVELS + n_tags * (N_LEVELS - 1), 2 * n_terms, n_lanes))
    core = CoreNotes(
        when=np.empty((2, n_core)),
        lives_then=np.empty((2, n_core)),
        via=np.zeros((n_core, t.n_classes[0])),
        hidden=np.zeros((n_core, asked.horizons.size)),
        lives=np.empty(1 + n_times),
        kink=np.empty(n_times),
    )
    lives = np.empty(1 + n_times)
    scratch.distant[:n_leaves] = asked.distant_leaf
    # what only fills up a lane is free for sure
    masses = np.zeros((N_LEVELS, 2 * n_terms, width))
    masses[0, :n_terms] = 1.0
    weight = scratch.weight
    p, q, one, two = scratch.p, scratch.q, scratch.one, scratch.two
    for i in range(paths.draw.size):
        out[:] = 0.0
        detection = _walk_core(t, paths, start, facts, asked, i, base, levels, later, core)
        for slot in range(1 + n_times):
            lives[slot] = core.lives[slot] * paths.background[i, slot]
        for j in range(n_leaves):
            event, pending = follow_past(
                t, paths, start, facts, i, j, base, later, rates, x, detection
            )  # fmt: skip
            follow_future(
                t, paths, facts, asked.grid_months, i, j, event, pending, base, later, rates, ahead
            )  # fmt: skip
        masses[:, :, :n_leaves] = x[:N_LEVELS, :, :n_leaves]
        for term in range(n_terms):
            weight[term] = facts.coefficient[i, term] * lives[0]
        answer_now(
            x, masses, weight, lives[0], levels, i, paths.draw[i], asked, b, out, p, q, one, two
        )  # fmt: skip
        answer_causes(masses, weight, i, asked, b, out, p, q, one, two)
        today = paths.diagnosed_months[i] + facts.now_months[0]
        add_future(
            masses, facts.coefficient, i, lives, ahead, today, levels, core, asked, b, out, scratch
        )  # fmt: skip
        add_core_future(today, asked, b, levels, core, scratch.curves, out)
        for k in range(b.size):
            # what is impossible is not quite zero here, see `others`
            if abs(out[k]) > NOTHING:
                sums[paths.draw[i], paths.replicate[i], k] += paths.scale[i] * out[k]
        squares[paths.draw[i]] += (paths.scale[i] * out[0]) ** 2
    return sums, squares


def is_compiled() -> bool:
    """Return whether `solve_paths` was compiled on this machine before: it takes its time."""
    folder = solve_paths.stats.cache_path
    return folder is not None and any(Path(folder).glob("solve.solve_paths-*.nbi"))
