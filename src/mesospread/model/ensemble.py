"""One disease under many parameter draws at once: every number a column over the draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mesospread.model.compiled import Group, Plan, check_numbers
from mesospread.model.definition import Categorical, ChanceByCovariate, Value
from mesospread.model.parameters import in_months
from mesospread.model.structure import FlatRoute, Structure

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ensemble:
    """A planned disease and the values of its parameters in ``D`` draws.

    Attributes
    ----------
    plan
        Of the disease.
    values
        Parameter name to its draws (D,), in months.
    n_draws
        ``D``.
    """

    plan: Plan
    values: Mapping[str, Floats]
    n_draws: int

    @property
    def structure(self) -> Structure:
        """The disease."""
        return self.plan.structure

    @cached_property
    def rates(self) -> Floats:
        """Base rates per month, (D, R), in the order of the tables."""
        return self._checked(self._rate(route) for route in self.plan.rates)

    @cached_property
    def multipliers(self) -> Floats:
        """Multipliers by level, (D, M), in the order of the tables."""
        return self._checked(self._column(value) for value in self.plan.multipliers)

    def per_patient(self, n_each: int) -> PatientNumbers:
        """Return the numbers of patients, ``n_each`` for every draw in turn."""
        return PatientNumbers(self, np.repeat(np.arange(self.n_draws), n_each))

    def of_draws(self, draw: NDArray[np.int64]) -> PatientNumbers:
        """Return the numbers of patients whose draws are given, (n,)."""
        return PatientNumbers(self, draw)

    def _column(self, value: Value) -> Floats | float:
        return self.values[value] if isinstance(value, str) else float(value)

    def _rate(self, route: FlatRoute) -> Floats | float:
        if route.median_months is not None:
            with np.errstate(divide="ignore"):
                rate: Floats | float = np.log(2.0) / np.asarray(self._column(route.median_months))
                return rate
        assert route.rate is not None
        if isinstance(route.rate, str):
            return self._column(route.rate)
        return in_months(route.rate, self.structure.rate_unit)

    def _checked(self, columns: Iterable[Floats | float]) -> Floats:
        rows = [np.broadcast_to(column, self.n_draws) for column in columns]
        numbers = np.ascontiguousarray(np.array(rows).T)
        check_numbers(self.structure, numbers)
        return numbers


class PatientNumbers:
    """The numbers of an ensemble, one for each patient: what `draw_patients` asks for.

    Parameters
    ----------
    ensemble
        Disease and draws.
    draw
        (n,) draw of each patient.
    """

    def __init__(self, ensemble: Ensemble, draw: NDArray[np.int64]) -> None:
        self.structure = ensemble.structure
        self.groups = tuple(
            Group(covariates, loadings) for covariates, loadings in ensemble.plan.groups
        )
        self.delays = ensemble.plan.delays
        self.chances = tuple(self._chance(chance) for chance in ensemble.plan.chances)
        self._values = ensemble.values
        self._draw = draw
        self._known: dict[str, Floats] = {}

    def number(self, value: Value) -> Floats | float:
        """Return a number, or the draws of the parameter it names, one per patient (n,)."""
        if not isinstance(value, str):
            return float(value)
        if value not in self._known:
            self._known[value] = self._values[value][self._draw]
        return self._known[value]

    def _chance(self, chance: Value | ChanceByCovariate) -> Value | tuple[str, tuple[Value, ...]]:
        if not isinstance(chance, ChanceByCovariate):
            return chance
        covariate = self.structure.definition.covariates[chance.covariate]
        assert isinstance(covariate, Categorical)
        return chance.covariate, tuple(chance.values[level] for level in covariate.levels)
