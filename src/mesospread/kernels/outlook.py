"""Add up over leaves: what all of them together make of one core path.

A person is described by independent leaves, each with two masses: ``p``, of its path and
findings if something else led to the diagnosis, and ``q``, the same times its own hazard
of diagnosis over that of the core. Because hazards of diagnosis add up, the probability
of everything is ``prod p * (1 + sum q / p)``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mesospread.kernels.philox import fused, inlined

#: masses below this are nothing
NOTHING = 1e-200
_TINY = 1e-300
#: numbers that a processor takes at once, at most
_VECTOR = 8


class Blocks(NamedTuple):
    """Where each kind of answer starts in the row of masses of one path; see `answers`.

    One block each, all integers: ``now`` (J, L), ``seeded`` (J, 1 + G), ``by`` (J, H),
    ``hidden`` (J, H), ``next`` (J,), ``core_now`` (S, L), ``core_by`` (S, H),
    ``core_hidden`` (S, H), ``core_next`` (S,),
    ``core_seeded`` (S, 1 + C), ``extent``, ``nodes``, ``any_by`` (H,), ``alive`` (T,),
    ``causes`` (X, J + Z), ``without`` (W - J + F + X,), ``looks`` (N,). Entry 0 is the mass
    of the path itself; ``size`` is the length.
    """

    now: int
    seeded: int
    by: int
    hidden: int
    next: int
    core_now: int
    core_by: int
    core_hidden: int
    core_next: int
    core_seeded: int
    extent: int
    nodes: int
    any_by: int
    alive: int
    causes: int
    without: int
    looks: int
    size: int


class Asked(NamedTuple):
    """What is asked.

    Attributes
    ----------
    grid_months
        (T,) from today, ascending: between them the future is summed up.
    horizons
        (H,) places in the grid.
    core_sites
        (S,) positions of the sites that are not leaves.
    distant_leaf, distant_core
        (J,) and (S,) 1 where the site counts as distant.
    extent, nodes
        (2,) each: position and number of levels.
    leaf_looks, core_looks
        (D, N, L, J) and (D, N, S, L): factor of each level in a question about all sites at
        once, such as the chance that a scan finds nothing there.
    core_causes
        (M, X, Z) chance that each core cause brings each present symptom on.
    core_without
        (M, F, T) coefficients with one finding about the core left out.
    leaf_of_copy
        (W - J,) leaf that each further lane repeats, with one finding left out.
    """

    grid_months: NDArray[np.float64]
    horizons: NDArray[np.int64]
    core_sites: NDArray[np.int64]
    distant_leaf: NDArray[np.int64]
    distant_core: NDArray[np.int64]
    extent: NDArray[np.int64]
    nodes: NDArray[np.int64]
    leaf_looks: NDArray[np.float64]
    core_looks: NDArray[np.float64]
    core_causes: NDArray[np.float64]
    core_without: NDArray[np.float64]
    leaf_of_copy: NDArray[np.int64]


@inlined
def padded(n_leaves):  # type: ignore[no-untyped-def]
    """Return the width of arrays over leaves: full vectors of the processor, no remainder."""
    return -(-n_leaves // _VECTOR) * _VECTOR


@fused
def others(p, q, first, second):  # type: ignore[no-untyped-def]
    """Return the mass of all leaves, and fill that of all but each one.

    Parameters
    ----------
    p, q
        (J,) masses of the leaves.
    first, second
        (J,) filled with what a leaf's own ``p`` and ``q`` are multiplied by.
    """
    product, ratios = 1.0, 0.0
    for j in range(p.size):
        p[j] = max(p[j], _TINY)
        second[j] = 1.0 / p[j]
        first[j] = q[j] * second[j]
    for j in range(p.size):
        product *= p[j]
        ratios += first[j]
    for j in range(p.size):
        second[j] *= product
        first[j] = second[j] * (1.0 + ratios - first[j])
    return product * (1.0 + ratios)


@fused
def whole(p, q):  # type: ignore[no-untyped-def]
    """Return the mass of all leaves."""
    product, ratios = 1.0, 0.0
    for j in range(p.size):
        product *= max(p[j], _TINY)
        ratios += q[j] / max(p[j], _TINY)
    return product * (1.0 + ratios)


@fused
def _there(masses, t, p, q):  # type: ignore[no-untyped-def]
    """Fill the masses (J,) of the leaves today, over all levels."""
    n_terms = masses.shape[1] // 2
    for j in range(p.size):
        p[j] = masses[0, t, j]
        q[j] = masses[0, n_terms + t, j]
    for at in range(1, masses.shape[0]):
        for j in range(p.size):
            p[j] += masses[at, t, j]
        for j in range(p.size):
            q[j] += masses[at, n_terms + t, j]


@fused
def _looked(masses, t, factor, p, q):  # type: ignore[no-untyped-def]
    """Return the mass of all leaves, each level weighed by a factor (L, J)."""
    n_terms = masses.shape[1] // 2
    for j in range(p.size):
        p[j] = masses[0, t, j] * factor[0, j]
        q[j] = masses[0, n_terms + t, j] * factor[0, j]
    for at in range(1, masses.shape[0]):
        for j in range(p.size):
            p[j] += masses[at, t, j] * factor[at, j]
        for j in range(p.size):
            q[j] += masses[at, n_terms + t, j] * factor[at, j]
    return whole(p, q)


@inlined
def answer_now(  # type: ignore[no-untyped-def]
    x, masses, weight, lives, levels, i, draw, asked, b, out, p, q, first, second
):
    """Add up what one term of one path says about today.

    Parameters
    ----------
    x
        (K, 2 T, W) vectors today: the ``p`` of all terms, then the ``q``.
    masses
        (L, 2 T, J) of them those of the levels of the leaves.
    weight
        (T,) coefficient of each term times ``lives``, the survival of the core till today.
    levels
        (P,) of the core today.
    out
        (size,) masses of this path, added to.
    p, q, first, second
        (J,) scratch.
    """
    n_terms, n_leaves = weight.size, asked.distant_leaf.size
    n_levels = asked.leaf_looks.shape[2]
    n_tags = (x.shape[0] - n_levels) // (n_levels - 1)
    n_lanes = n_leaves + asked.leaf_of_copy.size
    n_core_findings = asked.core_without.shape[1]
    for t in range(n_terms):
        _there(masses, t, p, q)
        leaves = others(p, q, first, second)
        total = weight[t] * leaves
        out[0] += total
        for f in range(n_core_findings):
            out[b.without + n_lanes - n_leaves + f] += asked.core_without[i, f, t] * lives * leaves
        for j in range(p.size):
            first[j] *= weight[t]
            second[j] *= weight[t]
        for j in range(n_leaves):
            for at in range(n_levels):
                out[b.now + j * n_levels + at] += (
                    first[j] * x[at, t, j] + second[j] * x[at, n_terms + t, j]
                )
            for c in range(n_levels, x.shape[0]):
                g = 1 + (c - n_levels) // (n_levels - 1)
                out[b.seeded + j * (1 + n_tags) + g] += (
                    first[j] * x[c, t, j] + second[j] * x[c, n_terms + t, j]
                )
            for at in range(1, n_levels):
                out[b.seeded + j * (1 + n_tags)] += (
                    first[j] * x[at, t, j] + second[j] * x[at, n_terms + t, j]
                )
        for k in range(asked.core_sites.size):
            out[b.core_now + k * n_levels + levels[asked.core_sites[k]]] += total
        out[b.extent + levels[asked.extent[0]]] += total
        out[b.nodes + levels[asked.nodes[0]]] += total
        _looks(masses, t, weight[t], levels, draw, asked, b, out, p, q)
    for w in range(n_leaves, n_lanes):
        _without_lane(x, masses, weight, w, asked, b, out, p, q)


@inlined
def _without_lane(x, masses, weight, w, asked, b, out, p, q):  # type: ignore[no-untyped-def]
    """Add up the mass with a finding left out: lane ``w`` instead of the leaf it repeats."""
    n_terms, n_leaves = weight.size, asked.distant_leaf.size
    leaf = asked.leaf_of_copy[w - n_leaves]
    for t in range(n_terms):
        _there(masses, t, p, q)
        p[leaf] = 0.0
        q[leaf] = 0.0
        for at in range(masses.shape[0]):
            p[leaf] += x[at, t, w]
            q[leaf] += x[at, n_terms + t, w]
        out[b.without + w - n_leaves] += weight[t] * whole(p, q)


@inlined
def _looks(masses, t, weight, levels, draw, asked, b, out, p, q):  # type: ignore[no-untyped-def]
    """Add up the mass of each question about all sites at once."""
    for s in range(asked.leaf_looks.shape[1]):
        core = weight
        for k in range(asked.core_sites.size):
            core *= asked.core_looks[draw, s, k, levels[asked.core_sites[k]]]
        if core == 0.0:
            continue
        out[b.looks + s] += core * _looked(masses, t, asked.leaf_looks[draw, s], p, q)


@inlined
def answer_causes(masses, weight, i, asked, b, out, p, q, first, second):  # type: ignore[no-untyped-def]
    """Add up which cause brings each present symptom on, and the mass without the symptom.

    Term ``t`` without bit ``s`` leaves symptom ``s`` out; with it, the symptom's causes are
    all silent (with a minus sign). A cause at work is the difference of the two.
    """
    n_terms, n_leaves = weight.size, asked.distant_leaf.size
    n_symptoms, n_core = asked.core_causes.shape[1:]
    n_without = asked.leaf_of_copy.size + asked.core_without.shape[1]
    for s in range(n_symptoms):
        row = b.causes + s * (n_leaves + n_core)
        for t in range(n_terms):
            if t >> s & 1:
                continue
            silent = t | 1 << s
            _there(masses, t, p, q)
            total = weight[t] * others(p, q, first, second)
            out[b.without + n_without + s] += total
            for z in range(n_core):
                out[row + n_leaves + z] += total * asked.core_causes[i, s, z]
            for j in range(n_leaves):
                causing_p, causing_q = 0.0, 0.0
                for at in range(masses.shape[0]):
                    causing_p += masses[at, t, j] - masses[at, silent, j]
                    causing_q += masses[at, n_terms + t, j] - masses[at, n_terms + silent, j]
                out[row + j] += weight[t] * (first[j] * causing_p + second[j] * causing_q)
