"""The names of the findings and facts of a patient in the words of the reader.

Inference names each finding in English. Here the same names are made once more from the facts
that were given, each beside its words in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from mesospread.anatomy import site as site_named
from mesospread.infer.result import FactInfluence, Forecast
from mesospread.report.view_numbers import day
from mesospread.report.view_parts import Words, scan_name, site_label, symptom_told, treatment_name


def finding_labels(result: Forecast, words: Words) -> dict[str, str]:
    """Return the name that inference gives each finding, to its name for the reader.

    Parameters
    ----------
    result
        The answer. A finding that is not told from its facts keeps its English name.
    words
        Language and reader.
    """
    patient = result.patient
    known = {**_scans(patient, words), **_symptoms(patient, words)}
    named = [one.finding for one in result.influences or ()]
    named += result.diagnostics.unexpected_findings
    return {name: known.get(name) or _stage(name, patient, words) for name in named}


def reader_label(name: str, patient: Mapping[str, Any], words: Words) -> str:
    """Return one finding, as inference names it, in the words of the reader."""
    known = {**_scans(patient, words), **_symptoms(patient, words)}
    return known.get(name) or _stage(name, patient, words)


def fact_label(one: FactInfluence, words: Words) -> str:
    """Return a fact about the person with its value, or a treatment with its first day."""
    if one.left_out == "not given":
        return words(
            "why.treatment",
            treatment=treatment_name(one.fact, words),
            day=day(one.value, words.lang, short=True),
        )
    value = words.maybe(f"value.{one.value}", one.value)
    return words("why.fact", name=words(f"why.name.{one.fact}"), value=value)


def _scans(patient: Mapping[str, Any], words: Words) -> dict[str, str]:
    found = {}
    for scan in patient.get("scans", ()):
        when = date.fromisoformat(str(scan["date"]))
        for said in ("positive", "negative"):
            for site in scan.get(said, ()):
                english = f"{scan['modality']} of {when:%d %B %Y}: {site_named(site).label} {said}"
                found[english] = words(
                    f"why.scan_{said}",
                    scan=scan_name(str(scan["modality"]), words),
                    day=day(when, words.lang, short=True),
                    place=site_label(str(patient["primary"]), site, words),
                )
    return found


def _symptoms(patient: Mapping[str, Any], words: Words) -> dict[str, str]:
    found = {}
    for symptom in patient.get("symptoms", ()):
        told = symptom_told(str(symptom["name"]), str(patient["primary"]), words)
        for said in ("present", "absent"):
            found[f"{symptom['name']} {said}"] = words(f"why.symptom_{said}", symptom=told)
    return found


def _stage(name: str, patient: Mapping[str, Any], words: Words) -> str:
    """Return what is neither a scan nor a symptom: the stage, or how a treatment worked."""
    if "stage" not in patient or "response to " in name:
        return name
    return words("why.stage", stage=name.replace("stage ", "").replace("_", " "))
