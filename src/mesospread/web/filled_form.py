"""The form that would describe a patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mesospread.app.page_choices import Choice, choices_for
from mesospread.web.fields import (
    MOST_ROWS,
    NO,
    SCAN,
    STAGE,
    TREATMENT,
    YES,
    scan_field,
    stage_field,
    symptom_field,
    treatment_field,
)
from mesospread.web.forms import Form, Mode, answers_from


def form_of(patient: Mapping[str, Any], mode: Mode) -> Form:
    """Return the form that would describe a patient.

    Parameters
    ----------
    patient
        The keys of a patient file, dates as text.
    mode
        ``plain`` or ``clinician``.
    """
    primary = patient["primary"]
    values = {
        name: str(patient[name])
        for name in ("age", "sex", "side", "histology", "performance_status", "diagnosed", "as_of")
        if name in patient
    }
    stage = patient.get("stage", {})
    values |= {stage_field(part): str(stage[part]) for part in STAGE if part in stage}
    values |= answers_from(primary, stage)
    values |= {table: str(len(patient.get(table, []))) for table in MOST_ROWS}
    for row, scan in enumerate(patient.get("scans", [])):
        values |= {scan_field(row, part): str(scan[part]) for part in SCAN if part in scan}
        values |= {scan_field(row, site): YES for site in scan.get("positive", [])}
        values |= {scan_field(row, site): NO for site in scan.get("negative", [])}
    choices = choices_for(primary)
    for row, treatment in enumerate(patient.get("treatments", [])):
        known = (part for part in TREATMENT if part in treatment)
        values |= {treatment_field(row, part): str(treatment[part]) for part in known}
        values[treatment_field(row, "name")] = _called(choices.treatments, treatment["name"])
    for symptom in patient.get("symptoms", []):
        name = _called(choices.symptoms, symptom["name"])
        values[symptom_field(name)] = YES if symptom.get("present", True) else NO
        if "since" in symptom:
            values[symptom_field(name, "since")] = str(symptom["since"])
    return Form(primary, mode, values)


def _called(offered: Iterable[Choice], name: str) -> str:
    """Return how the form calls what a patient file calls by some name."""
    return next((choice.value for choice in offered if choice.is_called(name)), name)
