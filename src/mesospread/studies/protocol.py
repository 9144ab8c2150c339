"""The language in which a study is written down: who was counted, when, with which eyes.

A study is data (TOML). Its figures are named by the identifier of a published value, or
written out with their own citation, so that studies nobody here knew can be read, too.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, Protocol, Self

from pydantic import Field, model_validator

from mesospread.model.definition import NonNegative, Part, Positive
from mesospread.model.treatments import KnownResponse
from mesospread.studies.unstated import Unstated

Share = float
Shares = dict[str, float]
Use = Literal["calibrate", "validate", "inform"]
Statistic = Literal[
    "proportion", "median_months", "alive_at", "net_alive_at", "hazard_ratio", "interval_counts"
]
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
    response
        If all of the arm were chosen for how it worked; else it is left to chance.
    """

    name: str
    start_months: NonNegative
    duration_months: Positive | None = None
    response: KnownResponse | None = None


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


class People(Part):
    """Who people are. What is left out is as in the whole population.

    Attributes
    ----------
    histology, performance_status, sex
        Level to share; levels that are left out have none.
    age
        At diagnosis.
    """

    histology: Shares = Field(default_factory=dict)
    performance_status: Shares = Field(default_factory=dict)
    sex: Shares = Field(default_factory=dict)
    age: AgeAtDiagnosis | None = None

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        for name in ("histology", "performance_status", "sex"):
            shares: Shares = getattr(self, name)
            if shares and abs(sum(shares.values()) - 1.0) > 0.011:
                raise ValueError(f"the shares of {name} add up to {sum(shares.values()):g}, not 1")
        return self


class Cohort(People):
    """Who the patients were, and how they were treated.

    Attributes
    ----------
    histology, performance_status, sex, age
        See `People`.
    arms
        How they were treated; the shares add up to one.
    """

    arms: tuple[Arm, ...] = (Arm(name="untreated"),)

    @model_validator(mode="after")
    def _whole(self) -> Self:
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


class Intervals(Part):
    """Deaths in intervals of follow-up that follow each other, from the origin on.

    Attributes
    ----------
    to_months
        End of each interval; the first begins at the origin.
    at_risk
        Alive and followed at the beginning of each.
    deaths, left
        Who died, and who was lost or was followed no longer, in each.
    """

    to_months: tuple[Positive, ...] = Field(min_length=1)
    at_risk: tuple[NonNegative, ...]
    deaths: tuple[NonNegative, ...]
    left: tuple[NonNegative, ...]

    @model_validator(mode="after")
    def _follow_each_other(self) -> Self:
        columns = (self.to_months, self.at_risk, self.deaths, self.left)
        if len({len(column) for column in columns}) > 1:
            raise ValueError("to_months, at_risk, deaths and left must be of the same length")
        if any(later <= earlier for earlier, later in pairwise(self.to_months)):
            raise ValueError("the ends of the intervals must rise")
        if any(x != round(x) for column in columns[1:] for x in column):
            raise ValueError("at_risk, deaths and left count people: whole numbers")
        for k, (at_risk, deaths, left) in enumerate(zip(*columns[1:], strict=True)):
            stay = at_risk - deaths - left
            if stay < 0 or (k + 1 < len(self.at_risk) and self.at_risk[k + 1] != stay):
                raise ValueError(
                    f"in the interval to {self.to_months[k]:g} months, {at_risk:g} less "
                    f"{deaths:g} deaths and {left:g} who left do not give those at risk next"
                )
        return self


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
    intervals
        Deaths and people at risk, for the statistic ``interval_counts``, which is compared but
        never fitted.
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
    intervals: Intervals | None = None
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
        return self

    @model_validator(mode="after")
    def _has_figures(self) -> Self:
        if (self.statistic == "interval_counts") != (self.intervals is not None):
            raise ValueError("interval counts need 'intervals', others do not")
        if self.intervals is not None:
            if self.use == "calibrate":
                raise ValueError("interval counts are compared, not fitted: use = 'validate'")
            return self
        if not self.evidence and self.value is None and (self.n is None or self.events is None):
            raise ValueError("give 'evidence', or 'value', or 'n' and 'events'")
        return self


class Population(Protocol):
    """Who is looked at, and how they came in: of a study, or of a trial that is planned."""

    @property
    def cohort(self) -> Cohort:
        """Who they are, and how they are treated."""

    @property
    def entry(self) -> Entry:
        """How they come in."""


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
    unstated
        What the sources leave open about that.
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
    unstated: Unstated = Unstated()
    result: tuple[Result, ...]
    note: str = ""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len({r.id for r in self.result}) < len(self.result):
            raise ValueError("two results have the same id")
        if not self.result:
            raise ValueError("a study needs a result")
        return self

    @model_validator(mode="after")
    def _open(self) -> Self:
        open_ = self.unstated.fields()
        if "entry_factor" in open_ and self.entry.months == 0.0:
            raise ValueError(
                "unstated.entry_factor needs entry.months above 0; for people who may have come "
                "in later than at diagnosis, give entry_later_months"
            )
        if "treated_odds" in open_ and len({len(a.courses) for a in self.cohort.arms}) == 1:
            raise ValueError(
                "unstated.treated_odds needs arms that differ in their number of treatments"
            )
        return self
