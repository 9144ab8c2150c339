"""The answer for one patient, in the shape in which it leaves the program."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Result(BaseModel):
    """Base of all parts of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Band(Result):
    """An estimate with its 95 % credible band (from the spread of parameter draws)."""

    estimate: float
    low: float
    high: float


class SiteForecast(Result):
    """One site: where it stands now, when it may be found, and by which route.

    Attributes
    ----------
    now
        Probability of each level today.
    by_month
        Months from now to the probability, given alive now, that the site is or
        becomes detectable or symptomatic by then, death competing.
    routes
        By which route it was, or within 24 months will be, first seeded; sums to 1.
    next
        Probability that it is the next site to become detectable within 24 months.
    """

    site: str
    label: str
    distant: bool
    now: dict[str, float]
    involved_now: Band
    by_month: dict[str, Band]
    routes: dict[str, float]
    next: float


class ScanForecast(Result):
    """What one examination of one site would give today.

    Attributes
    ----------
    expected_yield
        Probability of a positive finding.
    true_if_positive
        Probability that the site is involved, given a positive finding.
    involved_if_negative
        Probability that it is involved all the same, given a negative one.
    """

    modality: str
    site: str
    label: str
    expected_yield: float
    low: float
    high: float
    true_if_positive: float
    involved_if_negative: float


class SearchForecast(Result):
    """One examination, or two in a row, of all distant sites not known to be involved.

    Attributes
    ----------
    modalities
        In this order; the first may be all.
    finds
        Probability that tumour which is there is found at one of these sites at least.
    adds
        Given that all but the last found nothing: probability that the last finds tumour.
    left_behind
        Given that none found anything: probability that tumour is there all the same.
    """

    modalities: list[str]
    finds: Band
    adds: float
    left_behind: float


class Cause(Result):
    """A possible cause of a symptom and the probability that it is at work."""

    cause: str
    label: str
    probability: float


class SymptomForecast(Result):
    """What a reported symptom probably comes from; causes may act together."""

    symptom: str
    causes: list[Cause]


class CurvePoint(Result):
    """The share alive at a month from now, with its 95 % credible band."""

    month: int
    alive: float
    low: float
    high: float


class ConditionalSurvival(Result):
    """What the curve becomes for those who are still alive at a month from now.

    ``alive`` maps further months to the share of them alive then.
    """

    given_alive_at_months: int
    alive: dict[str, Band]


class Survival(Result):
    """How long people like this live, from today.

    ``median_months`` is None if half are still alive at the end of the curve.
    """

    median_months: Band | None
    curve: list[CurvePoint]
    conditional: list[ConditionalSurvival]


class Influence(Result):
    """What one finding does to the answers: they are worked out once more without it.

    Attributes
    ----------
    finding
        Its name.
    chance
        Its probability, given everything else.
    distant_now
        Change of the probability of any distant spread today, of any size.
    involved_now
        By site, change of the probability that it is involved today; only changes beyond
        twice their simulation error.
    """

    finding: str
    chance: float
    distant_now: float
    involved_now: dict[str, float]


class Diagnostics(Result):
    """How well the computation went.

    Attributes
    ----------
    standard_error
        Largest simulation error of any probability of spread shown, for these parameter
        draws.
    draws_error
        Largest error of them from having these parameter draws and not others.
    paths
        Histories simulated.
    unexpected_findings
        Findings with less than 1 % probability given all others.
    """

    effective_sample_size: float
    standard_error: float
    draws_error: float
    paths: int
    unexpected_findings: list[str]


class Forecast(Result):
    """Everything that follows for one patient."""

    patient: dict[str, Any]
    model: dict[str, Any]
    stage: dict[str, Any]
    sites: list[SiteForecast]
    scans: list[ScanForecast]
    searches: list[SearchForecast]
    symptoms: list[SymptomForecast]
    survival: Survival | None
    influences: list[Influence] | None
    sources: list[dict[str, Any]]
    assumptions: list[str]
    diagnostics: Diagnostics


class SiteUnderOption(Result):
    """One site under one option: spread by each month, and the difference to the first option.

    Attributes
    ----------
    by_month
        As in `SiteForecast`.
    change
        Difference in probability to the first option (empty for the first itself);
        below zero means less spread.
    """

    site: str
    label: str
    by_month: dict[str, Band]
    change: dict[str, Band]


class OptionForecast(Result):
    """The future under one option; survival only if it was asked for."""

    treatment: str
    sites: list[SiteUnderOption]
    survival: Survival | None
    alive_change: dict[str, Band]


class EffectEvidence(Result):
    """What a treatment is taken to do, and how good the evidence for just this is."""

    treatment: str
    acts_on: list[str]
    holds: str
    ratio: float
    grade: str
    sources: list[str]
    note: str


class HarmEvidence(Result):
    """One of the main harms of a treatment, and how often it was counted.

    Attributes
    ----------
    share, share_without
        Share of people with it, 0 to 1, and in the comparison group of the same study; None
        if not counted, or about deaths when survival was not asked for.
    death
        Whether it is about deaths.
    sources
        Identifiers of the published values.
    """

    treatment: str
    harm: str
    share: float | None
    share_without: float | None
    death: bool
    sources: list[str]


class ReadingForecast(Result):
    """What would follow if a difference between treatments were read in one way.

    Attributes
    ----------
    there_by
        Probability by month that the site is large enough to be seen or felt.
    shows_by
        The same, or that scans show it all the same, since this reading says they do.
    """

    treatment: str
    site: str
    label: str
    reading: str
    there_by: dict[str, Band]
    shows_by: dict[str, Band]
    sources: list[str]
    note: str


class Comparison(Result):
    """One patient under several options from today on."""

    patient: dict[str, Any]
    model: dict[str, Any]
    options: list[OptionForecast]
    evidence: list[EffectEvidence]
    harms: list[HarmEvidence]
    statements: list[str]
    readings: list[ReadingForecast]
    sources: list[dict[str, Any]]
    assumptions: list[str]
    diagnostics: Diagnostics
