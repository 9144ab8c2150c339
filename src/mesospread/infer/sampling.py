"""Draw a few of many weighted histories.

References
----------
Hesterberg (1995), Technometrics 37:185-194 (defensive mixtures).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.likelihood import Floats
from mesospread.infer.posterior import REPLICATES

Ints = NDArray[np.int64]

#: share of a guess that is mixed in with what is known
_DEFENCE = 0.1


def systematic_sample(
    weight: Floats, kind: Ints, replicate: Ints, draw: Ints, n_each: int, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Draw a systematic sample in each replicate, in proportion to a weight.

    Histories are put in order first, so that the sample holds its share of each kind.

    Parameters
    ----------
    weight, kind, replicate, draw
        (n,) of each history: its weight, at least 0; what it is like; its replicate and
        parameter draw.
    n_each
        Histories to draw in each replicate; a heavy one may be drawn more than once.
    rng
        Gives one number for each replicate.

    Returns
    -------
    chosen, scale
        Places of the histories, one draw after the other, and how many each stands for: on
        average over ``rng``, the scales of all histories are 1.
    """
    key = replicate * (int(kind.max(initial=0)) + 1) + kind
    # stable: of one kind, one draw comes after the other. Small integers are sorted fast
    order = np.argsort(key.astype(np.min_scalar_type(key.max(initial=0))), kind="stable")
    ordered, part = weight[order], replicate[order]
    totals = np.bincount(part, weights=ordered, minlength=REPLICATES)
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = ordered * (n_each / totals)[part]
    ends = np.cumsum(np.nan_to_num(steps))
    start = rng.random(REPLICATES)[part]
    begins = np.concatenate([[0.0], ends[:-1]])[: ends.size]
    counts = np.floor(ends + start) - np.floor(begins + start)
    taken = np.flatnonzero(counts > 0)
    # one draw after the other: its tables and sums then stay in the cache
    taken = taken[np.argsort(draw[order[taken]], kind="stable")]
    return order[taken], counts[taken] / steps[taken]


def defended(known: Floats, guess: Floats) -> Floats:
    """Mix a little of a guess into weights that are known, (n,) each.

    Histories that fit but for one finding weigh nothing, and are still needed: they tell what
    that finding weighs. If nothing fits at all, the guess is all there is.
    """
    weight: Floats = guess / guess.sum()
    if known.any():
        weight = known / known.sum() + _DEFENCE * weight
    return weight
