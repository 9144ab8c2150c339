"""The language in which a trial is planned: who comes in, what they get, how they are followed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mesospread.errors import InputError
from mesospread.model.definition import NonNegative, Part, Positive
from mesospread.model.load import disease, treatments
from mesospread.model.treatments import find_treatment
from mesospread.reading import checked, read_mapping
from mesospread.studies.library import check_look, check_population
from mesospread.studies.protocol import Arm, Cohort, CourseGiven, Entry, FreeOf, People, Staged

Endpoint = Literal["death", "new spread", "new spread or death"]


def _whole_number(value: object) -> object:
    """Refuse true and false, which Python counts as 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number, not true or false")
    return value


Count = Annotated[int, BeforeValidator(_whole_number)]
Months = Annotated[Positive, Field(le=240)]


class Given(Part):
    """A treatment under test.

    Attributes
    ----------
    name
        Name or alias in the treatment library of the primary.
    start_months
        After randomisation.
    duration_months
        The usual one if None.
    """

    name: str
    start_months: NonNegative = 0.0
    duration_months: Positive | None = None


class TrialArm(Part):
    """One arm.

    Attributes
    ----------
    name
        In tables.
    share
        Of those randomised, as a ratio: 2 in one arm and 1 in the other is two to one.
    treatments
        From randomisation on; none: no treatment against the tumour beyond that of before.
    """

    name: str = Field(min_length=1, max_length=60)
    share: Annotated[Positive, Field(le=20)] = 1.0
    treatments: tuple[Given, ...] = Field(default=(), max_length=8)


class Who(Part):
    """How people come in.

    Attributes
    ----------
    months
        From diagnosis to randomisation, the same for all; only those alive then come in.
    staged
        Only people whose disease was staged so at diagnosis.
    free_of
        Only people in whom this was not found at randomisation.
    before
        Treatments that all had before; ``start_months`` after diagnosis.
    """

    months: Annotated[NonNegative, Field(le=240)] = 1.5
    staged: Staged | None = None
    free_of: FreeOf | None = None
    before: tuple[CourseGiven, ...] = Field(default=(), max_length=8)


class Scans(Part):
    """How spread is looked for: at randomisation, and again and again until the end.

    Attributes
    ----------
    by
        Examinations, each at every visit.
    every_months
        Between visits; eight weeks are 1.84 months.
    sites
        Where new spread counts: names of sites, or of groups of the disease; ``distant``: what
        counts for M1. Everywhere if left out.
    """

    by: tuple[str, ...] = Field(default=("CT",), min_length=1, max_length=4)
    every_months: Annotated[Positive, Field(ge=0.5, le=24)] = 2.0
    sites: tuple[str, ...] = ()


