"""From a patient to an mCODE bundle that can be read back without loss."""

from __future__ import annotations

from typing import Any

from mesospread.infer.result import Forecast
from mesospread.interop.builder import MASKED, Builder, Resource
from mesospread.interop.bundle import check_shape, model_of, need_fhir
from mesospread.interop.codes import FHIR, MCODE, code_at, codes_at, concept, hl7, table
from mesospread.interop.profiles import broken_rules
from mesospread.interop.write_care import write_symptoms, write_treatments
from mesospread.interop.write_forecast import write_forecast
from mesospread.interop.write_spread import write_scans
from mesospread.interop.write_stage import write_stage
from mesospread.patient import Patient

_PLACES = {"testicular": "Tunica vaginalis"}


def write_bundle(
    patient: Patient, forecast: Forecast | None = None, *, synthetic: bool = False
) -> Resource:
    """Return a patient as an mCODE patient bundle (FHIR R4).

    It holds no name, no address and no number of a person: where mCODE asks for them, it says that
    they are masked. It is not anonymous all the same, for it holds dates and an age.

    Parameters
    ----------
    patient
        The patient.
    forecast
        What follows; written as a RiskAssessment.
    synthetic
        Whether the person is made up: everything is tagged as test data.

    Raises
    ------
    MissingExtraError
        If fhir.resources is not installed.
    """
    need_fhir()
    builder = Builder(patient, synthetic=synthetic)
    _write_person(builder)
    _write_primary(builder)
    write_stage(builder)
    write_scans(builder)
    _write_fitness(builder)
    write_treatments(builder)
    write_symptoms(builder)
    if forecast is not None:
        write_forecast(builder, forecast)
    bundle = builder.bundle()
    _prove(bundle)
    return bundle


def _write_person(builder: Builder) -> None:
    patient = builder.patient
    builder.add(
        "Patient",
        "patient",
        profile="mcode-cancer-patient",
        subject=False,
        identifier=[{"_system": {"extension": [MASKED]}, "_value": {"extension": [MASKED]}}],
        name=[{"extension": [MASKED]}],
        gender=patient.sex or "unknown",
        deceasedDateTime=_day(patient.died),
    )
    if patient.age is not None:
        builder.add(
            "Observation",
            "age",
            status="final",
            category=[hl7("observation-category", "social-history")],
            code=concept(code_at("loinc", "age")),
            effectiveDateTime=_day(patient.as_of),
            valueQuantity={
                "value": patient.age,
                "unit": "years",
                "system": table()["systems"]["ucum"],
                "code": "a",
            },
        )


def _write_primary(builder: Builder) -> None:
    patient, name = builder.patient, builder.patient.primary
    extensions: list[dict[str, Any]] = []
    if patient.diagnosed is not None:
        extensions.append(
            {"url": f"{FHIR}condition-assertedDate", "valueDateTime": _day(patient.diagnosed)}
        )
    if patient.histology is not None:
        codes = codes_at("histology", patient.histology, "codes")
        extensions.append(
            {
                "url": f"{MCODE}mcode-histology-morphology-behavior",
                "valueCodeableConcept": concept(*codes),
            }
        )
    stage = patient.stage
    has_group = stage is not None and stage.group is not None
    builder.add(
        "Condition",
        "primary",
        profile="mcode-primary-cancer-condition",
        extension=extensions,
        clinicalStatus=hl7("condition-clinical", "active"),
        verificationStatus=hl7("condition-ver-status", "confirmed"),
        category=[hl7("condition-category", "problem-list-item")],
        code=concept(*codes_at("primary", name, "codes")),
        bodySite=[_place(builder)],
        stage=[{"assessment": [builder.reference("Observation", "stage-group")]}]
        if has_group
        else None,
    )


def _place(builder: Builder) -> dict[str, Any]:
    """Return the lining, with its side."""
    patient = builder.patient
    site = concept(
        *codes_at("primary", patient.primary, "sites")[:2], text=_PLACES.get(patient.primary, "")
    )
    if patient.side is None:
        return site
    side = next(code for code in codes_at("side", "codes") if code.side == patient.side)
    laterality = {
        "url": f"{MCODE}mcode-laterality-qualifier",
        "valueCodeableConcept": concept(side),
    }
    return {"extension": [laterality], **site}


def _write_fitness(builder: Builder) -> None:
    patient = builder.patient
    if patient.performance_status is not None:
        builder.add(
            "Observation",
            "ecog",
            profile="mcode-ecog-performance-status",
            status="final",
            category=[hl7("observation-category", "survey")],
            code=concept(code_at("loinc", "ecog")),
            effectiveDateTime=_day(patient.as_of),
            valueInteger=patient.performance_status,
        )


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def _prove(bundle: Resource) -> None:
    """Stop rather than hand out a bundle of the wrong shape, or one that breaks a profile.

    This guards against faults of ours: no input can cause it.
    """
    for entry in bundle["entry"]:
        check_shape(entry["resource"], "what was written")
    model_of("Bundle").model_validate(bundle)
    broken = [f"{place}: {rule}" for place, rule in broken_rules(bundle)]
    if broken:
        raise AssertionError("; ".join(broken))
