"""How well forecasts fit a table of patients: the answer in the shape in which it leaves."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class CohortPart(BaseModel):
    """Base of all parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Measured(CohortPart):
    """A measure with its 95 % interval; None where the data cannot tell."""

    estimate: float | None
    low: float | None
    high: float | None


class Fifth(CohortPart):
    """One of five groups of patients, in the order of their forecasts.

    Attributes
    ----------
    predicted
        Mean forecast share alive.
    observed
        Kaplan-Meier share alive.
    """

    patients: int
    died: int
    predicted: float
    observed: Measured


class AtMonths(CohortPart):
    """Forecasts of being alive at a time, beside what happened.

    Attributes
    ----------
    followed
        Patients who were alive and followed at that time.
    predicted
        Mean forecast share alive, and what was observed (Kaplan-Meier).
    slope
        Of the log odds of death on the forecast log odds: 1 is right, below 1 the forecasts
        lie too far apart, 0 they say nothing.
    shift
        Log odds by which forecasts of death are too low.
    brier, brier_null
        Mean squared error of the forecasts, and of the same forecast (Kaplan-Meier) for all.
    """

    months: float
    followed: int
    predicted: float
    observed: Measured
    slope: Measured
    shift: Measured
    brier: Measured
    brier_null: float
    fifths: list[Fifth]


class Subgroup(CohortPart):
    """Patients with one cell type: mean forecast beside what was observed, by month."""

    histology: str
    patients: int
    died: int
    predicted: dict[str, float]
    observed: dict[str, Measured]
    concordance: Measured


class ComparedScore(CohortPart):
    """A published score beside the forecasts, on the patients to whom it applies.

    Attributes
    ----------
    patients
        With all facts that the score needs.
    concordance, model, difference
        Harrell's index of the score and of the forecasts, and how much higher that of the
        forecasts is; None if the score does not apply.
    why_not
        Why it does not apply.
    """

    name: str
    source: str
    needs: str
    note: str
    patients: int
    concordance: Measured | None
    model: Measured | None
    difference: Measured | None
    why_not: str


class LeftOut(CohortPart):
    """A patient without a forecast, and why."""

    id: str
    reason: str


class CohortCheck(CohortPart):
    """How well forecasts made at diagnosis fit what became of the patients of a table.

    Attributes
    ----------
    patients, died
        Patients with a forecast and a known outcome, and deaths among them.
    unknown_outcome
        Patients of whom it is not known what became.
    refused
        Patients whose facts contradict each other or the model.
    later_facts
        Facts that came after the day of the forecast and were not used.
    median_follow_up_months
        Of those who are alive or lost (reverse Kaplan-Meier); None if most have died.
    harrell, uno
        Concordance; Uno's up to the horizon.
    deaths_expected
        By the forecasts, while followed.
    deaths_ratio
        Observed deaths over expected ones; its interval is exact for a Poisson count.
    brier, brier_null, skill
        Integrated to the horizon; skill: 1 is perfect, 0 no better than one curve for all.
    interval_is
        What the intervals are.
    """

    source: str
    software: str
    posterior: str | None
    primaries: list[str]
    seed: int
    precision: str
    life_table: str
    patients: int
    died: int
    unknown_outcome: int
    refused: list[LeftOut]
    later_facts: int
    median_follow_up_months: float | None
    horizon_months: float
    harrell: Measured
    uno: Measured
    deaths_expected: float
    deaths_ratio: Measured
    brier: Measured
    brier_null: float
    skill: Measured
    at: list[AtMonths]
    by_histology: list[Subgroup]
    scores: list[ComparedScore]
    interval_is: str
