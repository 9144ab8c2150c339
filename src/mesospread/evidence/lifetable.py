"""Background mortality: the chance of dying of anything else, by age and sex."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesospread.errors import InputError, unknown_name
from mesospread.units import MONTHS_PER_YEAR

_SEXES = ("female", "male")


@dataclass(frozen=True, eq=False)
class LifeTable:
    """Death rates of a general population, constant within each year of age.

    Attributes
    ----------
    population
        ``uk`` or ``us``.
    title, period, source, licence, attribution
        Where the figures come from and how they may be used.
    age_years
        Ages at which each year starts, shape (n_ages,): 0, 1, …, 100.
    hazard_per_month
        Death rate in deaths per person-month, shape (2, n_ages); row 0 female, row 1 male.
        After the last age the last rate goes on.
    """

    population: str
    title: str
    period: str
    source: str
    licence: str
    attribution: str
    age_years: NDArray[np.float64]
    hazard_per_month: NDArray[np.float64]

    def cumulative_hazard(self, age_years: ArrayLike, is_male: ArrayLike) -> NDArray[np.float64]:
        """Return the hazard accumulated from birth to an age.

        Parameters
        ----------
        age_years
            Exact ages, not negative.
        is_male
            Truth values of a shape that broadcasts with ``age_years``.

        Returns
        -------
        Cumulative hazard (no unit), of the broadcast shape.

        Raises
        ------
        InputError
            If an age is negative or not finite.
        """
        ages, male = np.broadcast_arrays(
            _not_negative("age_years", age_years), np.asarray(is_male, dtype=np.int64)
        )
        year = np.minimum(ages.astype(np.int64), len(self.age_years) - 1)
        within_months = (ages - self.age_years[year]) * MONTHS_PER_YEAR
        total = self._at_birthdays()[male, year] + within_months * self.hazard_per_month[male, year]
        return np.asarray(total, dtype=np.float64)

    def time_to_background_death_months(
        self, age_years: ArrayLike, is_male: ArrayLike, unit_exponential: ArrayLike
    ) -> NDArray[np.float64]:
        """Return when each person would die of other causes.

        The exact inverse of the cumulative hazard: the hazard accumulated from the given age
        over the returned time equals ``unit_exponential``.

        Parameters
        ----------
        age_years
            Exact ages at time 0, not negative.
        is_male
            Truth values.
        unit_exponential
            Unit-exponential draws, not negative. The three arguments broadcast.

        Returns
        -------
        Times from now, in months, of the broadcast shape.

        Raises
        ------
        InputError
            If an age or a draw is negative or not finite.
        """
        ages, male, draws = np.broadcast_arrays(
            _not_negative("age_years", age_years),
            np.asarray(is_male, dtype=np.int64),
            _not_negative("unit_exponential", unit_exponential),
        )
        goal = self.cumulative_hazard(ages, male) + draws
        months = np.empty(goal.shape)
        for sex in (0, 1):
            chosen = male == sex
            at_birthdays = self._at_birthdays()[sex]
            year = np.searchsorted(at_birthdays, goal[chosen], side="right") - 1
            within_months = (goal[chosen] - at_birthdays[year]) / self.hazard_per_month[sex, year]
            months[chosen] = (self.age_years[year] - ages[chosen]) * MONTHS_PER_YEAR + within_months
        # Rounding may give -1e-13 for a draw of zero.
        return np.asarray(np.maximum(months, 0.0))

    def _at_birthdays(self) -> NDArray[np.float64]:
        """Return the cumulative hazard at each birthday, shape (2, n_ages)."""
        yearly = self.hazard_per_month[:, :-1] * MONTHS_PER_YEAR
        return np.hstack([np.zeros((2, 1)), np.cumsum(yearly, axis=1)])


@cache
def load_life_table(population: str = "uk") -> LifeTable:
    """Return the life table of a population.

    Parameters
    ----------
    population
        ``uk`` (Office for National Statistics, 2018 to 2020) or ``us`` (National Center for
        Health Statistics, 2014).

    Raises
    ------
    InputError
        If there is no table of that population.
    """
    folder = files("mesospread.evidence") / "data"
    described: dict[str, dict[str, Any]] = tomllib.loads(
        (folder / "lifetable.toml").read_text("utf-8")
    )
    if population not in described:
        raise unknown_name("population", population, described)
    with (folder / "lifetable.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["population"] == population]
    yearly = np.array(
        [[float(r["annual_death_probability"]) for r in rows if r["sex"] == s] for s in _SEXES]
    )
    ages = np.array([float(r["age_years"]) for r in rows if r["sex"] == "female"])
    hazard = -np.log1p(-yearly) / MONTHS_PER_YEAR
    for shared in (ages, hazard):
        shared.setflags(write=False)
    return LifeTable(population, age_years=ages, hazard_per_month=hazard, **described[population])


def _not_negative(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return values as floats, refusing negative and non-finite ones."""
    numbers = np.asarray(values, dtype=np.float64)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0.0))
    if wrong.any():
        raise InputError(
            f"{name} must be finite and not negative",
            given=str(numbers[wrong].flat[0]),
            allowed="0 or more",
            remedy="Correct the value and try again",
        )
    return numbers
