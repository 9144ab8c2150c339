"""What a study does not state about its protocol, as ranges, and draws from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from mesospread.model.definition import NonNegative, Part
from mesospread.randomness import stream_id, uniform

Floats = NDArray[np.float64]

#: half the width of a central 95 % normal interval, in standard deviations
_Z95 = 1.959963984540054
#: a range wider than this says that nothing is known, and leaves few lives with weight
MAX_FACTOR = 20.0
MAX_YEARS = 20.0
MAX_MONTHS = 24.0


def _factor(value: float) -> float:
    if not 1.0 <= value <= MAX_FACTOR:
        raise ValueError(
            f"a factor in either direction must lie between 1 (stated) and {MAX_FACTOR:g}"
        )
    return value


Factor = Annotated[
    NonNegative,
    Field(json_schema_extra={"minimum": 1.0, "maximum": MAX_FACTOR}),
    AfterValidator(_factor),
]


class Unstated(Part):
    """What the paper leaves open: central 95 % ranges around what the file assumes.

    A factor of 1, or 0 years or months, says: it is stated. A factor of 2 says: half as much
    to twice as much.

    Attributes
    ----------
    entry_factor
        The median time of entry may be longer or shorter by this factor.
    entry_later_months
        People may have come in later than assumed, by anything up to so many months.
    age_years
        The mean age may be higher or lower by so much.
    fitness_odds
        The odds of performance status k or better, for every k, may be off by this factor.
    histology_odds
        The same for cell types, in the order of the model (epithelioid first).
    treated_odds
        The share of an arm may be off by this factor for each of its treatments: with two
        arms, treated and not, the odds of treatment.
    eyes_odds
        The odds that this study's readers found tumour that examinations can find, for every
        site, and of reporting a higher category, for every category.
    distant_odds
        People with visible spread to distant sites at entry may have been so many times more,
        or less, likely to come into the study.
    why
        What the sources do not say.
    """

    entry_factor: Factor = 1.0
    entry_later_months: Annotated[NonNegative, Field(le=MAX_MONTHS)] = 0.0
    age_years: Annotated[NonNegative, Field(le=MAX_YEARS)] = 0.0
    fitness_odds: Factor = 1.0
    histology_odds: Factor = 1.0
    treated_odds: Factor = 1.0
    eyes_odds: Factor = 1.0
    distant_odds: Factor = 1.0
    why: str = ""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.fields() and not self.why.strip():
            raise ValueError("say in 'why' what the sources do not state")
        return self

    def fields(self) -> tuple[str, ...]:
        """Return the names of what is not stated, in the order above."""
        return tuple(
            name
            for name, field in type(self).model_fields.items()
            if name != "why" and getattr(self, name) != field.default
        )


@dataclass(frozen=True)
class Departure:
    """How a study departs from what its file assumes; all zero: not at all.

    Attributes
    ----------
    entry
        Log factor of the time of entry.
    later_months, age_years
        Added to the time of entry, and to the mean age.
    fitness, histology, treated, eyes, distant
        Log odds; see `Unstated`.
    """

    entry: float = 0.0
    later_months: float = 0.0
    age_years: float = 0.0
    fitness: float = 0.0
    histology: float = 0.0
    treated: float = 0.0
    eyes: float = 0.0
    distant: float = 0.0


#: the protocol as the file has it
AS_ASSUMED = Departure()


class _Named(Protocol):
    """A study: its name, and what it does not state."""

    @property
    def study(self) -> str: ...

    @property
    def unstated(self) -> Unstated: ...


def slots(studies: Sequence[_Named]) -> list[tuple[str, str]]:
    """Return study and field of everything that some studies do not state, (U,)."""
    return [(s.study, field) for s in studies for field in s.unstated.fields()]


def score(study: str, field: str, number: int) -> float:
    """Return the standard normal score of one unstated thing in one draw.

    It depends on the names and the number of the draw alone: what other studies or other
    fields there are changes nothing.
    """
    from scipy.special import ndtri

    return float(ndtri(uniform(number, 0, stream_id(f"unstated/{study}/{field}"), 0)))


def scores(studies: Sequence[_Named], number: int) -> Floats:
    """Return the scores of all `slots` in one draw, (U,)."""
    return np.array([score(study, field, number) for study, field in slots(studies)])


def drawn(study: _Named, number: int) -> Departure:
    """Return how a study departs from its file in one draw."""
    from scipy.special import ndtr

    open_ = study.unstated
    z = {field: score(study.study, field, number) for field in open_.fields()}

    def log_factor(field: str) -> float:
        return z.get(field, 0.0) * math.log(getattr(open_, field)) / _Z95

    later = open_.entry_later_months * float(ndtr(z.get("entry_later_months", 0.0)))
    return Departure(
        entry=log_factor("entry_factor"),
        later_months=later,
        age_years=z.get("age_years", 0.0) * open_.age_years / _Z95,
        fitness=log_factor("fitness_odds"),
        histology=log_factor("histology_odds"),
        treated=log_factor("treated_odds"),
        eyes=log_factor("eyes_odds"),
        distant=log_factor("distant_odds"),
    )


def with_odds(chance: Floats, log_odds: float) -> Floats:
    """Return chances whose odds are multiplied; 0 and 1 stay as they are."""
    if log_odds == 0.0:
        return chance
    raised = chance * math.exp(log_odds)
    moved: Floats = raised / (1.0 - chance + raised)
    return moved


def towards_first(shares: Floats, log_odds: float) -> Floats:
    """Return shares of ordered levels, (..., L), with the odds of "this or less" multiplied."""
    if log_odds == 0.0:
        return shares
    total = shares.sum(axis=-1, keepdims=True)
    up_to = np.clip(np.cumsum(shares, axis=-1)[..., :-1] / np.where(total > 0, total, 1.0), 0, 1)
    moved = with_odds(up_to, log_odds)
    edge = np.ones((*shares.shape[:-1], 1))
    shifted = np.diff(np.concatenate([0.0 * edge, moved, edge], axis=-1), axis=-1)
    found: Floats = np.maximum(shifted, 0.0) * total
    return found
