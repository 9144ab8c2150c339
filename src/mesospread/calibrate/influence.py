"""Which further study would help most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def value_of_a_study(figures: Floats, error: Floats, answers: NDArray[np.int64]) -> Floats:
    """Return by how much the variance of answers would fall with one more study of a figure.

    In the linear approximation: cov(answer, figure)^2 / (var(figure) + error^2) over the
    variance of the answer.

    Parameters
    ----------
    figures
        (S, J) at draws of the posterior.
    error
        (J,) sampling error, with scatter, of a new study of each figure.
    answers
        (A,) which figures are the answers that matter.

    Returns
    -------
    array, shape (J, A)
        Share of the variance of each answer that a study of each figure would take away.
    """
    centred = figures - figures.mean(axis=0)
    covariance = centred.T @ centred / len(figures)
    variance = np.diag(covariance)
    gain = covariance[:, answers] ** 2 / (variance + error**2)[:, None]
    taken: Floats = gain / np.maximum(variance[answers], 1e-12)
    return taken
