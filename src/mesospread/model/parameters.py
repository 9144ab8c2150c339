"""Numbers of a model: values in the package's units, and draws from their ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mesospread.model.definition import Parameter
from mesospread.randomness import stream_id, uniform
from mesospread.units import MONTHS_PER_YEAR

#: half the width of a central 95 % normal interval, in standard deviations
_Z95 = 1.959963984540054

Values = Mapping[str, float]


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


def draw_values(parameters: Mapping[str, Parameter], seed: int, draw: int) -> dict[str, float]:
    """Draw one set of parameter values from their stated ranges.

    Each parameter is drawn by itself: on the log scale, or on the logit scale for a
    probability, from a normal whose median is the value and whose 2.5 % and 97.5 %
    points are ``low`` and ``high`` (the two halves may differ in width). This is the
    uncertainty before calibration.

    Parameters
    ----------
    parameters
        By name.
    seed, draw
        Each (seed, draw, name) gives one number, whatever else is drawn.
    """
    values = {}
    for name, parameter in parameters.items():
        z = _normal_quantile(uniform(seed, draw, stream_id(f"parameter:{name}"), 0))
        values[name] = in_months(_shifted(parameter, z), parameter.unit)
    return values


def _shifted(parameter: Parameter, z: float) -> float:
    """Return the value ``z`` standard deviations away from the median."""
    edge = parameter.high if z > 0 else parameter.low
    if edge == parameter.value or parameter.value <= 0:
        return parameter.value
    if parameter.unit == "probability":
        if edge <= 0 or edge >= 1 or parameter.value >= 1:
            return parameter.value + (edge - parameter.value) * min(abs(z) / _Z95, 1.0)
        shift = abs(z) / _Z95 * (_logit(edge) - _logit(parameter.value))
        return 1.0 / (1.0 + math.exp(-(_logit(parameter.value) + shift)))
    if edge <= 0:
        return parameter.value * max(1.0 - abs(z) / _Z95, 0.0)
    return float(parameter.value * (edge / parameter.value) ** (abs(z) / _Z95))


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def _normal_quantile(u: float) -> float:
    # imported here: scipy is not needed to read a definition
    from scipy.special import ndtri

    return float(ndtri(u))
