"""What the profiles of mCODE ask for that the shape of FHIR does not: checked by ourselves.

fhir.resources knows shapes only; no offline validator of profiles exists in Python. These are the
rules that matter for what is read and written here (mCODE STU4).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from mesospread.interop.codes import FHIR, MCODE, table

#: place in the bundle, rule that is broken
Broken = tuple[str, str]
Resource = Mapping[str, Any]

_RELATED = f"{FHIR}condition-related"
_TNM = {row["profile"]: axis for axis, row in table()["axis"].items()}
#: allowed by the value set of mCODE without looking up a hierarchy
_EVIDENCE = frozenset({"714797009", "116147009", "108257001", "386344002", "5880005"})


def broken_rules(
    bundle: Mapping[str, Any], types: Collection[str] | None = None
) -> Iterator[Broken]:
    """Yield the rules of mCODE's profiles, and of ours for forecasts, that a bundle breaks.

    Parameters
    ----------
    bundle
        A bundle of the shape that FHIR R4 gives it.
    types
        Resource types to look at, if the shape of the others is not known; None for all.
    """
    resources = {i: e["resource"] for i, e in enumerate(bundle["entry"]) if "resource" in e}
    if bundle.get("type") != "collection":
        yield "Bundle.type", "an mCODE patient bundle is a collection"
    patients = sum(r.get("resourceType") == "Patient" for r in resources.values())
    if patients != 1:
        yield "Bundle.entry", f"an mCODE patient bundle has one patient, not {patients}"
    known = {str(e.get("fullUrl")) for e in bundle["entry"]}
    known |= {f"{r.get('resourceType')}/{r.get('id')}" for r in resources.values()}
    for i, resource in resources.items():
        if types is not None and resource.get("resourceType") not in types:
            continue
        where = f"Bundle.entry[{i}].resource"
        for name in _profiles(resource):
            for path, rule in _rules(name)(resource):
                yield f"{where}{path}", f"{name}: {rule}"
        if resource.get("resourceType") == "RiskAssessment":
            yield from ((f"{where}{path}", rule) for path, rule in _of_a_forecast(resource))
        yield from (
            (f"{where}{p}", "refers to nothing in the bundle") for p in _dangling(resource, known)
        )


def _profiles(resource: Resource) -> list[str]:
    stated = resource.get("meta", {}).get("profile", [])
    return [p.split("|")[0].removeprefix(MCODE) for p in stated if str(p).startswith(MCODE)]


def _rules(name: str) -> Callable[[Resource], Iterator[Broken]]:
    if name in _TNM:
        return _of_tnm
    return {
        "mcode-cancer-patient": _of_a_patient,
        "mcode-primary-cancer-condition": _of_a_primary,
        "mcode-secondary-cancer-condition": _of_a_secondary,
        "mcode-cancer-stage": _of_a_stage,
        "mcode-ecog-performance-status": _of_ecog,
        "mcode-cancer-disease-status": _of_a_course,
        "mcode-cancer-related-medication-administration": _of_a_drug,
        "mcode-cancer-related-surgical-procedure": _of_surgery,
        "mcode-radiotherapy-course-summary": _of_radiotherapy,
    }.get(name, _nothing)


def _nothing(resource: Resource) -> Iterator[Broken]:
    yield from ()


def _needs(resource: Resource, *keys: str) -> Iterator[Broken]:
    for key in keys:
        if not resource.get(key):
            yield f".{key}", "this is needed"


def _has_code(concept: Any, system: str, *codes: str) -> bool:
    address = table()["systems"][system]
    codings = concept.get("coding", []) if isinstance(concept, Mapping) else []
    return any(c.get("system") == address and c.get("code") in codes for c in codings)


def _of_a_patient(resource: Resource) -> Iterator[Broken]:
    yield from _needs(resource, "identifier", "name", "gender")


def _of_a_primary(resource: Resource) -> Iterator[Broken]:
    yield from _needs(resource, "code", "subject", "category")
    for i, stage in enumerate(resource.get("stage", [])):
        if not stage.get("assessment"):
            yield f".stage[{i}]", "a stage points to the observation that states it"
    for i, evidence in enumerate(resource.get("evidence", [])):
        for concept in evidence.get("code", []):
            if not _has_code(concept, "snomed", *_EVIDENCE, *table()["evidence"]):
                yield (
                    f".evidence[{i}].code",
                    "not in the required value set, as far as it is known here",
                )


def _of_a_secondary(resource: Resource) -> Iterator[Broken]:
    yield from _needs(resource, "code", "subject", "category")
    if "stage" in resource:
        yield ".stage", "a secondary tumour has no stage"
    if not any(e.get("url") == _RELATED for e in resource.get("extension", [])):
        yield ".extension", "it should point to its primary"


def _of_tnm(resource: Resource) -> Iterator[Broken]:
    yield from _of_a_stage(resource)
    if "component" in resource:
        yield ".component", "not used"
    axis = next(_TNM[name] for name in _profiles(resource) if name in _TNM)
    members = resource.get("hasMember", [])
    if len(members) > 3 or (members and axis != "group"):
        yield ".hasMember", "T, N and M of a group, once each"


def _of_a_stage(resource: Resource) -> Iterator[Broken]:
    yield from _needs(resource, "code", "subject", "method", "focus")
    if len(resource.get("focus", [])) > 1:
        yield ".focus", "one primary"
    if not any(key.startswith("value") for key in resource) and "dataAbsentReason" not in resource:
        yield ".valueCodeableConcept", "this is needed"


def _of_ecog(resource: Resource) -> Iterator[Broken]:
    if not _has_code(resource.get("code"), "loinc", table()["loinc"]["ecog"]["code"]):
        yield ".code", "LOINC 89247-1"
    if "valueInteger" not in resource and "dataAbsentReason" not in resource:
        yield ".valueInteger", "a whole number"


def _of_a_course(resource: Resource) -> Iterator[Broken]:
    if not _has_code(resource.get("code"), "loinc", table()["loinc"]["disease_status"]["code"]):
        yield ".code", "LOINC 97509-4"
    value = resource.get("valueCodeableConcept")
    if value is not None and not _has_code(value, "snomed", *table()["course_read"]):
        yield ".valueCodeableConcept", "not in the required value set"
    for key in ("specimen", "device", "referenceRange", "hasMember", "component"):
        if key in resource:
            yield f".{key}", "not used"


def _of_a_drug(resource: Resource) -> Iterator[Broken]:
    yield from _needs(resource, "status", "subject")
    if not any(key.startswith("medication") for key in resource):
        yield ".medicationCodeableConcept", "this is needed"
    if not any(key.startswith("effective") for key in resource):
        yield ".effectivePeriod", "this is needed"


def _of_surgery(resource: Resource) -> Iterator[Broken]:
    yield from _needs(resource, "status", "subject", "code")
    if not _has_code(resource.get("category"), "snomed", "387713003"):
        yield ".category", "SNOMED CT 387713003, surgical procedure"


def _of_radiotherapy(resource: Resource) -> Iterator[Broken]:
    yield from _needs(resource, "status", "subject", "category")
    if not _has_code(resource.get("code"), "snomed", "1217123003"):
        yield ".code", "SNOMED CT 1217123003, radiotherapy course of treatment"


def _of_a_forecast(resource: Resource) -> Iterator[Broken]:
    """Yield what is wrong with chances: percents, so that 0.5 and 0.5 % cannot be confused."""
    for i, prediction in enumerate(resource.get("prediction", [])):
        where = f".prediction[{i}]"
        if "probabilityDecimal" in prediction:
            yield (
                f"{where}.probabilityDecimal",
                "its scale is ambiguous; probabilityRange is in percent",
            )
        if "whenRange" in prediction:
            yield f"{where}.whenRange", "this is a range of ages; a time is a whenPeriod"
        ends = [prediction.get("probabilityRange", {}).get(key) for key in ("low", "high")]
        stated = [end for end in ends if end]
        if any(
            e.get("code") != "%" or e.get("system") != table()["systems"]["ucum"] for e in stated
        ):
            yield f"{where}.probabilityRange", "ras-1: both ends are UCUM %"
        values = [0, *(end.get("value", -1) for end in stated), 100]
        if values != sorted(values):
            yield f"{where}.probabilityRange", "low to high, 0 to 100"


def _dangling(part: Any, known: set[Any], path: str = "") -> Iterator[str]:
    """Yield the places of references that lead nowhere."""
    if isinstance(part, Mapping):
        reference = part.get("reference")
        if isinstance(reference, str) and not reference.startswith("#") and reference not in known:
            yield f"{path}.reference"
        for key, inner in part.items():
            yield from _dangling(inner, known, f"{path}.{key}")
    elif isinstance(part, list):
        for i, inner in enumerate(part):
            yield from _dangling(inner, known, f"{path}[{i}]")
