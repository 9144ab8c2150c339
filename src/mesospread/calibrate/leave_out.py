"""What would follow without one study, from the draws that were made with it.

Re-weighting alone fails for a study that says much: no draw lies where the posterior without
it does. So the draws are moved there first, by the map that is exact if figures are linear in
the parameters, and then weighed by the true densities, which puts right what is not linear.
Only the directions that the study informs are stretched and shifted, and the map has a closed
form, since the prior is known: nothing is estimated from the draws.

Where it fails, the tail of the weights says so (Pareto k above 0.7): figures that bend
strongly over the wider range, and studies that alone settle how much a kind of figure
scatters, since scatter is weighed but not moved. The emulator is trusted over the wider range;
`Without.stretch` says how much wider that is.

References
----------
Vehtari, Gelman, Gabry (2017), doi 10.1007/s11222-016-9696-4, for smoothed weights; Paananen,
Piironen, Buerkner, Vehtari (2021), doi 10.1007/s11222-020-09982-2, for moving draws by affine
maps before weighing them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesospread.calibrate.emulator import Emulator
from mesospread.calibrate.inference import SELECTION_SCALE, Data
from mesospread.studies.targets import SELECTED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: above this neither kind of weights is to be relied on
UNSTABLE_K = 0.7
#: Newton's steps to the mode of what scatters; the first guess is near
_STEPS = 6


@dataclass(frozen=True)
class Without:
    """What follows without one study.

    Attributes
    ----------
    study
        Its name.
    moved
        Whether draws were moved before they were weighed.
    pareto_k
        Below 0.7 the result can be relied on.
    stretch
        How many times as wide as before the figures of the study itself are, the most
        stretched one: so far beyond the posterior the emulator is asked.
    weights
        (S,) they sum to 1.
    figures
        (S, J) at the draws, moved or not.
    """

    study: str
    moved: bool
    pareto_k: float
    stretch: float
    weights: Floats
    figures: Floats

    @property
    def mean(self) -> Floats:
        """Mean of each figure, (J,)."""
        found: Floats = self.weights @ self.figures
        return found

    @property
    def sd(self) -> Floats:
        """Standard deviation of each figure, (J,)."""
        found: Floats = np.sqrt(self.weights @ (self.figures - self.mean) ** 2)
        return found


class Evidence:
    """The fitted figures and their noise: what scatters, and what protocols leave open, summed.

    Points are the scores of the parameters, then the selection of the settings in units of its
    prior: all standard normal under the prior.

    Parameters
    ----------
    emulator, data
        Of the fitted figures.
    """

    def __init__(self, emulator: Emulator, data: Data) -> None:
        self.emulator, self.data = emulator, data
        n = np.where(data.is_count, data.n, 1.0)
        events = np.where(data.is_count, data.events, 0.5)
        odds = np.log((events + 0.5) / (n - events + 0.5))
        counting = 1.0 / (events + 0.5) + 1.0 / (n - events + 0.5)
        #: the figures; counts as log odds, with half an event added on both sides
        self.reported = np.where(data.is_count, odds, data.centre)
        #: their sampling variance
        self.sampling = np.where(data.is_count, counting, data.error**2)
        slopes = emulator.unstated
        names = np.array([key.split("/")[0] for key in data.keys])
        #: places of the figures of each study
        self.members = {str(s): np.flatnonzero(names == s) for s in dict.fromkeys(names)}
        same_study = names[:, None] == names
        self._fixed = np.diag(emulator.sd**2) + slopes @ slopes.T * same_study
        same_group = data.group[:, None] == data.group
        self._share = (same_group + np.eye(names.size)) / 2.0
        #: how each figure moves with each selection, in units of its prior, (J, settings)
        self.per_selection = SELECTION_SCALE * np.stack(
            [np.where(data.selected == k, data.per_selection, 0.0) for k in range(len(SELECTED))],
            axis=1,
        )

    def scattered(self, scatter: Floats) -> Floats:
        """Return the covariance of the figures of studies around the true ones, (S, J, J).

        Without sampling errors. Studies are independent of each other.
        """
        tau = np.zeros((len(scatter), self.reported.size))
        if self.data.kinds:
            chosen = scatter[:, np.maximum(self.data.kind, 0)]
            tau = np.where(self.data.kind >= 0, chosen, 0.0)
        total: Floats = self._fixed + tau[:, :, None] * tau[:, None, :] * self._share
        return total

    def figures(self, points: Floats) -> Floats:
        """Return the figures at points, (S, J)."""
        return self.emulator(points[:, : -len(SELECTED)])

    def residual(self, points: Floats) -> Floats:
        """Return reported less true figures, (S, J)."""
        shift = points[:, -len(SELECTED) :] @ self.per_selection.T
        found: Floats = self.reported - self.figures(points) - shift
        return found

    def slopes(self, point: Floats) -> Floats:
        """Return how the fitted figures change around a point, (J, K)."""
        z = point[: -len(SELECTED)]
        slope = self.emulator.slope.copy()
        curved, bend = self.emulator.curved, self.emulator.curvature
        both = bend + bend.transpose(0, 2, 1)
        change = np.einsum("jab,jb->ja", both, z[curved])
        np.add.at(slope, (np.arange(len(slope))[:, None], curved), change)
        return np.hstack([slope, self.per_selection])

    def log_likelihoods(self, points: Floats, scattered: Floats) -> dict[str, Floats]:
        """Return the log likelihood of each study at points, (S,), but for a constant.

        Counts are binomial; what scatters is integrated out by Laplace's method (exactly, if
        nothing is a count).
        """
        residual = self.residual(points)
        return {
            name: self._integrated(m, residual[:, m], scattered[:, m[:, None], m])
            for name, m in self.members.items()
        }

    def _integrated(self, m: Ints, residual: Floats, covariance: Floats) -> Floats:
        """Return the log likelihood of some figures of one study, (S,).

        References
        ----------
        Rasmussen, Williams (2006), Gaussian processes for machine learning, algorithm 3.1.
        """
        one = np.eye(m.size)
        total = covariance + one * self.sampling[m]
        at = _times(covariance, np.linalg.solve(total, residual[:, :, None])[:, :, 0])
        steps = _STEPS if self.data.is_count[m].any() else 1
        for _ in range(steps):
            _, slope, curvature = self._sampled(m, residual - at)
            spread = one + curvature[:, :, None] * covariance
            pull = np.linalg.solve(spread, (curvature * at + slope)[:, :, None])[:, :, 0]
            at = _times(covariance, pull)
        value, _, curvature = self._sampled(m, residual - at)
        _, log_determinant = np.linalg.slogdet(one + curvature[:, :, None] * covariance)
        found: Floats = value.sum(axis=1) - 0.5 * ((pull * at).sum(axis=1) + log_determinant)
        return found

    def _sampled(self, m: Ints, residual: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log density, slope and minus curvature of each figure, (S, J_m) each.

        In the figure of the study, from which sampling departs.
        """
        data, variance = self.data, self.sampling[m]
        counted, n, events = data.is_count[m], data.n[m], data.events[m]
        logit = self.reported[m] - residual
        chance = 1.0 / (1.0 + np.exp(-logit))
        value = np.where(
            counted, events * logit - n * np.logaddexp(0.0, logit), -0.5 * residual**2 / variance
        )
        slope = np.where(counted, events - n * chance, residual / variance)
        curvature = np.where(counted, n * chance * (1.0 - chance), 1.0 / variance)
        return value, slope, curvature


