"""What the findings at some leaves make of core paths, before all leaves are solved."""

from __future__ import annotations

import numba
import numpy as np

from mesospread.kernels.chains import follow_past
from mesospread.kernels.leaves import N_LEVELS, core_hazard, no_rates


@numba.njit(nogil=True, cache=True, error_model="numpy")
def chance_of_leaves(t, paths, start, facts, which):  # type: ignore[no-untyped-def]
    """Return the probability of what is known of some leaves, given each core path.

    Parameters
    ----------
    t : LeafTables
    paths : CorePaths
    start
        (P,) levels at the start.
    facts : Facts
        With one lane for each leaf; the coefficients are not used.
    which
        (K,) leaves to follow.

    Returns
    -------
    array, shape (M, T)
        By term: that these leaves let the person live to today and show what was found,
        relative to a diagnosis by the core alone.
    """
    n_terms, n_tags = facts.factor.shape[2], t.n_tags[0]
    rates = no_rates(n_tags)
    x = np.empty((N_LEVELS + n_tags * (N_LEVELS - 1), 2 * n_terms, t.leaves.size))
    base, levels = np.empty(t.rates.shape[1]), np.empty(start.size, np.int64)
    found = np.empty((paths.draw.size, n_terms))
    felt = np.empty(n_terms)
    for i in range(paths.draw.size):
        d = paths.draw[i]
        for r in range(base.size):
            base[r] = t.rates[d, r] * paths.factors[i, t.routes[r].group]
        levels[:] = start
        for e in range(paths.offset[i], paths.offset[i + 1]):
            if paths.time_months[e] >= paths.diagnosed_months[i]:
                break
            levels[paths.process[e]] = paths.level[e]
        detection = core_hazard(t, t.core_detection, base, d, levels)
        found[i, :] = 1.0
        felt[:] = 1.0
        for j in which:
            follow_past(t, paths, start, facts, i, j, base, levels, rates, x, detection)
            for term in range(n_terms):
                p, q = 0.0, 0.0
                for level in range(N_LEVELS):
                    p += x[level, term, j]
                    q += x[level, n_terms + term, j]
                found[i, term] *= p
                felt[term] += q / p if p > 0.0 else 0.0
        for term in range(n_terms):
            found[i, term] *= felt[term]
    return found
