"""Run the simulator at many points of the parameter space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.calibrate.space import Space
from mesospread.studies.many import predict_many
from mesospread.studies.predict import Protocols
from mesospread.studies.targets import Target, on_scale
from mesospread.studies.unstated import scores as unstated_scores
from mesospread.studies.unstated import slots

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wave:
    """Points and what the simulator says at them.

    Attributes
    ----------
    scores
        (M, K) of the fitted parameters.
    figures, errors
        (M, J) on the scale of comparison, with simulation error.
    unstated
        (M, U) scores of what the protocols of all studies do not state.
    own
        (J, U) which of them are about the study of a figure.
    """

    scores: Floats
    figures: Floats
    errors: Floats
    unstated: Floats
    own: NDArray[np.bool_]

    def joined(self, other: Wave) -> Wave:
        """Return both."""
        return Wave(
            np.concatenate([self.scores, other.scores]),
            np.concatenate([self.figures, other.figures]),
            np.concatenate([self.errors, other.errors]),
            np.concatenate([self.unstated, other.unstated]),
            self.own,
        )

    def finite(self) -> Wave:
        """Return the points at which every figure could be worked out."""
        keep = np.isfinite(self.figures).all(axis=1)
        return Wave(
            self.scores[keep], self.figures[keep], self.errors[keep], self.unstated[keep], self.own
        )


def run_wave(
    protocols: Protocols,
    space: Space,
    listed: Sequence[Target],
    scores: Floats,
    *,
    first_seed: int,
    workers: int = 2,
    progress: Callable[[int], None] = lambda done: None,
) -> Wave:
    """Simulate at every point, each with its own draw of what the protocols do not state.

    Parameters
    ----------
    protocols
        The studies.
    space
        Meaning of the scores.
    listed
        Figures that are wanted.
    scores
        (M, K).
    first_seed
        See `predict_many`.
    workers
        Processes.
    progress
        Called after each point.
    """
    found = predict_many(
        protocols,
        [space.values(z) for z in scores],
        first_seed=first_seed,
        unstated=True,
        workers=workers,
        progress=progress,
    )
    numbers = range(first_seed, first_seed + len(scores))
    about = np.array([study for study, _ in slots(protocols.studies)], dtype=object)
    figures, errors = zip(*(on_scale(listed, predicted) for predicted in found), strict=True)
    return Wave(
        scores,
        np.array(figures),
        np.array(errors),
        unstated=np.array([unstated_scores(protocols.studies, number) for number in numbers]),
        own=np.array([about == target.study.study for target in listed]).astype(bool),
    )
