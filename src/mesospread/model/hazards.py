"""The hazard formula, written once more as plainly as possible.

    hazard(step) = sum over routes of  rate * product over parents of multiplier[level]
                   * product of covariate ratios * exp(sum of loading * log_sd * score)

The compiled tables do the same in flat arrays; the oracles in ``exact`` use this
form, so that a fault in compiling shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mesospread.model.compiled import Numbers
from mesospread.model.definition import Categorical, CategoricalEffect, ChanceByCovariate, Value
from mesospread.model.parameters import Values, central_values
from mesospread.model.structure import FlatRoute, Structure


@dataclass(frozen=True)
class Person:
    """What is known of one simulated person.

    Attributes
    ----------
    covariates
        Level name of a categorical covariate, or the number.
    frailty
        Standard normal score of each random effect; 0 if not given.
    """

    covariates: Mapping[str, str | float] = field(default_factory=dict)
    frailty: Mapping[str, float] = field(default_factory=dict)


class PlainHazards:
    """Hazards of one person.

    Parameters
    ----------
    structure
        The disease.
    person
        Covariates and random effects.
    values
        Parameter values in months; the central ones if not given.
    """

    def __init__(
        self, structure: Structure, person: Person | None = None, values: Values | None = None
    ) -> None:
        self.structure = structure
        self.person = person or Person()
        self.number = Numbers(
            structure, central_values(structure.parameters) if values is None else values
        )

    def step(self, process: int, levels: Sequence[int]) -> float:
        """Return the hazard, per month, that a process leaves its present level."""
        return sum(
            self.route(route, levels)
            for route in self.structure.routes
            if route.process == process and route.level == levels[process]
        )

    def route(self, route: FlatRoute, levels: Sequence[int]) -> float:
        """Return the hazard of one route per month, given the levels of all processes."""
        hazard = self.number.rate_per_month(route) * self.factor(route)
        for term in route.terms:
            hazard *= self.number(term.values[levels[term.parent]])
        return hazard

    def chance(self, probability: Value | ChanceByCovariate) -> float:
        """Return the probability of an action for this person."""
        if isinstance(probability, ChanceByCovariate):
            level = str(self.person.covariates[probability.covariate])
            return self.number(probability.values[level])
        return self.number(probability)

    def factor(self, route: FlatRoute) -> float:
        """Return what covariates and random effects multiply a route with."""
        definition = self.structure.definition
        factor = 1.0
        for name in route.covariates:
            effect = definition.effects[name]
            x = self.person.covariates[effect.covariate]
            if isinstance(effect, CategoricalEffect):
                assert isinstance(definition.covariates[effect.covariate], Categorical)
                factor *= self.number(effect.ratios.get(str(x), 1.0))
            else:
                factor *= self.number(effect.ratio) ** ((float(x) - effect.centre) / effect.per)
        for name, loading in route.frailty:
            log_sd = self.number(definition.frailty[name].log_sd)
            factor *= math.exp(self.number(loading) * log_sd * self.person.frailty.get(name, 0.0))
        return factor
