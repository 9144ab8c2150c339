"""A patient as if one background fact were not known, or one treatment had not been given.

What is not known is drawn, and every draw takes a coordinate of the random points. So that all
patients who are compared share theirs, stated facts are drawn too, from a population in which
everybody is as stated; and a treatment that was not given is one that never begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from mesospread.infer.timeline import Timeline
from mesospread.model.definition import Categorical, Covariate, Numeric
from mesospread.model.structure import Structure

#: months after diagnosis of what never comes: beyond every life
_NEVER_MONTHS = 1e6
#: years about a stated age within which everybody is
_SAME_AGE_YEARS = 1e-6


@dataclass(frozen=True)
class LeftOut:
    """A patient without one fact.

    Attributes
    ----------
    fact, value, left_out
        As in `FactInfluence`.
    timeline
        All else that is known.
    """

    fact: str
    value: str
    left_out: Literal["not known", "not given"]
    timeline: Timeline


def as_stated(timeline: Timeline) -> Timeline:
    """Return the same patient, with all stated facts drawn from people who are as stated."""
    stated = {
        name: _everybody(timeline.structure.definition.covariates[name], value)
        for name, value in timeline.fixed.items()
    }
    return replace(timeline, structure=_in_population(timeline.structure, stated), fixed={})


def without_fact(timeline: Timeline, name: str) -> Timeline:
    """Return the patient of `as_stated` as if one stated fact were not known."""
    usual = timeline.structure.definition.covariates[name]
    drawn = as_stated(timeline)
    return replace(drawn, structure=_in_population(drawn.structure, {name: usual}))


def without_treatment(timeline: Timeline, line: int, response: int | None) -> Timeline:
    """Return the patient of `as_stated` as if one treatment had not been given.

    Parameters
    ----------
    timeline
        The patient.
    line
        Which treatment, from 1.
    response
        Place among the responses of how it worked; None if that is not known.
    """
    structure = timeline.structure
    window = structure.position(f"treatment_{line}")
    schedule = tuple(
        replace(step, delay_months=_NEVER_MONTHS)
        if (step.process, step.level) == (window, 0)
        else step
        for step in structure.schedule
    )
    responses = tuple(one for k, one in enumerate(timeline.responses) if k != response)
    return as_stated(
        replace(timeline, structure=replace(structure, schedule=schedule), responses=responses)
    )


def _everybody(covariate: Covariate, value: str | float) -> Covariate:
    """Return the population in which everybody is as stated."""
    if isinstance(covariate, Categorical):
        return Categorical(levels={level: float(level == value) for level in covariate.levels})
    age = float(value)
    return Numeric(mean=age, sd=_SAME_AGE_YEARS, low=age - 1.0, high=age + 1.0)


def _in_population(structure: Structure, covariates: Mapping[str, Covariate]) -> Structure:
    """Return a disease among people of whom some facts are spread otherwise."""
    definition = structure.definition
    spread = {**definition.covariates, **covariates}
    return replace(structure, definition=definition.model_copy(update={"covariates": spread}))
