"""Write the stage: T, N, M and group of the AJCC, or a stage of another system."""

from __future__ import annotations

from typing import Any

from mesospread.interop.builder import Builder
from mesospread.interop.codes import code_at, concept, extension, hl7, own, table
from mesospread.patient import Stage
from mesospread.staging import edition_table

#: what every staging profile of mCODE has as its category
_CATEGORY = {
    "coding": [
        {"system": "http://snomed.info/sct", "code": "385356007", "display": "Tumor stage finding"}
    ]
}
_PREFIX = {"clinical": "c", "pathological": "p", "any": ""}
_AXES = ("t", "n", "m")


def write_stage(builder: Builder) -> None:
    """Add what a patient file states about the stage."""
    stage = builder.patient.stage
    if stage is None or stage.edition is None:
        return
    if builder.patient.primary == "pleural" and stage.edition in table()["edition"]:
        _write_tnm(builder, stage)
    else:
        _write_other(builder, stage)


def _write_tnm(builder: Builder, stage: Stage) -> None:
    """Add T, N and M, and the group if it was stated."""
    members = []
    for axis in _AXES:
        value = getattr(stage, axis)
        if value is not None:
            basis = _basis(stage, axis)
            members.append(
                _observe(
                    builder,
                    stage,
                    f"stage-{axis}",
                    profile=table()["axis"][axis]["profile"],
                    code=concept(code_at("axis", axis, basis)),
                    valueCodeableConcept=_category(axis, value, basis),
                    method=concept(code_at("edition", str(stage.edition))),
                )
            )
    if stage.group is not None:
        basis = stage.basis or "any"
        _observe(
            builder,
            stage,
            "stage-group",
            profile=table()["axis"]["group"]["profile"],
            code=concept(code_at("axis", "group", basis), _loinc("group", basis)),
            valueCodeableConcept=_in_ajcc(stage.group, f"Stage {stage.group}"),
            method=concept(code_at("edition", str(stage.edition))),
            hasMember=members,
        )


def _basis(stage: Stage, axis: str) -> str:
    """Return on what a category rests; M0 of a pathological stage is found on scans."""
    if axis == "m" and stage.basis == "pathological" and stage.m == "M0":
        others = (stage.t, stage.n, stage.group)
        return "any" if any(value is not None for value in others) else "pathological"
    return stage.basis or "any"


def _category(axis: str, value: str, basis: str) -> dict[str, Any]:
    """Return a category by its SNOMED CT code, where it is known, and as the AJCC writes it."""
    written = f"{_PREFIX[basis]}{value}"
    codes = [code for code, known in table()["values"].items() if known == written]
    snomed = [
        {"system": table()["systems"]["snomed"], "code": code, "display": f"AJCC {written}"}
        for code in codes
    ]
    return {"coding": [*snomed, *_in_ajcc(written, f"{axis.upper()} category {written}")["coding"]]}


def _in_ajcc(code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": table()["systems"]["ajcc"], "code": code, "display": display}]}


def _loinc(axis: str, basis: str) -> dict[str, str]:
    return {
        "system": table()["systems"]["loinc"],
        "code": table()["axis"][axis]["loinc"][basis],
    }


def _write_other(builder: Builder, stage: Stage) -> None:
    """Add a stage of a system that the AJCC does not have: one observation for each part."""
    system = edition_table(builder.patient.primary, str(stage.edition))
    members: list[dict[str, str]] = []
    for key in ("t", "n", "m", "pci", "group"):
        value = getattr(stage, key)
        if value is None:
            continue
        code = f"pci-{value}" if key == "pci" else str(value)
        written = _observe(
            builder,
            stage,
            f"stage-{key}",
            profile="mcode-cancer-stage",
            extension=[extension("stage-basis", valueCode=stage.basis)] if stage.basis else None,
            code=concept(own("stage-part", key), text=_PARTS[key]),
            valueCodeableConcept=concept(own("stage", code), text=code),
            method=concept(own("staging", system.edition), text=system.name),
            hasMember=members if key == "group" else None,
        )
        members = [*members, written]


_PARTS = {
    "t": "Local extent of the tumour",
    "n": "Regional lymph nodes",
    "m": "Distant spread",
    "pci": "Peritoneal cancer index",
    "group": "Stage group",
}


def _observe(
    builder: Builder, stage: Stage, name: str, *, profile: str, **parts: Any
) -> dict[str, str]:
    return builder.add(
        "Observation",
        name,
        profile=profile,
        status="final",
        category=[_CATEGORY, hl7("observation-category", "exam")],
        focus=[builder.reference("Condition", "primary")],
        effectiveDateTime=stage.date.isoformat() if stage.date else None,
        **parts,
    )
