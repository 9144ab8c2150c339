"""The language in which a disease is written down: processes, routes, numbers.

A definition is data (TOML). This module says what may stand in it; ``load`` reads
it, ``structure`` resolves names, ``compile`` turns it into flat arrays.

Every value a route needs is either a number or the name of a parameter. The
parameters of a shipped disease carry value, range, unit and source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

Via = Literal[
    "growth",
    "direct",
    "lymphatic",
    "haematogenous",
    "outgrowth",
    "progression",
    "detection",
    "mortality",
    "response",
    "other",
]
Role = Literal[
    "extent", "nodes", "bloodstream", "site", "diagnosis", "treatment", "response", "death", "other"
]
#: rates and durations are converted to months; ``age_years`` stays in years
Unit = Literal[
    "per_month", "per_year", "ratio", "probability", "log_sd", "months", "years", "age_years"
]
Kind = Literal["observed", "derived", "elicited", "assumed"]


def _no_truth(value: object) -> object:
    """Refuse true and false, which Python counts as 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return value


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Number = Annotated[float, BeforeValidator(_no_truth), AfterValidator(_finite)]
NonNegative = Annotated[float, BeforeValidator(_no_truth), Field(ge=0), AfterValidator(_finite)]
Positive = Annotated[float, BeforeValidator(_no_truth), Field(gt=0), AfterValidator(_finite)]
#: a number, or the name of a parameter; ``{process}`` stands for the process of the step
Value = NonNegative | str
Probability = Annotated[float, Field(ge=0, le=1), AfterValidator(_finite)] | str


