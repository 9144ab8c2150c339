"""Numbers of a model: values in the package's units, and draws from their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mesospread.model.definition import Parameter
from mesospread.randomness import stream_id
from mesospread.units import MONTHS_PER_YEAR

#: half the width of a central 95 % normal interval, in standard deviations
_Z95 = 1.959963984540054

#: seed of the draws that every forecast averages over: they belong to the model, so that two
#: runs for one patient differ by their simulated histories alone
DRAWS_SEED = 1

Values = Mapping[str, float]
Floats = NDArray[np.float64]


def in_months(number: float, unit: str) -> float:
    """Convert a rate or a duration to the unit used inside: months.

    Parameters
    ----------
    number
        The number as written.
    unit
        ``per_year`` and ``years`` are converted; all other units stay.
    """
    if unit == "per_year":
        return number / MONTHS_PER_YEAR
    if unit == "years":
        return number * MONTHS_PER_YEAR
    return number


def central_values(parameters: Mapping[str, Parameter]) -> dict[str, float]:
    """Return the central value of every parameter, in months."""
    return {name: in_months(p.value, p.unit) for name, p in parameters.items()}


def from_months(number: float, unit: str) -> float:
    """Convert a rate or a duration from months to the unit in which it is written."""
    if unit == "per_year":
        return number * MONTHS_PER_YEAR
    if unit == "years":
        return number / MONTHS_PER_YEAR
    return number


@dataclass(frozen=True)
class Ranges:
    """The stated ranges of parameters, ready to draw from.

    A calibrated parameter has draws of its own, which belong together across parameters: draw
    ``k`` of all of them is draw ``k`` of the posterior, counted round. Every other
    parameter is drawn by itself: on the log scale, or on the logit scale for a
    probability, from a normal whose median is the value and whose 2.5 % and 97.5 %
    points are ``low`` and ``high`` (the two halves may differ in width). This is the
    uncertainty before calibration. A value or an edge at the end of its scale (0, or 1
    for a probability) is approached in a straight line and never passed.

    Attributes
    ----------
    names
        Of the parameters.
    middle, low, high
        (K,) on the scale on which they are drawn, in months.
    scale
        (K,) 0 straight, 1 log, 2 logit, for the lower and the upper half: (2, K).
    streams
        (K,) random streams.
    posterior
        Place of a calibrated parameter -> its draws, in months.
    """

    names: tuple[str, ...]
    middle: Floats
    low: Floats
    high: Floats
    scale: NDArray[np.int64]
    streams: NDArray[np.uint64]
    posterior: Mapping[int, Floats] = field(default_factory=dict)

    def draw(self, seed: int, number: int) -> dict[str, float]:
        """Return draw ``number`` of all values; each name has a number of its own."""
        (drawn,) = self.draws(seed, number, 1)
        return dict(zip(self.names, drawn.tolist(), strict=True))

    def draws(self, seed: int, first: int, n: int) -> Floats:
        """Return draws ``first`` to ``first + n - 1`` of all values, (n, K)."""
        # imported here: to read a definition neither numba nor scipy is needed
        from scipy.special import ndtri

        from mesospread.kernels.philox import stream_uniforms

        numbers = [np.uint64(first + k) for k in range(n)]
        uniforms = [stream_uniforms(np.uint64(seed), number, self.streams) for number in numbers]
        values = self.at_scores(ndtri(np.array(uniforms).reshape(n, -1)))
        for column, drawn in self.posterior.items():
            values[:, column] = drawn[np.arange(first, first + n) % drawn.size]
        return values

    def at_scores(self, z: Floats) -> Floats:
        """Return the values at standard normal scores, (n, K) to (n, K); 0 is the middle."""
        upper = z > 0
        edge = np.where(upper, self.high, self.low)
        scale = np.where(upper, self.scale[1], self.scale[0])
        part = np.abs(z) / _Z95
        straight = self.middle + (edge - self.middle) * np.minimum(part, 1.0)
        with np.errstate(all="ignore"):
            logarithmic = self.middle * (edge / self.middle) ** part
            odds = _odds(self.middle) * (_odds(edge) / _odds(self.middle)) ** part
            logistic = odds / (1.0 + odds)
        return np.select([scale == 1, scale == 2], [logarithmic, logistic], straight)


def _odds(p: Floats) -> Floats:
    odds: Floats = p / (1.0 - p)
    return odds


def ranges(parameters: Mapping[str, Parameter]) -> Ranges:
    """Return the ranges of parameters, to draw from."""
    rows = [[in_months(x, p.unit) for x in (p.value, p.low, p.high)] for p in parameters.values()]
    middle, low, high = np.array(rows).reshape(-1, 3).T
    is_probability = np.array([p.unit == "probability" for p in parameters.values()], bool)
    scale = np.empty((2, len(rows)), np.int64)
    for half, edge in enumerate((low, high)):
        inside = (middle > 0) & (edge > 0)
        within_one = (middle < 1) & (edge < 1)
        scale[half] = np.where(
            is_probability, np.where(inside & within_one, 2, 0), np.where(inside, 1, 0)
        )
    streams = [stream_id(f"parameter:{name}") for name in parameters]
    posterior = {
        column: np.array(parameter.draws)
        for column, parameter in enumerate(parameters.values())
        if parameter.draws
    }
    return Ranges(
        tuple(parameters), middle, low, high, scale, np.array(streams, np.uint64), posterior
    )


def draw_values(parameters: Mapping[str, Parameter], seed: int, number: int) -> dict[str, float]:
    """Draw one set of parameter values from their stated ranges; see `Ranges`."""
    return ranges(parameters).draw(seed, number)
