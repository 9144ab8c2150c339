"""The parameters that are fitted, as standard normal scores under the prior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.model.definition import Parameter
from mesospread.model.parameters import Ranges, ranges
from mesospread.studies.predict import Protocols

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Space:
    """Parameters that move a figure of the studies, and those that do not.

    The prior of every parameter is its stated range: a normal on the log scale (logit for a
    chance) whose central 95 % is ``low`` to ``high``. A score z of a parameter is its place
    in that prior, so the prior of all scores is the standard normal.

    Attributes
    ----------
    names
        Of the fitted parameters, (K,).
    prior
        Ranges of all parameters.
    columns
        Places of the fitted ones among all, (K,).
    """

    names: tuple[str, ...]
    prior: Ranges
    columns: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of fitted parameters, K."""
        return len(self.names)

    def values(self, z: Floats) -> dict[str, float]:
        """Return the values of all parameters at scores (K,); the rest at their middle."""
        scores = np.zeros((1, len(self.prior.names)))
        scores[0, self.columns] = z
        (values,) = self.prior.at_scores(scores)
        return dict(zip(self.prior.names, values.tolist(), strict=True))

    def fitted_values(self, z: Floats) -> Floats:
        """Return the values of the fitted parameters, (n, K) to (n, K)."""
        scores = np.zeros((len(z), len(self.prior.names)))
        scores[:, self.columns] = z
        fitted: Floats = self.prior.at_scores(scores)[:, self.columns]
        return fitted


def whole_space(parameters: Mapping[str, Parameter]) -> Space:
    """Return the space in which every parameter is fitted."""
    prior = ranges(parameters)
    return Space(prior.names, prior, np.arange(len(prior.names)))


def active_space(protocols: Protocols, *, seed: int = 1) -> Space:
    """Return the space of those parameters that change a figure at all.

    Each is moved alone to the edge of its range, with the same random numbers: a parameter
    that a figure does not depend on leaves it the same to the last bit.

    Parameters
    ----------
    protocols
        With few lives: what is asked is whether anything changes, not by how much.
    seed
        Of the lives.
    """
    whole = whole_space(protocols.parameters)
    middle = _figures(protocols, whole, np.zeros(whole.size), seed)
    moved = []
    for k in range(whole.size):
        z = np.zeros(whole.size)
        z[k] = 2.0
        changed = _figures(protocols, whole, z, seed) != middle
        z[k] = -2.0
        moved.append(bool(changed.any() or (_figures(protocols, whole, z, seed) != middle).any()))
    columns = np.flatnonzero(moved)
    return Space(tuple(whole.names[c] for c in columns), whole.prior, columns)


def _figures(protocols: Protocols, space: Space, z: Floats, seed: int) -> Floats:
    found = protocols.predict(space.values(z), seed)
    figures: Floats = np.nan_to_num(np.array([p.value for p in found.values()]), nan=-1.0)
    return figures
