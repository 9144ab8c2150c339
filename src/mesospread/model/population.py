"""Draw patients: covariates, frailty, and what they do to the hazards.

Each draw is keyed by (seed, patient, name), like the clocks, so a cohort is the
same for any sharding and two treatment arms consist of the same people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mesospread.errors import InputError, unknown_name
from mesospread.evidence.lifetable import load_life_table
from mesospread.kernels.philox import uniforms
from mesospread.model.compiled import Group
from mesospread.model.definition import Categorical, CategoricalEffect, Numeric, Value
from mesospread.model.structure import Structure
from mesospread.randomness import stream_id

#: name to (n,) array: level index for a categorical covariate, the value else
Covariates = Mapping[str, NDArray[np.float64] | NDArray[np.int64]]


class Numbers(Protocol):
    """A disease with values: one for all patients, or one for each, shape (n,).

    `CompiledModel` is of the first kind, `PatientNumbers` of the second.
    """

    @property
    def structure(self) -> Structure:
        """The disease."""

    @property
    def groups(self) -> Sequence[Group]:
        """Columns of the patient factors."""

    @property
    def delays(self) -> Sequence[Value | None]:
        """Of the scheduled steps; None for background mortality."""

    @property
    def chances(self) -> Sequence[Value | tuple[str, Sequence[Value]]]:
        """Of each action."""

    def number(self, value: Value) -> float | NDArray[np.float64]:
        """Return a number: itself, or the value of the parameter it names."""


@dataclass(frozen=True)
class Patients:
    """A block of consecutive patients.

    Attributes
    ----------
    first
        Number of the first patient in the cohort.
    covariates
        Name to (n,) array: level index for a categorical covariate, the value else.
    frailty
        Name to (n,) array: standard normal score.
    factors
        (n, G) factors of the hazards.
    delays_months
        (n, D) waits of the scheduled steps.
    chances
        (n, A) probabilities of the actions.
    life_table
        Population whose background mortality applies.
    """

    first: int
    covariates: Covariates
    frailty: Mapping[str, NDArray[np.float64]]
    factors: NDArray[np.float64]
    delays_months: NDArray[np.float64]
    chances: NDArray[np.float64]
    life_table: str = "uk"

    @property
    def n(self) -> int:
        """Number of patients."""
        return len(self.factors)


def draw_patients(
    compiled: Numbers,
    *,
    seed: int,
    first: int,
    n: int,
    fixed: Mapping[str, str | float] | None = None,
    life_table: str = "uk",
) -> Patients:
    """Draw a block of patients.

    Parameters
    ----------
    compiled
        The model.
    seed
        Of the cohort, at most 64 bits.
    first, n
        The block is patients ``first`` to ``first + n - 1``.
    fixed
        Covariates that are known: a level name, or a number. All others are drawn
        from the population of the definition.
    life_table
        Population whose background mortality applies.

    Raises
    ------
    InputError
        If a fixed covariate or level is not in the definition.
    """
    covariates, frailty = draw_people(compiled, seed=seed, first=first, n=n, fixed=fixed)
    return Patients(
        first=first,
        covariates=covariates,
        frailty=frailty,
        factors=patient_factors(compiled, covariates, frailty, n),
        delays_months=patient_delays(compiled, covariates, seed, first, n, life_table),
        chances=patient_chances(compiled, covariates, n),
        life_table=life_table,
    )


def draw_people(
    compiled: Numbers,
    *,
    seed: int,
    first: int,
    n: int,
    fixed: Mapping[str, str | float] | None = None,
    uniform: Mapping[str, NDArray[np.float64]] | None = None,
) -> tuple[Covariates, dict[str, NDArray[np.float64]]]:
    """Draw the covariates and frailty scores of a block of patients; see `draw_patients`.

    Parameters
    ----------
    uniform
        Uniforms (n,) to use for what is named here (see `people_names`), not those keyed by
        seed and patient.

    Returns
    -------
    covariates, frailty
        As in `Patients`.
    """
    fixed = fixed or {}
    spec = compiled.structure.definition.covariates
    for name in fixed:
        if name not in spec:
            raise unknown_name("covariate", name, spec)
    draw = _Uniforms(seed, first, n, uniform or {})
    covariates = {
        name: _covariate(compiled, name, covariate, draw, fixed.get(name))
        for name, covariate in spec.items()
    }
    frailty = {
        name: _ndtri(draw(f"frailty:{name}")) for name in compiled.structure.definition.frailty
    }
    return covariates, frailty


def people_names(structure: Structure, fixed: Mapping[str, str | float]) -> tuple[str, ...]:
    """Return what is drawn for each patient: scores of frailty, and unknown covariates."""
    definition = structure.definition
    return (
        *(f"frailty:{name}" for name in definition.frailty),
        *(f"covariate:{name}" for name in definition.covariates if name not in fixed),
    )


@dataclass(frozen=True)
class _Uniforms:
    """Uniforms of a block of patients by name: given, or keyed by seed and patient."""

    seed: int
    first: int
    n: int
    given: Mapping[str, NDArray[np.float64]]

    def __call__(self, name: str) -> NDArray[np.float64]:
        if name in self.given:
            return self.given[name]
        return _uniform(name, self.seed, self.first, self.n)


def _uniform(name: str, seed: int, first: int, n: int) -> NDArray[np.float64]:
    drawn = uniforms(np.uint64(seed), np.uint64(first), n, np.uint64(stream_id(name)), np.uint64(0))
    column: NDArray[np.float64] = drawn[:, 0]
    return column


def _ndtri(u: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtri

    score: NDArray[np.float64] = ndtri(u)
    return score


def _covariate(
    compiled: Numbers,
    name: str,
    covariate: Categorical | Numeric,
    draw: _Uniforms,
    fixed: str | float | None,
) -> NDArray[np.float64] | NDArray[np.int64]:
    if isinstance(covariate, Categorical):
        levels = list(covariate.levels)
        if fixed is not None:
            level = f"{fixed:g}" if isinstance(fixed, float | int) else str(fixed)
            if level not in levels:
                raise unknown_name(f"level of {name}", level, levels)
            return np.full(draw.n, levels.index(level))
        weights = [np.asarray(compiled.number(w)) for w in covariate.levels.values()]
        u = draw(f"covariate:{name}")
        edges = np.cumsum(np.array(np.broadcast_arrays(*weights)) / sum(weights), axis=0)[:-1]
        return np.asarray(np.sum([edge <= u for edge in edges], axis=0, dtype=np.int64))
    if fixed is not None:
        try:
            value = float(fixed)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise InputError(f"{name} must be a number", where=name, given=str(fixed))
        return np.full(draw.n, value)
    return _truncated_normal(compiled, name, covariate, draw)


def _truncated_normal(
    compiled: Numbers, name: str, covariate: Numeric, draw: _Uniforms
) -> NDArray[np.float64]:
    from scipy.special import ndtr

    mean, sd = compiled.number(covariate.mean), compiled.number(covariate.sd)
    low, high = compiled.number(covariate.low), compiled.number(covariate.high)
    below, above = ndtr((low - mean) / sd), ndtr((high - mean) / sd)
    u = draw(f"covariate:{name}")
    return mean + sd * _ndtri(below + u * (above - below))


def patient_factors(
    compiled: Numbers,
    covariates: Covariates,
    frailty: Mapping[str, NDArray[np.float64]],
    n: int,
) -> NDArray[np.float64]:
    """Return exp(covariates . beta) * frailty for every group of routes, shape (n, G)."""
    definition = compiled.structure.definition
    factors = np.empty((n, len(compiled.groups)))
    effect_of: dict[str, NDArray[np.float64]] = {}
    for name, effect in definition.effects.items():
        x = covariates[effect.covariate]
        if isinstance(effect, CategoricalEffect):
            spec = definition.covariates[effect.covariate]
            assert isinstance(spec, Categorical)
            ratios = [compiled.number(effect.ratios.get(k, 1.0)) for k in spec.levels]
            effect_of[name] = _pick(ratios, x)
        else:
            exponent = (x - effect.centre) / effect.per
            effect_of[name] = np.asarray(compiled.number(effect.ratio) ** exponent)
    for g, group in enumerate(compiled.groups):
        factor = np.ones(n)
        for name in group.covariates:
            factor = factor * effect_of[name]
        for name, loading in group.loadings:
            log_sd = compiled.number(definition.frailty[name].log_sd)
            factor = factor * np.exp(compiled.number(loading) * log_sd * frailty[name])
        factors[:, g] = factor
    return factors


def patient_delays(
    compiled: Numbers,
    covariates: Covariates,
    seed: int,
    first: int,
    n: int,
    life_table: str,
) -> NDArray[np.float64]:
    """Return the waits of the scheduled steps of every patient, (n, D) months."""
    delays = np.empty((n, len(compiled.delays)))
    for column, delay in enumerate(compiled.delays):
        if delay is not None:
            delays[:, column] = compiled.number(delay)
            continue
        sex = compiled.structure.definition.covariates["sex"]
        assert isinstance(sex, Categorical)
        is_male = covariates["sex"] == list(sex.levels).index("male")
        clock = -np.log(_uniform("background:mortality", seed, first, n))
        delays[:, column] = load_life_table(life_table).time_to_background_death_months(
            np.asarray(covariates["age"], np.float64), is_male, clock
        )
    return delays


def patient_chances(
    compiled: Numbers,
    covariates: Covariates,
    n: int,
) -> NDArray[np.float64]:
    """Return the probability of every action for every patient, (n, A)."""
    chances = np.empty((n, len(compiled.chances)))
    for column, chance in enumerate(compiled.chances):
        if isinstance(chance, tuple):
            covariate, by_level = chance
            choices = [compiled.number(value) for value in by_level]
            chances[:, column] = _pick(choices, covariates[covariate])
        else:
            chances[:, column] = compiled.number(chance)
    return chances


def _pick(
    choices: Sequence[float | NDArray[np.float64]], index: NDArray[np.float64] | NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return for each patient the choice that belongs to it, each one number or (n,)."""
    picked: NDArray[np.float64] = np.choose(
        index.astype(np.int64), [np.asarray(choice) for choice in choices]
    )
    return picked
