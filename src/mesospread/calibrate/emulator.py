"""A smooth stand-in for the simulator: one polynomial for each figure.

Around the region that the data allow, the logarithm (or logit) of a figure is nearly
quadratic in the scores of the parameters, and linear in what the protocol of its study does
not state. What the polynomial misses is measured on points
it was not fitted to, and enters the likelihood as further uncertainty.

References
----------
Sacks et al. (1989), doi 10.1214/ss/1177012413, for emulation of computer experiments; Craig
et al. (1997) and Vernon et al. (2010), doi 10.1214/10-BA524, for refocusing in waves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.calibrate.waves import Wave

Floats = NDArray[np.float64]

#: parameters that enter squared and in products, for each figure: those with most weight
N_CURVED = 16
_FOLDS = 5
_PENALTIES = np.logspace(-1, 4, 16)


@dataclass(frozen=True)
class Emulator:
    """Polynomials of all figures.

    Attributes
    ----------
    constant
        (J,).
    slope
        (J, K).
    curved
        (J, C) which scores enter squared and in products.
    curvature
        (J, C, C) upper triangular.
    sd
        (J,) standard deviation of what the polynomial misses, beyond simulation error, at
        points that were left out.
    unstated
        (J, U) slopes in the scores of what the protocols do not state; zero where they are
        about another study.
    """

    constant: Floats
    slope: Floats
    curved: NDArray[np.int64]
    curvature: Floats
    sd: Floats
    unstated: Floats

    def __call__(self, z: Floats, unstated: Floats | None = None) -> Floats:
        """Return the figures at scores (n, K), (n, J).

        Parameters
        ----------
        z
            Of the parameters.
        unstated
            (n, U) of what the protocols do not state; None: all at their middle.
        """
        chosen = z[:, self.curved]
        found: Floats = (
            self.constant
            + z @ self.slope.T
            + np.einsum("nja,jab,njb->nj", chosen, self.curvature, chosen, optimize=True)
        )
        if unstated is not None:
            found = found + unstated @ self.unstated.T
        return found


def fit_emulator(wave: Wave) -> Emulator:
    """Fit a polynomial to each figure of a wave.

    Parameters
    ----------
    wave
        Points with all figures; see `Wave.finite`.
    """
    n, size = wave.scores.shape
    n_figures = wave.figures.shape[1]
    n_curved = min(N_CURVED, size)
    constant, slope = np.zeros(n_figures), np.zeros((n_figures, size))
    curved = np.zeros((n_figures, n_curved), np.int64)
    curvature = np.zeros((n_figures, n_curved, n_curved))
    sd, unstated = np.zeros(n_figures), np.zeros(wave.own.shape)
    rows, columns = np.triu_indices(n_curved)
    fold = np.arange(n) % _FOLDS
    for j in range(n_figures):
        figure, weight = wave.figures[:, j], 1.0 / _variance(wave.errors[:, j])
        linear = np.hstack([wave.scores, wave.unstated[:, wave.own[j]]])
        first, _ = _ridge(linear, figure, weight, fold)
        curved[j] = np.sort(np.argsort(-np.abs(first[1 : size + 1]))[:n_curved])
        chosen = wave.scores[:, curved[j]]
        products = chosen[:, rows] * chosen[:, columns]
        coefficients, missed = _ridge(np.hstack([linear, products]), figure, weight, fold)
        constant[j], slope[j] = coefficients[0], coefficients[1 : size + 1]
        unstated[j, wave.own[j]] = coefficients[size + 1 : linear.shape[1] + 1]
        curvature[j][rows, columns] = coefficients[linear.shape[1] + 1 :]
        beyond = np.average(missed**2 - wave.errors[:, j] ** 2, weights=weight)
        sd[j] = np.sqrt(max(float(beyond), 0.0))
    return Emulator(constant, slope, curved, curvature, sd, unstated)


def _variance(error: Floats) -> Floats:
    """Return the variance of points: simulation error, and a floor shared by all."""
    variance: Floats = error**2 + np.median(error) ** 2
    return variance


def _ridge(
    features: Floats, figure: Floats, weight: Floats, fold: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Fit a penalised regression; the penalty is chosen by cross-validation.

    Returns
    -------
    coefficients, residuals at left-out points
        The first coefficient is the constant, which is not penalised.
    """
    design = np.hstack([np.ones((len(features), 1)), features])
    root = np.sqrt(weight / weight.mean())[:, None]
    scaled, wanted = design * root, figure * root[:, 0]
    missed = np.empty((_PENALTIES.size, figure.size))
    for k in range(_FOLDS):
        out = fold == k
        for p, beta in enumerate(_solutions(scaled[~out], wanted[~out])):
            missed[p, out] = figure[out] - design[out] @ beta
    best = int(np.argmin((weight * missed**2).sum(axis=1)))
    return _solutions(scaled, wanted)[best], missed[best]


def _solutions(scaled: Floats, wanted: Floats) -> Floats:
    """Return the ridge solutions for all penalties, (P, F)."""
    # the constant is freed from the penalty by taking its direction out first
    ones = scaled[:, :1]
    centre = (ones.T @ scaled) / (ones.T @ ones)
    middle = float((ones[:, 0] @ wanted) / (ones[:, 0] @ ones[:, 0]))
    x, y = scaled - ones * centre, wanted - ones[:, 0] * middle
    values, vectors = np.linalg.eigh(x.T @ x)
    projected = vectors.T @ (x.T @ y)
    found = (projected / (np.maximum(values, 0.0) + _PENALTIES[:, None])) @ vectors.T
    found[:, 0] = middle - found[:, 1:] @ centre[0, 1:]
    solutions: Floats = found
    return solutions
