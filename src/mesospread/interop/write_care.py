"""Write treatments, the responses to them, and symptoms."""

from __future__ import annotations

from typing import Any

from mesospread.errors import InputError
from mesospread.interop.builder import Builder, Reference
from mesospread.interop.codes import code_at, code_of, concept, extension, hl7, own, table
from mesospread.interop.drugs import drugs_in
from mesospread.model.load import treatments as library_of
from mesospread.model.treatments import find_treatment
from mesospread.patient import Symptom, Treatment

_DRUG = "mcode-cancer-related-medication-administration"


def write_treatments(builder: Builder) -> None:
    """Add drugs, operations and radiotherapy, each with its response if it is known."""
    for line, treatment in enumerate(builder.patient.treatments, start=1):
        given = _given(builder, line, treatment)
        if treatment.response is not None:
            _response(builder, line, treatment, given)


def _given(builder: Builder, line: int, treatment: Treatment) -> list[Reference]:
    kind = _kind(builder.patient.primary, treatment.name)
    common: dict[str, Any] = {
        "extension": [
            extension("treatment-name", valueString=treatment.name),
            extension("treatment-line", valuePositiveInt=line),
        ],
        "status": "in-progress" if treatment.end is None else "completed",
        "reasonReference": [builder.reference("Condition", "primary")],
    }
    if treatment.start_assumed:
        common["extension"].append(extension("day-assumed", valueBoolean=True))
    period = {"start": treatment.start.isoformat()}
    if treatment.end is not None:
        period["end"] = treatment.end.isoformat()
    drugs = drugs_in(treatment.name)
    if kind == "systemic" or (kind == "" and drugs):
        return [
            builder.add(
                "MedicationAdministration",
                f"treatment-{line}-{number}",
                profile=_DRUG,
                medicationCodeableConcept=medicine,
                effectivePeriod=period,
                **common,
            )
            for number, medicine in enumerate(_medicines(treatment.name, drugs), start=1)
        ]
    return [_procedure(builder, line, treatment.name, kind, performedPeriod=period, **common)]


def _medicines(name: str, drugs: list[str]) -> list[dict[str, Any]]:
    """Return each drug of a treatment; its name alone if it names none that is known."""
    if not drugs:
        return [concept(text=name)]
    rows = table()["drug"]
    coded = {drug: [code_of(rows[drug]["code"])] if "code" in rows[drug] else [] for drug in drugs}
    return [concept(*codes, text=drug) for drug, codes in coded.items()]


def _procedure(builder: Builder, line: int, name: str, kind: str, **parts: Any) -> Reference:
    if kind == "surgery":
        parts["category"] = concept(code_at("procedure", "surgery"))
        profile, codes = "mcode-cancer-related-surgical-procedure", []
    elif kind == "local":
        parts["category"] = concept(code_at("procedure", "radiotherapy_category"))
        profile = "mcode-radiotherapy-course-summary"
        codes = [code_at("procedure", "radiotherapy")]
    else:
        profile, codes = "", []
    return builder.add(
        "Procedure",
        f"treatment-{line}",
        profile=profile,
        code=concept(*codes, text=name),
        **parts,
    )


def _kind(primary: str, name: str) -> str:
    """Return what kind of treatment a name means, empty if the model knows none."""
    try:
        return find_treatment(library_of(primary), name).kind
    except InputError:
        return ""


def _response(builder: Builder, line: int, treatment: Treatment, given: list[Reference]) -> None:
    """Add how the disease answered, as mCODE words it, with our word beside it."""
    word = str(treatment.response)
    day = treatment.end or builder.patient.as_of or treatment.start
    builder.add(
        "Observation",
        f"response-{line}",
        profile="mcode-cancer-disease-status",
        partOf=given,
        status="final",
        category=[hl7("observation-category", "exam")],
        code=concept(code_at("loinc", "disease_status")),
        focus=[builder.reference("Condition", "primary")],
        effectiveDateTime=day.isoformat(),
        valueCodeableConcept=concept(code_at("course", word), own("response", word)),
    )


def write_symptoms(builder: Builder) -> None:
    """Add each symptom: there, asked for and not there, or not known."""
    for number, symptom in enumerate(builder.patient.symptoms, start=1):
        builder.add(
            "Observation",
            f"symptom-{number}",
            status="final",
            category=[hl7("observation-category", "survey")],
            code=concept(own("symptom", "symptom"), text=symptom.name),
            effectivePeriod={"start": symptom.since.isoformat()} if symptom.since else None,
            **_presence(symptom),
        )


def _presence(symptom: Symptom) -> dict[str, Any]:
    if symptom.present is None:
        return {"dataAbsentReason": hl7("data-absent-reason", "unknown")}
    return {
        "valueCodeableConcept": concept(
            code_at("presence", "present" if symptom.present else "absent")
        )
    }