class Part(BaseModel):
    """Base of all parts of a definition: frozen, and no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Parameter(Part):
    """A number of the model with its range and its source.

    ``low`` and ``high`` bound a central 95 % range: what the value could plausibly
    be. In the files it expresses judgement; after calibration it is that of the draws.

    Attributes
    ----------
    prior
        Value, low and high as they stand in the file, if the parameter was calibrated.
    draws
        From the calibrated posterior, in months; those of all parameters belong together.
    """

    value: NonNegative
    low: NonNegative
    high: NonNegative
    unit: Unit
    kind: Kind
    sources: tuple[str, ...] = ()
    note: str = ""
    prior: SkipJsonSchema[tuple[float, float, float] | None] = None
    draws: SkipJsonSchema[tuple[float, ...]] = Field(default=(), exclude=True, repr=False)

    @model_validator(mode="after")
    def _ordered(self) -> Parameter:
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"low <= value <= high must hold, got {self.low}, {self.value}, {self.high}"
            )
        if self.unit == "probability" and self.high > 1:
            raise ValueError(f"a probability is at most 1, got high = {self.high}")
        if self.kind in ("observed", "derived") and not self.sources:
            raise ValueError(f"kind {self.kind!r} needs at least one source")
        if self.kind in ("elicited", "assumed") and not self.note:
            raise ValueError(f"kind {self.kind!r} needs a note that gives the reason")
        return self

    def widened(self, times: float) -> Parameter:
        """Return the parameter with a wider range, for use where the evidence is not its own.

        Each half of the range becomes ``times`` as wide on the scale on which it is drawn
        (log; logit for a probability). A range that touches the end of its scale widens in a
        straight line. A ratio that lies on one side of 1 stays there: what can only slow
        does not come to speed up.

        Parameters
        ----------
        times
            1 or more.
        """
        low = min(_three_digits(self._further(self.low, times)), self.low)
        high = max(_three_digits(self._further(self.high, times)), self.high)
        if self.unit == "ratio" and self.high <= 1:
            high = min(high, 1.0)
        if self.unit == "ratio" and self.low >= 1:
            low = max(low, 1.0)
        note = f"{self.note} Borrowed: the range is made {times:g} times as wide here.".strip()
        return self.model_copy(update={"low": low, "high": high, "note": note})

    def _further(self, edge: float, times: float) -> float:
        """Return an edge of the range, ``times`` as far from the value."""
        top = 1.0 if self.unit == "probability" else math.inf
        if min(self.value, edge) <= 0 or max(self.value, edge) >= top:
            return min(max(self.value + (edge - self.value) * times, 0.0), top)
        if self.unit == "probability":
            value, far = self.value / (1 - self.value), edge / (1 - edge)
            odds = float(value * (far / value) ** times)
            return odds / (1 + odds)
        return float(self.value * (edge / self.value) ** times)


def _three_digits(number: float) -> float:
    """Round to what a judged range can tell; a chance just below 1 stays below it."""
    rounded = float(f"{number:.3g}")
    return number if number < 1 <= rounded else rounded


class Include(Part):
    """A file whose tables and numbers are taken over; see `mesospread.model.include`.

    Attributes
    ----------
    file
        Name of a file in the same folder.
    widen
        1: the numbers are this disease's own as much as any other's. More: they come from
        another primary, and each range becomes so many times as wide.
    """

    file: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    widen: Annotated[float, BeforeValidator(_no_truth), Field(ge=1, le=10)] = 1.0


class File(Part):
    """What every file of a disease may hold, whatever else stands in it."""

    format: Literal[1]
    # the content after taking over is what counts, so this is no part of a fingerprint
    include: tuple[Include, ...] = Field(default=(), exclude=True)
    parameters: dict[Name, Parameter] = {}

    def with_parameters(self, changed: Mapping[str, Parameter]) -> Self:
        """Return the file with some parameters replaced."""
        return self.model_copy(update={"parameters": {**self.parameters, **changed}})

    def with_wider(self, times: Mapping[str, float]) -> Self:
        """Return the file with the ranges of some parameters widened."""
        wider = {
            name: p.widened(times[name]) if times.get(name, 1.0) > 1 else p
            for name, p in self.parameters.items()
        }
        return self.model_copy(update={"parameters": wider})


class Process(Part):
    """A ladder of levels, climbed one step at a time."""

    name: Name
    levels: Annotated[
        tuple[Name | Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")], ...],
        Field(min_length=2, max_length=64),
    ]
    role: Role = "other"
    start: str | None = None
    terminal: bool = False

    @model_validator(mode="after")
    def _levels(self) -> Process:
        if len(set(self.levels)) != len(self.levels):
            raise ValueError(f"level names must differ, got {', '.join(self.levels)}")
        if self.start is not None and self.start not in self.levels:
            raise ValueError(
                f"start {self.start!r} is not one of the levels {', '.join(self.levels)}"
            )
        return self


#: how the level of a parent multiplies a hazard: one or several levels in which the
#: route is open (1 there, 0 elsewhere), or a value per level (``otherwise`` for the rest)
Multiplier = str | tuple[str, ...] | dict[str, Value]


class Route(Part):
    """One way a step can happen: a base rate times a factor for each parent.

    Attributes
    ----------
    step
        ``"process.level"``: the level that is reached; ``"group.level"`` stands for
        the same step of every member of a group; a list for several.
    via
        The kind of route; treatments act on kinds.
    rate
        Base rate, in the definition's ``rate_unit``; or ``median_months``: the
        median wait if nothing multiplies it.
    each
        A group: the route is repeated for every member, with ``{member}`` in the
        rate and in ``when`` standing for it. So a hazard can add over many sites.
    when
        Multiplier by the level of each parent process.
    covariates
        Names of effects (``effects``) that multiply the rate.
    frailty
        Loadings on the patient's random effects: the rate is multiplied by
        ``frailty ** loading``.
    """

    step: str | tuple[str, ...]
    via: Via
    rate: Value | None = None
    median_months: Value | None = None
    each: str | None = None
    when: dict[str, Multiplier] = {}
    covariates: tuple[str, ...] = ()
    frailty: dict[str, Number | str] = {}

    @model_validator(mode="after")
    def _one_rate(self) -> Route:
        if (self.rate is None) == (self.median_months is None):
            raise ValueError("give either rate or median_months")
        return self


class ChanceByCovariate(Part):
    """A probability that differs between the levels of a covariate."""

    covariate: str
    values: dict[str, Probability]


class Action(Part):
    """What an intervention does at the moment it happens.

    ``process`` is put into level ``to`` if it stands at ``at_least`` or above (the
    start level if not given), with the given probability.
    """

    process: str
    to: str
    at_least: str | None = None
    probability: Probability | ChanceByCovariate = 1.0


class ScheduledStep(Part):
    """A step that happens at a time, not by chance.

    Attributes
    ----------
    step
        ``"process.level"``.
    after
        ``"start"``, or ``"process.level"`` whose first entry starts the wait.
    delay_months
        The wait; or ``background = true``: until death from other causes, by the life
        table for the patient's sex and ``age``, which is then the age at the moment the
        wait starts.
    actions
        What else happens then.
    """

    step: str
    after: str = "start"
    delay_months: Value | None = None
    background: bool = False
    actions: tuple[Action, ...] = ()

    @model_validator(mode="after")
    def _one_clock(self) -> ScheduledStep:
        if (self.delay_months is None) == (not self.background):
            raise ValueError("give either delay_months or background = true")
        return self


class Categorical(Part):
    """A covariate with named levels and their frequencies in the population."""

    levels: dict[str, Value]

    @model_validator(mode="after")
    def _two(self) -> Categorical:
        if len(self.levels) < 2:
            raise ValueError("a categorical covariate needs at least two levels")
        if not any(self.levels.values()):
            raise ValueError("at least one of the levels must have a weight above 0")
        return self


class Numeric(Part):
    """A covariate on a scale: a truncated normal distribution in the population."""

    mean: Number | str
    sd: Positive | str
    low: Number
    high: Number

    @model_validator(mode="after")
    def _ordered(self) -> Numeric:
        if not self.low < self.high:
            raise ValueError(f"low must be below high, got low = {self.low}, high = {self.high}")
        return self


class CategoricalEffect(Part):
    """Rate ratio by level of a categorical covariate; levels not named have ratio 1."""

    covariate: str
    ratios: dict[str, Value]


class NumericEffect(Part):
    """Rate ratio per ``per`` units of a numeric covariate above ``centre``."""

    covariate: str
    ratio: Positive | str
    per: Annotated[float, Field(gt=0)]
    centre: Number


def _is_categorical(value: object) -> str:
    """Tell the two kinds of covariates, and of effects, apart by the key only one has."""
    keys = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return "categorical" if "levels" in keys or "ratios" in keys else "numeric"


Covariate = Annotated[
    Annotated[Categorical, Tag("categorical")] | Annotated[Numeric, Tag("numeric")],
    Discriminator(_is_categorical),
]
Effect = Annotated[
    Annotated[CategoricalEffect, Tag("categorical")] | Annotated[NumericEffect, Tag("numeric")],
    Discriminator(_is_categorical),
]


class Frailty(Part):
    """A log-normal random effect of a patient with median 1."""

    log_sd: Value


class Definition(File):
    """A disease: its processes, the routes between their levels, and its population."""

    name: Name
    title: str
    primary: str | None = None
    note: str = ""
    rate_unit: Literal["per_month", "per_year"] = "per_month"
    process: Annotated[tuple[Process, ...], Field(min_length=1)]
    groups: dict[Name, tuple[str, ...]] = {}
    route: tuple[Route, ...] = ()
    schedule: tuple[ScheduledStep, ...] = ()
    covariates: dict[Name, Covariate] = {}
    effects: dict[Name, Effect] = {}
    frailty: dict[Name, Frailty] = {}
