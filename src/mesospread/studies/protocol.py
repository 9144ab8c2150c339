"""The language in which a study is written down: who was counted, when, with which eyes.

A study is data (TOML). Its figures are named by the identifier of a published value, or
written out with their own citation, so that studies nobody here knew can be read, too.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from mesospread.model.definition import NonNegative, Part, Positive

Share = float
Shares = dict[str, float]
Use = Literal["calibrate", "validate", "inform"]
Statistic = Literal["proportion", "median_months", "alive_at", "net_alive_at", "hazard_ratio"]
Kind = Literal[
    "extent",
    "nodes",
    "distant spread",
    "contact spread",
    "autopsy",
    "brain",
    "survival",
    "survival by cell type",
    "survival by stage",
    "treatment effect",
    "who falls ill",
]


class CourseGiven(Part):
    """A treatment that all of an arm were given.

    Attributes
    ----------
    name
        Name or alias in the treatment library of the primary.
    start_months
        After diagnosis.
    duration_months
        The usual one if None.
    """

    name: str
    start_months: NonNegative
    duration_months: Positive | None = None


class Arm(Part):
    """People of one study who were treated alike.

    Attributes
    ----------
    name
        For results that compare arms.
    share
        Of the study population.
    courses
        In order; none: no treatment against the tumour.
    """

    name: str
    share: NonNegative = 1.0
    courses: tuple[CourseGiven, ...] = ()


class AgeAtDiagnosis(Part):
    """Mean and standard deviation, in years."""

    mean: Positive
    sd: Positive


class Cohort(Part):
    """Who the patients were. What is left out is as in the whole population.

    Attributes
    ----------
    histology, performance_status, sex
        Level to share; levels that are left out have none.
    age
        At diagnosis.
    arms
        How they were treated; the shares add up to one.
    """

    histology: Shares = Field(default_factory=dict)
    performance_status: Shares = Field(default_factory=dict)
    sex: Shares = Field(default_factory=dict)
    age: AgeAtDiagnosis | None = None
    arms: tuple[Arm, ...] = (Arm(name="untreated"),)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name in ("histology", "performance_status", "sex"):
            shares: Shares = getattr(self, name)
            if shares and abs(sum(shares.values()) - 1.0) > 0.011:
                raise ValueError(f"the shares of {name} add up to {sum(shares.values()):g}, not 1")
        if abs(sum(arm.share for arm in self.arms) - 1.0) > 0.011:
            raise ValueError("the shares of the arms must add up to 1")
        if len({arm.name for arm in self.arms}) < len(self.arms):
            raise ValueError("two arms have the same name")
        return self


class Staged(Part):
    """Reported categories, at diagnosis; an empty list allows all."""

    basis: Literal["clinical", "pathological"] = "clinical"
    t: tuple[str, ...] = ()
    n: tuple[str, ...] = ()
    m: Literal["M0", "M1"] | None = None


class FreeOf(Part):
    """Sites at which these examinations had found nothing."""

    sites: tuple[str, ...] = Field(min_length=1)
    by: tuple[str, ...] = Field(min_length=1)


class Entry(Part):
    """How patients came into the study.

    Attributes
    ----------
    months
        After diagnosis, in the median; only those alive then came in.
    log_sd
        Of the time of entry between patients, on the log scale.
    staged
        Only patients whose disease was staged so at diagnosis.
    free_of
        Only patients in whom this was not found at entry.
    """

    months: NonNegative = 0.0
    log_sd: NonNegative = 0.0
    staged: Staged | None = None
    free_of: FreeOf | None = None


class Seen(Part):
    """Tumour that was found at one of these sites at least.

    Attributes
    ----------
    sites
        Names of sites, or of groups of the disease; ``distant``: what counts for M1.
    by
        Examinations, together.
    at
        ``entry``; a number of months after entry; ``course``: at any of the examinations
        repeated until death or ``until_months``; ``death``.
    every_months
        Between examinations of a course.
    until_months
        End of follow-up of a course.
    """

    sites: tuple[str, ...] = Field(min_length=1)
    by: tuple[str, ...] = Field(min_length=1)
    at: Literal["entry", "course", "death"] | NonNegative = "entry"
    every_months: Positive = 6.0
    until_months: Positive = 60.0


class Group(Part):
    """Some of the patients of a study; everything left out allows all."""

    arm: str = ""
    histology: tuple[str, ...] = ()
    staged: Staged | None = None


class Result(Part):
    """One figure of a study, and how it came about.

    Attributes
    ----------
    id
        Unique in the study.
    subject
        In a few words.
    kind
        For grouping and for the scatter between studies.
    statistic
        What was counted.
    use
        ``calibrate``: enters the fit; ``validate``: compared only; ``inform``: shown only.
    evidence
        Identifier of the published value that holds the figures.
    n, events, value, low, high
        The figures, if they are not in the published values: patients, those with the
        event, the figure and its 95 % interval.
    seen, staged, histology
        What makes a patient count in a proportion: one of them.
    origin
        From when survival counts.
    months
        At which survival is read, or at which follow-up ends for a hazard ratio.
    since_months
        Only those alive so long after the origin count (conditional survival).
    among, against
        Group; for a hazard ratio the group and the one it is compared with.
    assumed
        What had to be assumed beyond the paper.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    subject: str
    kind: Kind
    statistic: Statistic
    use: Use
    evidence: str = ""
    n: NonNegative | None = None
    events: NonNegative | None = None
    value: NonNegative | None = None
    low: NonNegative | None = None
    high: NonNegative | None = None
    seen: Seen | None = None
    staged: Staged | None = None
    histology: tuple[str, ...] = ()
    origin: Literal["diagnosis", "entry"] = "diagnosis"
    months: Positive | None = None
    since_months: NonNegative = 0.0
    among: Group = Group()
    against: Group | None = None
    assumed: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        events = [self.seen is not None, self.staged is not None, bool(self.histology)]
        if (self.statistic == "proportion") != (sum(events) == 1):
            raise ValueError("a proportion needs one of seen, staged, histology; others none")
        if (self.statistic == "hazard_ratio") != (self.against is not None):
            raise ValueError("a hazard ratio needs 'against', others do not")
        if self.statistic in ("alive_at", "net_alive_at") and self.months is None:
            raise ValueError("survival at a time needs 'months'")
        if not self.evidence and self.value is None and (self.n is None or self.events is None):
            raise ValueError("give 'evidence', or 'value', or 'n' and 'events'")
        return self


class Study(Part):
    """A study: what was done, and what came out.

    Attributes
    ----------
    study
        Unique short name.
    title, citation, doi
        What it is, and where it is published.
    primary
        Where the tumours started.
    setting
        ``population``; ``specialist`` centres, whose patients live longer than their age,
        fitness and treatment explain; or a ``trial``. How much longer is fitted.
    read_in
        ``full_text``, ``abstract`` or ``secondary``.
    cohort, entry
        Who was counted.
    result
        What was found.
    note
        Definitions and doubts.
    """

    format: Literal[1]
    study: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    citation: str
    doi: str = ""
    primary: str
    setting: Literal["population", "specialist", "trial"] = "population"
    read_in: Literal["full_text", "abstract", "secondary"]
    cohort: Cohort = Cohort()
    entry: Entry = Entry()
    result: tuple[Result, ...]
    note: str = ""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len({r.id for r in self.result}) < len(self.result):
            raise ValueError("two results have the same id")
        if not self.result:
            raise ValueError("a study needs a result")
        return self
