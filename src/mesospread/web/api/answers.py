"""What the API answers where the program itself has no model: the keys of ``--json``."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from mesospread.app.guide_numbers import ModelSays
from mesospread.infer.result import Band
from mesospread.model.definition import Parameter


class Answer(BaseModel):
    """Base of all answers. What is new in the program is told before it is named here."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Health(Answer):
    """That the server answers, and which version it is."""

    status: str
    version: str


class StageElsewhere(Answer):
    """What a stage may be in another edition."""

    edition: str
    name: str
    stages: list[str]
    combinations: list[tuple[str, str, str]]
    categories: str
    same_letters: str | None
    rule: str
    source: str


class StageAnswer(Answer):
    """The stage group, or None and all groups that are still possible."""

    stage: str | None
    possible: list[str]
    t: str | None
    n: str | None
    m: str | None
    edition: str
    basis: str
    primary: str
    rule: str
    source: str
    system: str
    current: bool
    means: dict[str, str]
    note: str
    elsewhere: list[StageElsewhere]
    forecast: str
    version: str


class RecordNote(Answer):
    """What became of a part of a record that was not simply taken over."""

    kind: str
    where: str
    what: str


class RecordAnswer(Answer):
    """A patient file made of a record: its keys, its text, and what was not taken over."""

    patient: dict[str, Any]
    toml: str
    notes: list[RecordNote]


class Source(Answer):
    """A published value: where it was read, how sure it is, and what it says."""

    id: str
    citation: str
    doi: str
    read_in: str
    confidence: str
    says: str


class PublishedFigure(Source):
    """A published value: what was counted in whom, where it stands, what it is used for."""

    locator: str
    population: str
    setting: str
    subject: str
    definition: str
    statistic: str
    n: float | None
    events: float | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    unit: str
    use: str


class ModelNumber(Parameter):
    """A number of the model with its range, its kind and its sources."""

    model_config = ConfigDict(extra="allow")

    name: str
    part: str


class EvidenceAnswer(Answer):
    """Numbers of the model, and the published values behind them."""

    primary: str
    parameters: list[ModelNumber]
    values: list[PublishedFigure]


class TopicName(Answer):
    """A topic of the guide."""

    id: str
    title: str


class TopicKind(Answer):
    """Topics of one kind."""

    kind: str
    label: str
    topics: list[TopicName]


class TopicList(Answer):
    """All topics by kind."""

    language: str
    kinds: list[TopicKind]


class RedFlag(Answer):
    """A sign of danger, and what to do about it."""

    urgency: str
    signs: str
    what_to_do: str
    advice: str


class Urgent(RedFlag):
    """Advice to be shown before anything else."""

    id: str
    language: str
    title: str


class Reading(Answer):
    """A page to read on."""

    id: str
    citation: str
    address: str
    read: str


class Passage(Answer):
    """What the guide says about a topic."""

    language: str
    id: str
    kind: str
    title: str
    plain: str
    red_flag: RedFlag | None
    questions_for_the_team: list[str]
    try_it: list[str]
    sources: list[Source]
    reading: list[Reading]


class FoundPassage(Passage):
    """A passage that answers a question, and how well it fits."""

    score: float
    coverage: float


class TopicNumber(Answer):
    """A published value that belongs to a topic."""

    group: str
    id: str
    primary: str
    says: str
    setting: str
    population: str
    citation: str
    doi: str
    read_in: str
    confidence: str
    note: str


class TopicHarm(Answer):
    """One of the main harms of a treatment, and how often it was counted."""

    treatment: str
    harm: str
    share: float | None
    share_band: Band | None
    share_without: float | None
    share_without_band: Band | None
    death: bool
    sources: list[Source]


class Explanation(Passage):
    """A topic with what clinicians read, published values, harms, and what the model says."""

    clinician: str
    see_also: list[TopicName]
    numbers: list[TopicNumber]
    harms: list[TopicHarm]
    model: ModelSays | None
    prognosis: bool


class AskAnswer(Answer):
    """Checked passages, or why there is no answer."""

    language: str
    question: str
    urgent: list[Urgent]
    passages: list[FoundPassage]
    declined: str
    near: list[TopicName]


class Entry(Answer):
    """A row of a directory."""

    name: str
    city: str
    region: str
    country: str
    country_name: str
    latitude: float | None
    longitude: float | None
    coordinate_precision: str
    primaries: list[str]
    kind: str
    web: str
    sources: list[str]
    note: str
    checked_on: str
    stale: bool
    yours: bool


class CentreEntry(Entry):
    """A centre and how far away it is."""

    distance_km: float
    distance_miles: float


class SupportEntry(Entry):
    """A support organisation."""

    offers: str
    phone: str
    first: bool


class PlaceFound(Answer):
    """The place that was meant."""

    given: str
    name: str
    country: str
    latitude: float
    longitude: float
    precision: str
    note: str


class CentresAnswer(Answer):
    """Centres near a place, nearest first."""

    place: PlaceFound
    primary: str | None
    within_km: float | None
    within_miles: float | None
    centres: list[CentreEntry]
    not_shown: int
    next: CentreEntry | None
    few: str
    others: list[CentreEntry]
    next_other: CentreEntry | None
    support: list[SupportEntry] | None
    notes: list[str]


class SupportAnswer(Answer):
    """Support organisations by country."""

    country: str | None
    country_name: str
    primary: str | None
    organisations: list[SupportEntry]
    countries: list[str]
    notes: list[str]


class Interval(Answer):
    """An estimate with its 95 % sampling interval."""

    estimate: float
    low: float
    high: float


class Reached(Answer):
    """Share of a cohort that reached a level of a process, at diagnosis and by the end."""

    process: str
    level: str
    at_diagnosis: Interval | None
    by_the_end: Interval | None


class GroupSurvival(Answer):
    """Survival of a group from diagnosis; None where it is not reached or not known."""

    group: str
    number: int
    median_months: Interval | None
    alive_at_years: dict[str, float | None]


class CohortAnswer(Answer):
    """The gross figures of a cohort; survival only if it was asked for."""

    run: dict[str, str]
    patients: int
    diagnosed: int
    reached: list[Reached]
    survival: list[GroupSurvival] | None
    notes: list[str]
