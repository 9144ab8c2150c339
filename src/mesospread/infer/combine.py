"""Put leaves together: products over independent leaves, and what each contributes.

Given the core, the probability of everything that was found is a sum of a few *terms*
(with and without the M0 factor; inclusion and exclusion over the symptoms that are
there), each a product over leaves. The hazard of diagnosis is a sum over core and
leaves, so each leaf carries two masses: ``p`` (diagnosed because of the core) and
``q`` (diagnosed because of this leaf, relative to the core); the product of all is

    prod_j p_j * (1 + sum_j q_j / p_j).

References
----------
Heckerman (1989). A tractable inference algorithm for diagnosing multiple diseases.
UAI (QuickScore: inclusion-exclusion over present findings only).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mass:
    """What each leaf contributes to a product: ``p`` and ``q``, both (n, J)."""

    p: Floats
    q: Floats

    def product(self) -> Floats:
        """Return the product over all leaves, (n,)."""
        whole: Floats = self.p.prod(axis=1) * (1.0 + self._ratio().sum(axis=1))
        return whole

    def others(self) -> tuple[Floats, Floats]:
        """Return, for each leaf, what the others contribute: factors of its p and its q.

        The product with leaf ``k`` changed to ``(x, y)`` is ``first[k] * x +
        second[k] * y``; both (n, J).
        """
        ratio = self._ratio()
        without = _product_without(self.p)
        rest = 1.0 + ratio.sum(axis=1, keepdims=True) - ratio
        return without * rest, without

    def _ratio(self) -> Floats:
        safe = np.where(self.p > 0, self.p, 1.0)
        ratio: Floats = np.where(self.p > 0, self.q / safe, 0.0)
        return ratio


def _product_without(p: Floats) -> Floats:
    """Return the product over all columns but each, without dividing."""
    n, width = p.shape
    before, after = np.ones((n, width)), np.ones((n, width))
    for j in range(1, width):
        before[:, j] = before[:, j - 1] * p[:, j - 1]
        after[:, width - 1 - j] = after[:, width - j] * p[:, width - j]
    return before * after


@dataclass(frozen=True)
class LeafArrays:
    """Output of the leaf kernel for chosen core paths; axes as there.

    Attributes
    ----------
    past
        (n, J, 2, 2, C + 1, L)
    alive, unseen, entering
        (n, J, T, L)
    seeding
        (n, J, T, C)
    """

    past: Floats
    alive: Floats
    unseen: Floats
    entering: Floats
    seeding: Floats


@dataclass(frozen=True)
class LeafTerm:
    """One term of the sum: a weight per path, a branch, and a factor per leaf level.

    Attributes
    ----------
    weight
        (n,), may be negative.
    branch
        0 without, 1 with the M0 factor.
    factor
        (n, J, L): symptoms that are left out.
    """

    weight: Floats
    branch: int
    factor: Floats


@dataclass
class LeafAnswers:
    """Sums over terms, not yet divided by the total; one row per path.

    Attributes
    ----------
    total
        (n,) probability of all findings.
    levels
        (n, J, L) with each leaf at each level today.
    tags
        (n, J, C) with each leaf involved today, by the class of its seeding.
    alive
        (n, T) alive at each grid time.
    found
        (n, J, T) with the leaf newly detectable within each grid interval, alive then.
    next
        (n, J, T) the same, and before any other leaf.
    first_core
        (n, T) alive and no leaf newly detectable by each grid time.
    seeded
        (n, J, C, T) with the leaf newly seeded within each grid interval, by class.
    """

    total: Floats
    levels: Floats
    tags: Floats
    alive: Floats
    found: Floats
    next: Floats
    first_core: Floats
    seeded: Floats


def combine(arrays: LeafArrays, terms: Sequence[LeafTerm], survival: Floats) -> LeafAnswers:
    """Sum all questions over the terms.

    Parameters
    ----------
    arrays
        From the leaf kernel.
    terms
        Terms of the sum.
    survival
        (n, T) probability that nothing but a leaf kills between today and each grid time.
    """
    n, n_leaves, n_times, n_levels = arrays.alive.shape
    n_classes = arrays.seeding.shape[3]
    out = LeafAnswers(
        total=np.zeros(n),
        levels=np.zeros((n, n_leaves, n_levels)),
        tags=np.zeros((n, n_leaves, n_classes)),
        alive=np.zeros((n, n_times)),
        found=np.zeros((n, n_leaves, n_times)),
        next=np.zeros((n, n_leaves, n_times)),
        first_core=np.zeros((n, n_times)),
        seeded=np.zeros((n, n_leaves, n_classes, n_times)),
    )
    for term in terms:
        _add_term(out, arrays, term, survival)
    return out


def _add_term(out: LeafAnswers, arrays: LeafArrays, term: LeafTerm, survival: Floats) -> None:
    everything = arrays.past.shape[4] - 1
    now = arrays.past[:, :, term.branch, :, everything] * term.factor[:, :, None]
    mass = Mass(now[:, :, 0].sum(axis=2), now[:, :, 1].sum(axis=2))
    first, second = (term.weight[:, None] * x for x in mass.others())
    out.total += term.weight * mass.product()
    out.levels += first[:, :, None] * now[:, :, 0] + second[:, :, None] * now[:, :, 1]
    tagged = arrays.past[:, :, term.branch, :, :everything] * term.factor[:, :, None, None]
    by_class = tagged[..., 1:].sum(axis=4)
    out.tags += first[:, :, None] * by_class[:, :, 0] + second[:, :, None] * by_class[:, :, 1]
    before = (first, second)
    before_unseen = (first, second)
    for t in range(arrays.alive.shape[2]):
        lives = term.weight * survival[:, t]
        later = Mass(*_seen_through(now, arrays.alive[:, :, t]))
        hidden = Mass(*_seen_through(now, arrays.unseen[:, :, t]))
        after = tuple(lives[:, None] * x for x in later.others())
        after_unseen = tuple(lives[:, None] * x for x in hidden.others())
        out.alive[:, t] += lives * later.product()
        out.first_core[:, t] += lives * hidden.product()
        entering = _seen_through(now, arrays.entering[:, :, t])
        # the others live on through the interval: the mean of its two ends
        for k in range(2):
            out.found[:, :, t] += entering[k] * (before[k] + after[k]) / 2
            out.next[:, :, t] += (
                _new_only(now, arrays, t)[k] * (before_unseen[k] + after_unseen[k]) / 2
            )
            free = now[:, :, k, 0, None] * arrays.seeding[:, :, t]
            out.seeded[..., t] += free * ((before[k] + after[k]) / 2)[:, :, None]
        before, before_unseen = after, after_unseen  # type: ignore[assignment]


def _seen_through(now: Floats, through: Floats) -> tuple[Floats, Floats]:
    """Return the masses p and q after a map that depends on the level today."""
    return (now[:, :, 0] * through).sum(axis=2), (now[:, :, 1] * through).sum(axis=2)


def _new_only(now: Floats, arrays: LeafArrays, t: int) -> tuple[Floats, Floats]:
    """Return the masses that become detectable in an interval and were not before."""
    return _seen_through(now[..., :2], arrays.entering[:, :, t, :2])