def _times(matrices: Floats, vectors: NDArray[np.floating[Any]]) -> Floats:
    product: Floats = (matrices @ vectors[:, :, None])[:, :, 0]
    return product


class _Linear:
    """The posterior at given scatter, as if figures were linear and their log odds normal."""

    def __init__(self, evidence: Evidence, points: Floats, scattered: Floats) -> None:
        centre = points.mean(axis=0)
        self.slopes = evidence.slopes(centre)
        self.noise = scattered + np.diag(evidence.sampling)
        self.prior = self.slopes @ self.slopes.T
        # reported less what the figures are where all scores are 0
        offset = evidence.residual(centre[None])[0] + self.slopes @ centre
        self.inverse = np.linalg.inv(self.noise + self.prior)
        #: what is left of each reported figure at the mean of the posterior, (S, J)
        self.left = offset - self.inverse @ offset @ self.prior

    def without(self, m: Ints, points: Floats) -> tuple[Floats, Floats]:
        """Move draws of the posterior to that without the figures ``m``.

        Returns
        -------
        points, log_volume
            (S, K), and (S,) the logarithm of how much the map stretches volumes.
        """
        back = self.inverse @ self.prior[:, m]  # (S, J, J_m)
        known = self.prior[np.ix_(m, m)] - self.prior[m] @ back
        root = _power(self.noise[:, m[:, None], m] - known, -0.5)
        values, vectors = np.linalg.eigh(root @ known @ root)
        stretch = np.sqrt(1.0 + np.maximum(values, 0.0))
        # (S, J_m): shift away from what the study reported, and stretch around the mean
        pulled = root @ (root @ self.left[:, m, None])
        apart = self.slopes[m] @ (points - self._mean()).T
        inner = vectors.transpose(0, 2, 1) @ (root @ apart.T[:, :, None])
        step = root @ (vectors @ (inner / (stretch + 1.0)[:, :, None])) - pulled
        along = -(back @ step)[:, :, 0]
        along[:, m] += step[:, :, 0]
        return points + along @ self.slopes, np.log(stretch).sum(axis=1)

    def _mean(self) -> Floats:
        """Return the mean of the posterior at each scatter, (S, K)."""
        # A' M^-1 offset, and M^-1 offset is noise^-1 (what is left)
        weights = np.linalg.solve(self.noise, self.left[:, :, None])[:, :, 0]
        mean: Floats = weights @ self.slopes
        return mean


