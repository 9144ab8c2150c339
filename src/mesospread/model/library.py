"""What may stand in the files beside a disease: its treatments, and how it is seen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mesospread.model.definition import (
    Action,
    ChanceByCovariate,
    Name,
    Parameter,
    Part,
    Probability,
    Value,
    Via,
)


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
    while_
        ``"on_treatment"``, or ``"responding"`` (from response until resistance,
        on treatment or after it), or ``"after_start"`` (for good).
    grade
        Evidence that it changes this: randomised, single_arm, observational,
        mechanism.
    """

    on: tuple[Via, ...]
    processes: tuple[str, ...] = ()
    ratio: Value
    while_: Annotated[Literal["on_treatment", "responding", "after_start"], Field(alias="while")]
    grade: Literal["randomised", "single_arm", "observational", "mechanism"]
    sources: tuple[str, ...] = ()
    note: str = ""


class Response(Part):
    """How often a treatment works, and for how long."""

    probability: Probability | ChanceByCovariate
    median_duration_months: Value


class TreatmentDefinition(Part):
    """A treatment as data: when it is given, whom it helps, what it changes."""

    name: str
    aliases: tuple[str, ...] = ()
    kind: Literal["systemic", "local", "surgery", "supportive"]
    start_after_diagnosis_months: Value
    duration_months: Value
    response: Response | None = None
    effects: tuple[TreatmentEffect, ...] = ()
    actions: tuple[Action, ...] = ()
    note: str = ""


class TreatmentLibrary(Part):
    """All treatments of a disease, with the parameters they use."""

    format: Literal[1]
    treatment: tuple[TreatmentDefinition, ...]
    parameters: dict[Name, Parameter] = Field(default_factory=dict)


class Modality(Part):
    """A way of looking: chance of a positive finding by site and level.

    ``sensitivity`` maps a site (or ``"default"``) to the chance of a positive
    finding at ``microscopic``, ``detectable`` and ``symptomatic``; sites not named
    and without default are not seen by this modality. ``false_positive`` is the
    chance of a positive finding at a free site.
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    sensitivity: dict[str, dict[Literal["microscopic", "detectable", "symptomatic"], Probability]]
    false_positive: dict[str, Probability]
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


class ObservationModel(Part):
    """How the disease is seen: modalities, staging, symptoms, and their numbers."""

    format: Literal[1]
    modality: tuple[Modality, ...]
    staging: tuple[Staging, ...]
    symptom: tuple[SymptomDefinition, ...]
    distant_sites: tuple[str, ...]
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
