"""The answer for one patient, in the shape in which it leaves the program."""

from __future__ import annotations

from typing import Any, Literal

from mesospread.infer.band import COUNTED, CREDIBLE, OF_SURVIVAL, IntervalKind, Result
from mesospread.infer.band import Band as Band


class SiteForecast(Result):
    """One site: where it stands now, when it may be found, and by which route.

    A field ``x`` has its band in ``x_band``; one with several numbers has theirs, under the
    same names, in ``x_bands``. So it is in all parts of an answer.

    Attributes
    ----------
    now
        Probability of each level today.
    involved_now
        Probability of tumour of any size there today.
    visible_now
        Probability of tumour there today that is detectable or symptomatic.
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
    now_bands: dict[str, Band]
    involved_now: Band
    visible_now: Band
    by_month: dict[str, Band]
    routes: dict[str, float]
    routes_bands: dict[str, Band]
    next: float
    next_band: Band


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
    true_if_positive_band: Band
    involved_if_negative: float
    involved_if_negative_band: Band


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
    adds_band: Band
    left_behind: float
    left_behind_band: Band


class Cause(Result):
    """A possible cause of a symptom and the probability that it is at work."""

    cause: str
    label: str
    probability: float
    probability_band: Band


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

    Attributes
    ----------
    interval
        What kind of interval its bands are: wider than the others of an answer.
    median_months
        None if half are still alive at the end of the curve.
    curve, conditional
        The share alive by month, and for those who are alive then.
    """

    interval: IntervalKind = OF_SURVIVAL
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
    chance_band: Band
    distant_now: float
    distant_now_band: Band
    involved_now: dict[str, float]
    involved_now_bands: dict[str, Band]


class FactInfluence(Result):
    """What a background fact or a treatment does: all is worked out once more without it.

    Attributes
    ----------
    fact, value
        ``age``, ``histology``, …, or the treatment; what was stated, or the day it began.
    left_out
        As if the fact were ``not known``, or the treatment ``not given``.
    distant_now_band, involved_now_bands
        As in `Influence`; None, or empty, if without it the findings cannot be explained.
    distant_by_month
        Change of the probability that distant spread can be found by then.
    alive
        Change of survival by month; None unless it was asked for.
    """

    fact: str
    value: str
    left_out: Literal["not known", "not given"]
    distant_now_band: Band | None
    involved_now_bands: dict[str, Band]
    distant_by_month: dict[str, Band]
    alive: dict[str, Band] | None


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
    """Everything that follows for one patient.

    Attributes
    ----------
    no_new_site
        Probability that no further site becomes detectable within 24 months; with ``next`` of
        all sites it adds up to 1.
    interval
        What kind of interval the bands are.
    """

    patient: dict[str, Any]
    model: dict[str, Any]
    interval: IntervalKind = CREDIBLE
    stage: dict[str, Any]
    sites: list[SiteForecast]
    no_new_site: Band
    scans: list[ScanForecast]
    searches: list[SearchForecast]
    symptoms: list[SymptomForecast]
    survival: Survival | None
    influences: list[Influence] | None
    fact_influences: list[FactInfluence] | None = None
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
    """What a treatment is taken to do, and how good the evidence for just this is.

    ``ratio_band`` holds 95 % of the draws of the ratio; None if it is taken as a fixed number.
    ``among`` names the cell types (or other levels of a covariate) in which alone it holds;
    empty: in everybody.
    """

    treatment: str
    acts_on: list[str]
    among: list[str]
    holds: str
    ratio: float
    ratio_band: Band | None = None
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
    share_band, share_without_band
        Their intervals, of the kind `COUNTED`; None also if the study does not tell how many
        people were counted.
    death
        Whether it is about deaths.
    sources
        Identifiers of the published values.
    """

    treatment: str
    harm: str
    share: float | None
    share_band: Band | None = None
    share_without: float | None
    share_without_band: Band | None = None
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
    """One patient under several options from today on.

    Attributes
    ----------
    interval, harm_interval
        What kind of interval the bands are, and those of harms.
    """

    patient: dict[str, Any]
    model: dict[str, Any]
    interval: IntervalKind = CREDIBLE
    harm_interval: IntervalKind = COUNTED
    options: list[OptionForecast]
    evidence: list[EffectEvidence]
    harms: list[HarmEvidence]
    statements: list[str]
    readings: list[ReadingForecast]
    sources: list[dict[str, Any]]
    assumptions: list[str]
    diagnostics: Diagnostics
