"""One patient under several treatments from today on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mesospread.app.drug_gains import lasting_notes
from mesospread.app.forecast import input_hash, model_facts, naming, sources_of, the_patient
from mesospread.app.harms import harms_of
from mesospread.errors import InputError
from mesospread.evidence.published import cite
from mesospread.infer.answers import diagnostics, options
from mesospread.infer.readings import reading_forecasts, under_readings
from mesospread.infer.result import Band, Comparison, EffectEvidence
from mesospread.infer.solve import Effort, solve
from mesospread.infer.timeline import build_timeline
from mesospread.model.calibrated import between_studies
from mesospread.model.definition import Parameter
from mesospread.model.library import TreatmentDefinition
from mesospread.model.load import disease, observation, treatments
from mesospread.model.parameters import central_values
from mesospread.model.structure import Structure
from mesospread.model.treatments import Course, find_treatment, with_treatments
from mesospread.patient import Patient

#: what to write for "nothing more than now"
NOTHING = "none"
_SPREAD = {"direct", "lymphatic", "haematogenous"}


def compare(
    patient: str | Path | Mapping[str, Any] | Patient,
    treatment: Sequence[str],
    *,
    prognosis: bool = False,
    seed: int = 1,
    effort: Effort | None = None,
    life_table: str = "uk",
    progress: Callable[[float], None] = lambda share: None,
) -> Comparison:
    """Say what each treatment, begun today, would change for one patient.

    All options follow the same simulated people on the same clocks (common random
    numbers), so their differences are sharper than the forecasts themselves.

    Parameters
    ----------
    patient
        A patient file, its contents as a mapping, or a patient.
    treatment
        Two options or more; ``"none"`` for nothing more than now. The first is what
        the others are compared with.
    prognosis, seed, effort, life_table, progress
        As in `forecast`.

    Raises
    ------
    InputError
        For fewer than two options, one named twice, or an unknown treatment.
    """
    source = f"{patient} › " if isinstance(patient, str | Path) else ""
    patient = the_patient(patient)
    library, seen = treatments(patient.primary), observation(patient.primary)
    chosen = [
        None if name.strip().lower() == NOTHING else find_treatment(library, name, "--treatment")
        for name in treatment
    ]
    names = [NOTHING if option is None else option.name for option in chosen]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(
            "a comparison needs two different treatments or more",
            where="--treatment",
            given=", ".join(names) or "nothing",
            allowed=", ".join([NOTHING, *(t.name for t in library.treatment)]),
        )
    with naming(source):
        timeline = build_timeline(patient, disease(patient.primary), library, seen)
    structures = [
        timeline.structure
        if option is None
        else with_treatments(
            timeline.structure, library, [Course(option.name, timeline.now_months)]
        )
        for option in chosen
    ]
    read, further = under_readings(timeline.structure, library, names, timeline.now_months)
    posterior = solve(
        timeline,
        seen,
        seed=seed,
        effort=effort,
        life_table=life_table,
        prognosis=prognosis,
        progress=progress,
        options=[*structures, *further],
    )
    evidence = [e for option in chosen if option for e in _evidence(option, library.parameters)]
    harms = [h for option in chosen if option for h in harms_of(option, deaths=prognosis)]
    parameters = {name: p for s in structures for name, p in s.parameters.items()}
    return Comparison(
        patient=patient.to_dict(),
        model=model_facts(patient.primary, posterior.n_draws, seed, life_table)
        | {"input_hash": input_hash(patient.to_dict())},
        options=options(
            posterior,
            timeline.structure,
            names,
            prognosis=prognosis,
            between_cohorts=between_studies("survival", patient.primary),
        ),
        evidence=evidence,
        harms=harms,
        readings=reading_forecasts(posterior, read, names, dict(library.parameters)),
        statements=[_statement(option) for option in chosen if option],
        sources=cite(
            {
                *sources_of({**parameters, **seen.parameters}),
                *(source for harm in harms for source in harm.sources),
            },
            prognosis=prognosis,
        ),
        assumptions=[
            *timeline.assumptions,
            *patient.assumed_days(),
            *_repeats(timeline.structure, names),
            *lasting_notes(chosen),
        ],
        diagnostics=diagnostics(posterior),
    )


def _evidence(
    option: TreatmentDefinition, parameters: Mapping[str, Parameter]
) -> list[EffectEvidence]:
    values = central_values(parameters)
    return [
        EffectEvidence(
            treatment=option.name,
            acts_on=[*effect.on, *effect.processes],
            among=list(effect.among.levels) if effect.among is not None else [],
            holds=effect.while_,
            ratio=values[effect.ratio] if isinstance(effect.ratio, str) else effect.ratio,
            ratio_band=_range(parameters[effect.ratio]) if isinstance(effect.ratio, str) else None,
            grade=effect.grade,
            sources=list(effect.sources),
            note=effect.note,
        )
        for effect in option.effects
    ]


def _range(parameter: Parameter) -> Band:
    """Return a rate ratio with the range that holds 95 % of its draws."""
    return Band(estimate=parameter.value, low=parameter.low, high=parameter.high)


def _statement(option: TreatmentDefinition) -> str:
    """Say in one sentence how good the evidence on spread is."""
    grades = {effect.grade for effect in option.effects if _SPREAD & set(effect.on)}
    if not grades:
        return f"{option.name}: there is no evidence that it changes spread, and none is assumed."
    if "randomised" in grades:
        return f"{option.name}: a randomised trial supports its effect on spread."
    best = "single-arm studies" if "single_arm" in grades else "how it is thought to work"
    if "observational" in grades:
        best = "observational studies"
    return (
        f"{option.name}: no randomised trial has shown that it changes spread; the effect here "
        f"rests on {best}."
    )


def _repeats(structure: Structure, names: Sequence[str]) -> list[str]:
    return [
        f"{name} was given before; a second course is taken to work like a first, which is "
        "probably too hopeful."
        for name in names
        if name in structure.treatments
    ]
