"""Write what examinations found, and the secondary tumours that follow from it."""

from __future__ import annotations

from typing import Any

from mesospread.anatomy import Site, sites_of
from mesospread.interop.builder import Builder, Reference
from mesospread.interop.codes import (
    FHIR,
    code_at,
    concept,
    extension,
    hl7,
    own,
    table,
    written_for,
)
from mesospread.patient import Scan

#: examinations that take tissue, so that a finding is more than an image
_TISSUE = ("biopsy", "EBUS", "mediastinoscopy", "laparoscopy")
_IMAGING = ("CT", "PET-CT", "MRI", "bone scan", "ultrasound")


def write_scans(builder: Builder) -> None:
    """Add a report for each examination, and secondary tumours for what is spread.

    Growth by contact belongs to the primary (its T), so it stays a finding; a tumour in a regional
    node or at a distant place becomes a condition as well.
    """
    sites = {site.name: site for site in sites_of(builder.patient.primary)}
    found: dict[str, list[tuple[Scan, Reference]]] = {}
    for number, scan in enumerate(builder.patient.scans, start=1):
        results = []
        for positive, names in ((True, scan.positive), (False, scan.negative)):
            for name in names:
                finding = _finding(builder, number, scan, sites[name], positive)
                results.append(finding)
                if positive and sites[name].relation in ("regional", "distant"):
                    found.setdefault(name, []).append((scan, finding))
        builder.add(
            "DiagnosticReport",
            f"scan-{number}",
            extension=_assumed(scan),
            status="final",
            category=[hl7("v2-0074", "RAD")] if scan.modality in _IMAGING else None,
            code=_examination(scan.modality),
            effectiveDateTime=scan.date.isoformat(),
            result=results,
        )
    for name, findings in found.items():
        _secondary(builder, sites[name], findings)


def _examination(modality: str) -> dict[str, Any]:
    known = [code_at("modality", modality)] if modality in table()["modality"] else []
    return concept(own("modality", modality), *known, text=modality)


def _finding(builder: Builder, number: int, scan: Scan, site: Site, positive: bool) -> Reference:
    """Add whether tumour was seen at one place."""
    place = [
        {"system": table()["systems"]["snomed"], "code": code.code}
        for code in site.codes
        if code.system == "snomed_ct"
    ]
    return builder.add(
        "Observation",
        f"scan-{number}-{site.name.replace('_', '-')}",
        extension=_assumed(scan),
        status="final",
        category=[hl7("observation-category", "imaging" if scan.modality in _IMAGING else "exam")],
        code=concept(own("finding", "tumour-at-site"), text="Tumour at this site"),
        focus=[builder.reference("Condition", "primary")],
        effectiveDateTime=scan.date.isoformat(),
        valueCodeableConcept=concept(code_at("presence", "present" if positive else "absent")),
        bodySite=concept(own("site", site.name), *place, text=site.clinical_label),
    )


def _assumed(scan: Scan) -> list[dict[str, Any]]:
    """Return what says that the date of a scan is not known."""
    return [extension("day-assumed", valueBoolean=True)] if scan.date_assumed else []


def _secondary(builder: Builder, site: Site, findings: list[tuple[Scan, Reference]]) -> None:
    patient = builder.patient
    proven = any(scan.modality in _TISSUE for scan, _ in findings)
    first = min(scan.date for scan, _ in findings)
    builder.add(
        "Condition",
        f"secondary-{site.name.replace('_', '-')}",
        profile="mcode-secondary-cancer-condition",
        extension=[
            {
                "url": f"{FHIR}condition-related",
                "valueReference": builder.reference("Condition", "primary"),
            }
        ],
        clinicalStatus=hl7("condition-clinical", "active"),
        verificationStatus=hl7("condition-ver-status", "confirmed" if proven else "provisional"),
        category=[hl7("condition-category", "problem-list-item")],
        code=concept(
            written_for(site.name, patient.primary, patient.side), text=site.clinical_label
        ),
        onsetDateTime=first.isoformat(),
        evidence=[{"detail": [finding for _, finding in findings]}],
    )
