"""What may stand in the files beside a disease: its treatments, and how it is seen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field, StrictBool, model_validator

from mesospread.errors import nearest
from mesospread.evidence.published import load_published
from mesospread.model.definition import (
    Action,
    ChanceByCovariate,
    File,
    Part,
    Probability,
    Value,
    Via,
)


class Among(Part):
    """Whom an effect is restricted to: people with some levels of a covariate."""

    covariate: str
    levels: Annotated[tuple[str, ...], Field(min_length=1)]


class TreatmentEffect(Part):
    """What a treatment does to one kind of route.

    Attributes
    ----------
    on
        Kinds of routes, e.g. ``["growth", "outgrowth"]``.
    processes
        Only routes of these processes (or groups); empty: all with the kind.
    ratio
        Rate ratio while the effect holds.
    among
        Only in these people, e.g. by cell type; None: in everybody. What holds among some
        must last for good, and multiplies what holds in everybody.
    while_
        ``"on_treatment"``, or ``"responding"`` (from response until resistance,
        on treatment or after it), or ``"after_start"`` (for good).
    grade
        Evidence that it changes this: randomised, single_arm, observational, borrowed
        (such evidence, but in another primary), mechanism.
    """

    on: tuple[Via, ...]
    processes: tuple[str, ...] = ()
    ratio: Value
    among: Among | None = None
    while_: Annotated[Literal["on_treatment", "responding", "after_start"], Field(alias="while")]
    grade: Literal["randomised", "single_arm", "observational", "borrowed", "mechanism"]
    sources: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _among_some_for_good(self) -> TreatmentEffect:
        if self.among is not None and self.while_ != "after_start":
            raise ValueError(
                f'an effect among some people needs while = "after_start", got {self.while_!r}'
            )
        return self


class Response(Part):
    """How often a treatment works, and for how long."""

    probability: Probability | ChanceByCovariate
    median_duration_months: Value


class Harm(Part):
    """One of the main harms of a treatment.

    Attributes
    ----------
    text
        What it can do, in plain words.
    source, without
        Published values: how often it was counted, and how often in the comparison group of
        the same study. Empty: it is known, but no count was found.
    death
        Whether it is about deaths; how many is told only to those who ask about survival.
    """

    text: Annotated[str, Field(min_length=1)]
    source: str = ""
    without: str = ""
    death: StrictBool = False

    @model_validator(mode="after")
    def _compared_with_something(self) -> Harm:
        if self.without and not self.source:
            raise ValueError("without a source there is nothing to compare")
        for name in filter(None, (self.source, self.without)):
            if name not in load_published():
                guess = nearest(name, load_published())
                hint = f"; did you mean {guess!r}?" if guess else ""
                raise ValueError(f"no published value is called {name!r}{hint}")
        return self

    def share(self) -> float | None:
        """Return how many had it, 0 to 1; None if that was not counted."""
        return _share(self.source)

    def share_without(self) -> float | None:
        """Return how many in the comparison group had it; None if there was none."""
        return _share(self.without)


def _share(source: str) -> float | None:
    value = load_published()[source] if source else None
    return value.value if value is not None and value.statistic == "proportion" else None


class TreatmentDefinition(Part):
    """A treatment as data: when it is given, whom it helps, what it changes, and its harms."""

    name: str
    aliases: tuple[str, ...] = ()
    kind: Literal["systemic", "local", "surgery", "supportive"]
    start_after_diagnosis_months: Value
    duration_months: Value
    response: Response | None = None
    effects: tuple[TreatmentEffect, ...] = ()
    actions: tuple[Action, ...] = ()
    # harms change no result, so they are no part of a fingerprint
    harms: tuple[Harm, ...] = Field(default=(), exclude=True)
    note: str = ""


class Reading(Part):
    """One way to read a difference between treatments that has more than one explanation.

    Nothing in a forecast rests on it; a comparison shows what would follow.

    Attributes
    ----------
    name
        In a few words.
    treatments
        For which it is offered.
    site
        Where the difference was seen.
    seeding
        The site is seeded by the blood so many times as fast from the start of treatment.
    revealed
        The disease is the same, but a microscopic deposit there shows with this chance.
    """

    name: str
    treatments: tuple[str, ...]
    site: str
    seeding: Value | None = None
    revealed: Probability | None = None
    sources: tuple[str, ...]
    note: str

    @model_validator(mode="after")
    def _one_of_two(self) -> Reading:
        if (self.seeding is None) == (self.revealed is None):
            raise ValueError("give either seeding or revealed")
        return self


class TreatmentLibrary(File):
    """All treatments of a disease, with the parameters they use."""

    treatment: tuple[TreatmentDefinition, ...]
    reading: tuple[Reading, ...] = ()

    def with_borrowed(self, names: Collection[str]) -> TreatmentLibrary:
        """Return the library with the evidence of some treatments marked as borrowed."""
        return self.model_copy(
            update={
                "treatment": tuple(_borrowed(t) if t.name in names else t for t in self.treatment)
            }
        )


def _borrowed(treatment: TreatmentDefinition) -> TreatmentDefinition:
    """Return a treatment whose trials were in another primary."""
    effects = tuple(
        e if e.grade == "mechanism" else e.model_copy(update={"grade": "borrowed"})
        for e in treatment.effects
    )
    return treatment.model_copy(update={"effects": effects})


class Modality(Part):
    """A way of looking: chance of a positive finding by site and level.

    ``sensitivity`` maps a site (or ``"default"``) to the chance of a positive
    finding at ``microscopic``, ``detectable`` and ``symptomatic``; sites not named
    and without default are not seen by this modality. ``false_positive`` is the
    chance of a positive finding at a free site. ``regional_nodes`` is the chance that
    involved regional nodes are reported, for an examination that the staging tables do not
    cover.
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    sensitivity: dict[str, dict[Literal["microscopic", "detectable", "symptomatic"], Probability]]
    false_positive: dict[str, Probability]
    regional_nodes: Probability | None = None
    note: str = ""


class Staging(Part):
    """Chance of each reported category given the true level, by basis.

    ``t`` and ``n``: true level -> reported category -> probability (rows sum to 1).
    ``m``: the modality whose findings at the distant sites decide M1.
    """

    basis: Literal["clinical", "pathological"]
    t: dict[str, dict[str, Probability]]
    n: dict[str, dict[str, Probability]]
    m: str
    sources: tuple[str, ...] = ()
    note: str = ""


class SymptomDefinition(Part):
    """A symptom: a background chance, and the chance from each involved site.

    ``causes`` maps a site (or ``extent``) to level -> probability of causing the
    symptom (noisy-OR).
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    background: Probability
    causes: dict[str, dict[str, Probability]]
    sources: tuple[str, ...] = ()
    note: str = ""


class ObservationModel(File):
    """How the disease is seen: modalities, staging, symptoms, and their numbers."""

    modality: tuple[Modality, ...]
    staging: tuple[Staging, ...]
    symptom: tuple[SymptomDefinition, ...]
    distant_sites: tuple[str, ...]
