"""Posteriors made up for a purpose, without simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mesospread.infer.posterior import REPLICATES, Posterior, Tally
from mesospread.infer.questions import CURVE_MONTHS, Question

MONTHS = np.array(CURVE_MONTHS, float)


def posterior_of(
    truths: Mapping[Question, float | Sequence[float]],
    weights: Sequence[float] = (1.0,),
    without: Mapping[str, float] | None = None,
) -> Posterior:
    """Return a posterior without simulation noise.

    Parameters
    ----------
    truths
        Answer to each question: one number, or one for each draw.
    weights
        Of the draws.
    without
        Label of each finding to how often the rest fits without it, relative to with it.
    """
    weight = np.repeat(np.array(weights, float)[:, None] / REPLICATES, REPLICATES, axis=1)
    answers_ = np.array([np.broadcast_to(t, len(weights)) for t in truths.values()]).T
    labels = without or {}
    tally = Tally(
        weight=weight,
        first=weight[:, :, None] * answers_[:, None, :],
        squares=float(weight.sum()) ** 2 / 1_000.0,
        without=np.array(list(labels.values())) * weight.sum(),
        paths=2_000,
    )
    return Posterior({q: k for k, q in enumerate(truths)}, tally, tuple(labels))


def alive(*curves: np.ndarray, option: tuple[str | int, ...] = ()) -> dict[Question, list[float]]:
    """Return the questions of survival curves, one for each draw."""
    return {(*option, "alive", m): [float(c[m]) for c in curves] for m in CURVE_MONTHS}


def falling(per_month: float) -> np.ndarray:
    return np.exp(-per_month * MONTHS)