def _power(matrices: Floats, exponent: float) -> Floats:
    """Return powers of positive definite matrices, (S, m, m)."""
    values, vectors = np.linalg.eigh(matrices)
    found: Floats = (vectors * np.maximum(values, 1e-12)[:, None, :] ** exponent) @ (
        vectors.transpose(0, 2, 1)
    )
    return found


def leave_out(
    emulator: Emulator,
    data: Data,
    *,
    scores: Floats,
    scatter: Floats,
    selection: Floats,
) -> list[Without]:
    """Return what follows without each study, in the order of the data.

    Draws are moved where that makes the weights more even.

    Parameters
    ----------
    emulator, data
        What was fitted.
    scores, scatter, selection
        (S, K), (S, kinds) and (S, settings) draws of the posterior.
    """
    evidence = Evidence(emulator, data)
    points = np.hstack([scores, selection / SELECTION_SCALE])
    scattered = evidence.scattered(scatter)
    linear = _Linear(evidence, points, scattered)
    likelihoods = evidence.log_likelihoods(points, scattered)
    before = sum(likelihoods.values()) - 0.5 * (points**2).sum(axis=1)
    figures = evidence.figures(points)
    found = []
    for study, m in evidence.members.items():
        weights, k = _smoothed(-likelihoods[study])
        moved, log_volume = linear.without(m, points)
        others = evidence.log_likelihoods(moved, scattered)
        after = sum(others.values()) - others[study] - 0.5 * (moved**2).sum(axis=1)
        moved_weights, moved_k = _smoothed(after + log_volume - before)
        better = moved_k < k
        at = evidence.figures(moved) if better else figures
        weights, k = (moved_weights, moved_k) if better else (weights, k)
        own = at[:, m]
        sd = np.sqrt(weights @ (own - weights @ own) ** 2)
        stretch = float((sd / figures[:, m].std(axis=0)).max())
        found.append(Without(study, better, k, stretch, weights, at))
    return found


def _smoothed(log_weights: Floats) -> tuple[Floats, float]:
    """Return Pareto-smoothed weights that sum to 1, and how heavy their tail is."""
    import arviz

    if np.ptp(log_weights) < 1e-9:
        # all alike: there is no tail to look at
        return np.full(log_weights.size, 1.0 / log_weights.size), -np.inf
    smoothed, k = arviz.psislw(log_weights)  # type: ignore[no-untyped-call]
    weights = np.exp(np.asarray(smoothed))
    return weights / weights.sum(), float(k)
