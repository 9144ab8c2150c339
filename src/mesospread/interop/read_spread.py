"""Read where the disease has spread: secondary conditions, and reports of examinations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mesospread.anatomy import Site, find_site, sites_of
from mesospread.errors import InputError
from mesospread.interop.codes import FHIR, code_at, is_secondary, sites_read, table
from mesospread.interop.element import Element
from mesospread.interop.read_disease import sides_of
from mesospread.interop.record import Record, asserted, has_profile

_RELATED = f"{FHIR}condition-related"
#: how a spread is taken to have been found if the record does not say
_USUAL = "CT"


def read_spread(record: Record) -> None:
    """Read examinations and secondary tumours into the scans of a record."""
    for report in record.live("DiagnosticReport"):
        _read_report(record, report)
    for condition in record.live("Condition"):
        if _is_secondary(condition):
            _read_secondary(record, condition)


# ---------------------------------------------------------------- reports of our own


def _read_report(record: Record, report: Element) -> None:
    """Read the report of an examination in which each place has a finding of its own."""
    modality = next((c.code for c in report.coded("code") if c.system == "own:modality"), "")
    day = record.day(report, "effectiveDateTime", "effectivePeriod.start")
    if not modality or day is None:
        return
    record.take(report)
    scan: dict[str, Any] = {"date": day.isoformat(), "modality": modality}
    if report.own_extension("day-assumed") is not None:
        scan["date_assumed"] = True
    for finding in record.opened.targets(report, "result"):
        site, key = _finding(finding)
        if not site or not key:
            record.notes.add("not read", finding.where, "a finding that is not known")
            continue
        record.take(finding)
        record.findings.add(id(finding))
        finding.used |= {"effectiveDateTime", "extension", "focus", "method"}
        scan.setdefault(key, []).append(site)
    record.append("scans", scan, report.where)


def _finding(observation: Element) -> tuple[str, str]:
    """Return the site of a finding and the list that it belongs to."""
    site = next((c.code for c in observation.coded("bodySite") if c.system == "own:site"), "")
    said = {c.code for c in observation.coded("valueCodeableConcept")}
    if code_at("presence", "present").code in said:
        return site, "positive"
    return site, "negative" if code_at("presence", "absent").code in said else ""


# ---------------------------------------------------------------- secondary tumours


def _is_secondary(condition: Element) -> bool:
    return has_profile(condition, "mcode-secondary-cancer-condition") or any(
        c.system in ("icd10cm", "snomed") and is_secondary(c.code) for c in condition.coded("code")
    )


def _read_secondary(record: Record, condition: Element) -> None:
    """Read a secondary tumour as a positive finding, if its place is one that the model knows."""
    related = [e.child("valueReference") for e in condition.extensions(_RELATED)]
    targets = [t for t in map(record.opened.target, related) if t is not None]
    if record.is_of_another(condition, targets):
        return
    record.take(condition)
    record.cancer.add(id(condition))
    condition.used |= {"extension", "evidence", "bodySite"}
    if _told_by_a_finding(record, condition):
        return
    site = _site_of(record, condition)
    if not site:
        return
    day = record.day(condition, "onsetDateTime", "onsetPeriod.start") or _asserted(
        record, condition
    )
    day = day or record.day(condition, "recordedDate")
    if day is None:
        stated = record.facts.get("diagnosed")
        if stated is None:
            record.leave_out(condition, f"tumour at {site}: no date is known")
            return
        day = dt.date.fromisoformat(stated)
        record.notes.add(
            "assumed", condition.where, f"tumour at {site}: no date; taken as seen at diagnosis"
        )
    for coding in condition.coded("clinicalStatus"):
        if coding.code != "active":
            told = f"tumour at {site}, marked {coding.code}: taken as seen on {day.isoformat()}"
            record.notes.add("assumed", coding.where, told)
    modality = _how_found(record, condition, site)
    _add_positive(record, day, modality, site, condition.where)


def _asserted(record: Record, condition: Element) -> dt.date | None:
    extension = asserted(condition)
    return record.day(extension, "valueDateTime") if extension else None


def _told_by_a_finding(record: Record, condition: Element) -> bool:
    """Return whether a condition only repeats a finding that was read."""
    for evidence in condition.children("evidence"):
        for target in record.opened.targets(evidence, "detail"):
            if id(target) in record.findings:
                condition.used |= {"code", "onsetDateTime", "clinicalStatus"}
                return True
    return False


def _site_of(record: Record, condition: Element) -> str:
    """Return the one site that a condition names, empty (and noted) if there is no such one."""
    sites = sites_of(record.primary)
    organ_sides = _organ_sides(condition)
    found = _by_code(record, condition) or _by_body_site(record, condition, sites)
    side = record.facts.get("side")
    kept = [name for name in found if not _is_same_side(name, organ_sides, side)]
    if len(kept) == 1 and not (kept[0] == "contralateral_lung" and (not organ_sides or not side)):
        return kept[0]
    codes = ", ".join(c.code[:20] for c in condition.coded("code"))
    if kept:
        why = (
            "its code does not say which of them it is"
            if len(kept) > 1
            else "its side is not known"
        )
        told = f"a secondary tumour ({codes}) that may be {' or '.join(kept)}: {why}"
    elif found:
        told = (
            f"a secondary tumour ({codes}) on the side of the primary: the model has no such site"
        )
    else:
        told = f"a secondary tumour ({codes}) at a place that the model does not have by this code"
    by_hand = "; add it to the patient file by hand" if kept else ""
    record.leave_out(condition, told + by_hand)
    return ""


def _by_code(record: Record, condition: Element) -> list[str]:
    """Return the sites that the codes of a condition may mean."""
    allowed = tuple(site.name for site in sites_of(record.primary))
    found: list[str] = []
    for coding in condition.coded("code"):
        for name in sites_read(coding.code, record.primary, allowed):
            if name not in found:
                found.append(name)
    return found


def _by_body_site(record: Record, condition: Element, sites: tuple[Site, ...]) -> list[str]:
    """Return the sites that the body site of a condition may mean, by code or in words."""
    found: list[str] = []
    for place in condition.children("bodySite"):
        for coding in place.codings():
            found += [
                site.name
                for site in sites
                if (coding.system == "own:site" and coding.code == site.name)
                or any(
                    (c.system, c.code) == ("snomed_ct", coding.code) and coding.system == "snomed"
                    for c in site.codes
                )
            ]
        for words in place.words() if not found else []:
            try:
                found.append(find_site(words, record.primary).name)
            except InputError:
                continue
            record.notes.add("assumed", place.where, f"read from its words as {found[-1]}")
    return list(dict.fromkeys(found))


def _organ_sides(condition: Element) -> set[str]:
    codes = {c.code for c in condition.coded("code")}
    by_code = {side for code, side in table()["organ_side"].items() if code in codes}
    return by_code or {s for place in condition.children("bodySite") for s in sides_of(place)}


def _is_same_side(site: str, organ_sides: set[str], side: str | None) -> bool:
    """Return whether a site of the other side is on the side of the primary."""
    return site.startswith("contralateral_") and organ_sides == {side}


def _how_found(record: Record, condition: Element, site: str) -> str:
    """Return how a secondary tumour was found, as far as the record says."""
    codes = [
        coding.code
        for evidence in condition.children("evidence")
        for concept in evidence.children("code")
        for coding in concept.codings()
    ]
    for code in codes:
        if code in table()["evidence"]:
            return str(table()["evidence"][code])
    record.notes.add(
        "assumed",
        condition.where,
        f"tumour at {site}: the record does not say how it was found; taken as seen on {_USUAL}",
    )
    return _USUAL


def _add_positive(record: Record, day: dt.date, modality: str, site: str, where: str) -> None:
    """Add a finding to the examination of that day, or make one."""
    for scan in record.facts.get("scans", []):
        if (scan["date"], scan["modality"]) != (day.isoformat(), modality):
            continue
        if site in scan.get("negative", ()):
            record.notes.add(
                "not read", where, f"the {modality} of that day found no tumour at {site}"
            )
        elif site not in scan.setdefault("positive", []):
            scan["positive"].append(site)
        return
    row = {"date": day.isoformat(), "modality": modality, "positive": [site]}
    record.append("scans", row, where)