class TrialDesign(Part):
    """A trial with two arms.

    Attributes
    ----------
    trial
        Unique short name.
    title
        What it is about.
    primary
        Where the tumours start.
    patients
        Randomised in all.
    accrual_months
        During which they come in, evenly.
    follow_up_months
        From the last randomisation to the analysis.
    lost_per_year
        Share lost to follow-up in a year.
    endpoint
        On which the trial is decided. ``new spread`` is the first visit at which a scan shows
        tumour at a site where the first scan had shown none; who dies before is censored.
    alpha
        Two-sided level of the test.
    setting
        ``trial`` or ``specialist``: people so chosen live longer than their age, fitness and
        treatment explain, by what was learnt from studies; ``population``: no longer.
    people, entry
        Who comes in. What is left out is as in the whole population.
    arms
        Two; the first is the control.
    scans
        Needed for endpoints of spread.
    note
        Anything else.
    """

    format: Literal[1]
    trial: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1, max_length=200)
    primary: str
    patients: Annotated[Count, Field(ge=20, le=20_000)]
    accrual_months: Annotated[NonNegative, Field(le=240)]
    follow_up_months: Months
    lost_per_year: Annotated[NonNegative, Field(lt=1)] = 0.0
    endpoint: Endpoint = "death"
    alpha: Annotated[Positive, Field(lt=0.5)] = 0.05
    setting: Literal["population", "specialist", "trial"] = "trial"
    people: People = People()
    entry: Who = Who()
    arms: tuple[TrialArm, TrialArm]
    scans: Scans | None = None
    note: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.arms[0].name == self.arms[1].name:
            raise ValueError("two arms have the same name")
        if self.endpoint != "death" and self.scans is None:
            raise ValueError("an endpoint of spread needs [scans]: nobody would see it")
        for given in self.entry.before:
            if given.start_months > self.entry.months:
                raise ValueError(
                    f"{given.name} is to be given before randomisation, but starts "
                    f"{given.start_months:g} months after diagnosis, and randomisation is at "
                    f"{self.entry.months:g}"
                )
        return self

    @property
    def duration_months(self) -> float:
        """From the first randomisation to the analysis."""
        return self.accrual_months + self.follow_up_months

    @cached_property
    def shares(self) -> tuple[float, float]:
        """Share of those randomised in each arm."""
        total = sum(arm.share for arm in self.arms)
        return self.arms[0].share / total, self.arms[1].share / total

    @cached_property
    def planned(self) -> Planned:
        """The people of the trial in the language of studies."""
        return Planned(self)

    @cached_property
    def watched(self) -> tuple[str, ...]:
        """Names of sites and groups at which new spread counts."""
        if self.scans is None:
            return ()
        return self.scans.sites or tuple(disease(self.primary).of_role("site"))


class Planned:
    """Who would be in a trial, as studies say it: treatments dated from diagnosis."""

    def __init__(self, design: TrialDesign) -> None:
        self.cohort = Cohort(
            **design.people.model_dump(),
            arms=tuple(
                Arm(name=arm.name, share=share, courses=_courses(design, arm))
                for arm, share in zip(design.arms, design.shares, strict=True)
            ),
        )
        self.entry = Entry(
            months=design.entry.months, staged=design.entry.staged, free_of=design.entry.free_of
        )


def _courses(design: TrialDesign, arm: TrialArm) -> tuple[CourseGiven, ...]:
    under_test = tuple(
        CourseGiven(
            name=given.name,
            start_months=design.entry.months + given.start_months,
            duration_months=given.duration_months,
        )
        for given in arm.treatments
    )
    return (*design.entry.before, *under_test)


def read_design(path: Path) -> TrialDesign:
    """Read a trial and check every name in it against the model.

    Raises
    ------
    InputError
        Where, what was given, what is allowed.
    """
    return _known(checked(TrialDesign, read_mapping(path), str(path)), str(path))


def parse_design(facts: Any, source: str = "trial") -> TrialDesign:
    """Check the contents of a trial file; as `read_design`."""
    return _known(checked(TrialDesign, facts, source), source)


def _known(design: TrialDesign, source: str) -> TrialDesign:
    # an unknown primary is told by name
    disease(design.primary)
    for i, given in enumerate(design.entry.before):
        _check_course(design, given.name, f"{source} › entry.before[{i}].name")
    for i, arm in enumerate(design.arms):
        for j, treatment in enumerate(arm.treatments):
            _check_course(design, treatment.name, f"{source} › arms[{i}].treatments[{j}].name")
    check_population(design.planned, design.primary, source)
    if design.scans is not None:
        check_look(design.primary, design.watched, design.scans.by, f"{source} › scans")
        if "regional_nodes" in design.watched:
            raise InputError(
                "new spread is counted at sites, not in the regional nodes",
                where=f"{source} › scans.sites",
                given="regional_nodes",
                remedy="Leave it out: nodes near the tumour belong to the stage (N)",
            )
    return design


def _check_course(design: TrialDesign, name: str, where: str) -> None:
    find_treatment(treatments(design.primary), name, where)
