"""Which study moves which answer, and which one would help most.

Leaving out a study is done by re-weighting the draws of the posterior (Pareto-smoothed
importance sampling); where the weights are unstable, the table says so.

References
----------
Vehtari, Gelman, Gabry (2017), doi 10.1007/s11222-016-9696-4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.calibrate.emulator import Emulator
from mesospread.calibrate.inference import Data

Floats = NDArray[np.float64]

#: above this the re-weighting is not to be relied on
UNSTABLE_K = 0.7


@dataclass(frozen=True)
class LeftOut:
    """What follows without one study.

    Attributes
    ----------
    study
        Its name.
    pareto_k
        Below 0.7 the re-weighting can be relied on.
    shift
        (J,) change of each figure without the study, in standard deviations of its posterior.
    weights
        (S,) of the draws of the posterior; they sum to 1.
    """

    study: str
    pareto_k: float
    shift: Floats
    weights: Floats


def study_log_likelihoods(
    emulator: Emulator,
    data: Data,
    rows: NDArray[np.int64],
    scores: Floats,
    scatter: Floats,
    selection: Floats,
) -> dict[str, Floats]:
    """Return the log likelihood of each study at draws of the posterior, (S,).

    What a study scatters by, and what its protocol does not state, is integrated out; a
    count enters by its log odds, with half an event added on both sides.
    """
    predicted = emulator(scores)[:, rows]
    tau2 = np.where(data.kind >= 0, scatter[:, np.maximum(data.kind, 0)], 0.0) ** 2
    shift = np.where(data.selected >= 0, selection[:, data.selected], 0.0) * data.per_selection
    n = np.where(data.is_count, data.n, 1.0)
    events = np.where(data.is_count, data.events, 0.5)
    odds = np.log((events + 0.5) / (n - events + 0.5))
    centre = np.where(data.is_count, odds, data.centre)
    sampling = np.where(
        data.is_count, 1.0 / (events + 0.5) + 1.0 / (n - events + 0.5), data.error**2
    )
    residual = centre - predicted - shift
    studies = [key.split("/")[0] for key in data.keys]
    found = {}
    for name in dict.fromkeys(studies):
        members = np.array([j for j, s in enumerate(studies) if s == name])
        own = tau2[:, members] / 2.0 + emulator.sd[rows][members] ** 2 + sampling[members]
        same = data.group[members][:, None] == data.group[members][None, :]
        shared = np.sqrt(tau2[:, members, None] * tau2[:, None, members]) / 2.0 * same
        slopes = emulator.unstated[rows][members]
        covariance = shared + slopes @ slopes.T + np.eye(members.size) * own[:, :, None]
        solved = np.linalg.solve(covariance, residual[:, members, None])[:, :, 0]
        _, log_determinant = np.linalg.slogdet(covariance)
        quadratic = (residual[:, members] * solved).sum(axis=1)
        found[name] = -0.5 * (quadratic + log_determinant)
    return found


def leave_studies_out(likelihoods: dict[str, Floats], figures: Floats) -> list[LeftOut]:
    """Return what follows without each study, the most influential first.

    Parameters
    ----------
    likelihoods
        From `study_log_likelihoods`.
    figures
        (S, J) figures at the same draws.
    """
    import arviz

    mean, sd = figures.mean(axis=0), figures.std(axis=0)
    found = []
    for study, log_likelihood in likelihoods.items():
        log_weights, k = arviz.psislw(-log_likelihood)  # type: ignore[no-untyped-call]
        weights = np.exp(np.asarray(log_weights))
        weights = weights / weights.sum()
        shift = (weights @ figures - mean) / np.maximum(sd, 1e-12)
        found.append(LeftOut(study, float(k), shift, weights))
    return sorted(found, key=lambda left: -float(np.abs(left.shift).max()))


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
