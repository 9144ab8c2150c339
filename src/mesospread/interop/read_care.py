"""Read fitness, age, symptoms, treatments and how the disease answered to them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from mesospread.anatomy import normalised
from mesospread.errors import InputError
from mesospread.interop.codes import code_at, table
from mesospread.interop.drugs import drugs_of
from mesospread.interop.element import Element
from mesospread.interop.record import Record
from mesospread.model.load import observation as seen_by
from mesospread.model.load import treatments as library_of
from mesospread.model.treatments import find_treatment

#: lowest Karnofsky index of each ECOG grade (Oken et al. 1982, as usually laid side by side)
_KARNOFSKY = {90: 0, 70: 1, 50: 2, 30: 3, 10: 4}
#: drugs begun within so many days of each other belong to one treatment
_TOGETHER_DAYS = 28
#: a course noted so many days after the end of a treatment still speaks of it
_AFTER_DAYS = 92
#: from the best answer to the worst
_BEST = ("complete", "partial", "stable", "progression")
_DRUG_TYPES = ("MedicationRequest", "MedicationAdministration", "MedicationStatement")


# ---------------------------------------------------------------- fitness and age


def read_fitness(record: Record) -> None:
    """Read the newest performance status: ECOG, or else Karnofsky."""
    ecog, karnofsky = _newest(record, "ecog"), _newest(record, "karnofsky")
    if ecog is not None:
        score, where = ecog
        record.put("performance_status", score, f"{where}.valueInteger")
        if karnofsky is not None:
            record.notes.add("not read", karnofsky[1], "Karnofsky: the ECOG is stated too")
    elif karnofsky is not None:
        score, where = karnofsky
        grade = next((grade for low, grade in _KARNOFSKY.items() if low <= score <= 100), None)
        if grade is None:
            record.notes.add("not read", where, "a Karnofsky index outside 10 to 100")
            return
        record.put("performance_status", grade, where)
        record.notes.add("assumed", where, f"Karnofsky {score} is taken as ECOG {grade}")


def _newest(record: Record, key: str) -> tuple[int, str] | None:
    """Return the newest score of one scale and where it stands; earlier ones are noted."""
    found = []
    for observation in _observed(record, key):
        score = observation.value("valueInteger")
        score = score if isinstance(score, int) else _score_in_words(observation)
        day = record.day(observation, "effectiveDateTime", "effectivePeriod.start")
        if score is None:
            record.notes.add("not read", observation.where, "a performance status without a score")
        else:
            found.append((day or dt.date.min, score, observation.where))
    found.sort(key=lambda one: one[0])
    for _, _, where in found[:-1]:
        record.notes.add("not read", where, "an earlier performance status")
    return found[-1][1:] if found else None


def _observed(record: Record, key: str) -> list[Element]:
    """Return the observations with a LOINC code of the data file, counted as read."""
    wanted = table()["loinc"][key]["code"]
    found = []
    for observation in record.live("Observation"):
        if any((c.system, c.code) == ("loinc", wanted) for c in observation.coded("code")):
            record.take(observation)
            observation.used |= {"performer", "focus", "derivedFrom", "issued"}
            found.append(observation)
    return found


def _score_in_words(observation: Element) -> int | None:
    """Return the score of a value that is a concept: LOINC answers begin with it."""
    value = observation.child("valueCodeableConcept")
    for words in value.words() if value else []:
        found = re.search(r"\b(\d{1,3})\b", words)
        if found:
            return int(found[1])
    return None


def read_age(record: Record) -> None:
    """Read the age in years where it is stated as such."""
    for observation in _observed(record, "age"):
        quantity = observation.child("valueQuantity")
        years = quantity.value("value") if quantity else None
        unit = quantity.text("code") or quantity.text("unit") if quantity else ""
        if quantity is None or unit not in ("a", "years", "year") or not _is_whole(years):
            record.notes.add("not read", observation.where, "an age that is not in whole years")
        else:
            observation.used |= {"effectiveDateTime"}
            record.put("age", int(years), f"{quantity.where}.value")


def _is_whole(number: Any) -> TypeGuard[int | float]:
    return isinstance(number, int | float) and float(number).is_integer()


# ---------------------------------------------------------------- symptoms


def read_symptoms(record: Record) -> None:
    """Read symptoms: observations of ours, and conditions whose words name one."""
    for observation in record.live("Observation"):
        concept = observation.child("code")
        if any(c.system == "own:symptom" for c in observation.coded("code")):
            record.take(observation)
            _read_symptom(record, observation, concept.text("text") if concept else "")
    spelt = {
        normalised(text): symptom.name
        for symptom in seen_by(record.primary).symptom
        for text in (symptom.name, symptom.label, *symptom.aliases)
    }
    for condition in record.live("Condition"):
        concept = condition.child("code")
        words = concept.words() if concept else []
        known = next((spelt[normalised(w)] for w in words if normalised(w) in spelt), "")
        if known:
            record.take(condition)
            _read_symptom_condition(record, condition, known)


def _read_symptom(record: Record, observation: Element, name: str) -> None:
    codes = {c.code for c in observation.coded("valueCodeableConcept")}
    present: bool | str = "unknown"
    if codes & {code_at("presence", key).code for key in ("present", "absent")}:
        present = code_at("presence", "present").code in codes
    observation.used |= {"dataAbsentReason"}
    row: dict[str, Any] = {"name": name, "present": present}
    since = record.day(observation, "effectivePeriod.start", "effectiveDateTime")
    if since is not None:
        row["since"] = since.isoformat()
    record.append("symptoms", row, observation.where)


def _read_symptom_condition(record: Record, condition: Element, name: str) -> None:
    status = {c.code for c in condition.coded("clinicalStatus")}
    gone = bool(status & {"inactive", "resolved", "remission"})
    row: dict[str, Any] = {"name": name, "present": not gone}
    since = record.day(condition, "onsetDateTime", "onsetPeriod.start", "recordedDate")
    if since is not None and not gone:
        row["since"] = since.isoformat()
    record.append("symptoms", row, condition.where)


# ---------------------------------------------------------------- treatments


@dataclass
class _Course:
    """One treatment on its way to the patient file."""

    names: list[str]
    start: dt.date
    end: dt.date | None
    open: bool
    where: str
    line: int = 0
    owners: list[Element] = field(default_factory=list)
    responses: list[str] = field(default_factory=list)
    latest: dt.date = dt.date.min
    assumed: bool = False

    def __post_init__(self) -> None:
        """Begin with what there is: the last beginning is the only one."""
        self.latest = self.start


def read_treatments(record: Record) -> None:
    """Read drugs and procedures into the treatments of a record, and the responses to them."""
    courses = [c for r in record.live(*_DRUG_TYPES, "Procedure") if (c := _course(record, r))]
    joined = _together(courses)
    _read_responses(record, joined)
    joined.sort(key=lambda c: c.line or len(joined) + 1)
    for course in joined:
        row: dict[str, Any] = {"name": _named(record, course), "start": course.start.isoformat()}
        if course.assumed:
            row["start_assumed"] = True
        if not course.open and course.end is not None:
            row["end"] = course.end.isoformat()
        if course.responses:
            best = min(course.responses, key=_BEST.index)
            row["response"] = best
            if len(set(course.responses)) > 1:
                record.notes.add("assumed", course.where, f"of several responses the best: {best}")
        record.append("treatments", row, course.where)


def _course(record: Record, resource: Element) -> _Course | None:
    """Return one drug or procedure with its dates, or None (noted) if it cannot be used."""
    names = _names(record, resource)
    start, end = _period(record, resource)
    reasons = record.opened.targets(resource, "reasonReference")
    if not names or record.is_of_another(resource, reasons):
        return None
    record.take(resource)
    for key in ("reasonReference", "reasonCode", "intent", "request", "basedOn", "bodySite"):
        resource.used.add(key)
    if start is None:
        record.leave_out(resource, "a treatment without a date")
        return None
    status = resource.text("status")
    line = resource.own_extension("treatment-line")
    if end is None and status in ("completed", "stopped"):
        end = start
        record.notes.add(
            "assumed",
            resource.where,
            "ended, on a day that is not known: taken as the day it began",
        )
    number = int(line.value("valuePositiveInt") or 0) if line else 0
    course = _Course(names, start, end, end is None, resource.where, number, [resource])
    course.assumed = resource.own_extension("day-assumed") is not None
    return course


def _names(record: Record, resource: Element) -> list[str]:
    """Return the name of a treatment, as ours or as drugs or a procedure that are known."""
    ours = resource.own_extension("treatment-name")
    key = "code" if resource.data["resourceType"] == "Procedure" else "medicationCodeableConcept"
    concept = resource.child(key)
    if concept is None and resource.data["resourceType"] != "Procedure":
        medication = record.opened.target(resource.child("medicationReference"))
        concept = medication.child("code") if medication else None
    if ours is not None:
        return [ours.text("valueString")]
    if concept is None:
        return []
    if resource.data["resourceType"] != "Procedure":
        return drugs_of(concept)
    words = next((w for w in concept.words() if _in_library(record, w)), "")
    return [words] if words else _radiotherapy(record, resource, concept)


def _radiotherapy(record: Record, resource: Element, concept: Element) -> list[str]:
    """Return "radiotherapy" for a course of it that says no more."""
    codes = {c.code for c in concept.codings()}
    if code_at("procedure", "radiotherapy").code in codes:
        record.notes.add("assumed", resource.where, "radiotherapy that says no more of its kind")
        return ["radiotherapy"]
    return []


def _in_library(record: Record, words: str) -> bool:
    try:
        find_treatment(library_of(record.primary), words)
    except InputError:
        return False
    return True


def _period(record: Record, resource: Element) -> tuple[dt.date | None, dt.date | None]:
    """Return first and last day of a treatment."""
    kind = resource.data["resourceType"]
    if kind == "MedicationRequest":
        for dosage in resource.children("dosageInstruction"):
            timing = dosage.child("timing")
            repeat = timing.child("repeat") if timing else None
            bounds = repeat.child("boundsPeriod") if repeat else None
            if bounds is not None:
                return record.day(bounds, "start"), record.day(bounds, "end")
        return record.day(resource, "authoredOn"), None
    stem = "performed" if kind == "Procedure" else "effective"
    start = record.day(resource, f"{stem}Period.start")
    if start is not None:
        return start, record.day(resource, f"{stem}Period.end")
    once = record.day(resource, f"{stem}DateTime")
    return once, once


def _together(courses: list[_Course]) -> list[_Course]:
    """Join drugs that belong to one treatment."""
    joined: list[_Course] = []
    for course in sorted(courses, key=lambda c: (c.line, c.start)):
        home = next((other for other in joined if _belongs(other, course)), None)
        if home is None:
            joined.append(course)
            continue
        home.names += [name for name in course.names if name not in home.names]
        ends = [end for end in (home.end, course.end) if end is not None]
        home.end, home.open = max(ends, default=None), home.open or course.open
        home.latest = max(home.latest, course.latest)
        home.owners += course.owners
    return joined


def _belongs(home: _Course, course: _Course) -> bool:
    """Return whether a drug belongs to a treatment begun before it."""
    if course.line or home.line:
        return course.line == home.line
    drugs = set(table()["drug"])
    if not set(home.names) | set(course.names) <= drugs:
        return False
    # a drug given again goes on from its last day; another one belongs to the same beginning
    again = bool(set(home.names) & set(course.names))
    since = max(home.latest, home.end or home.latest) if again else home.start
    return (course.start - since).days <= _TOGETHER_DAYS


def _named(record: Record, course: _Course) -> str:
    """Return the name of a treatment as the model knows it, or what the record says."""
    joined = " + ".join(dict.fromkeys(course.names))
    if course.line or _in_library(record, joined):
        return joined
    record.notes.add(
        "assumed",
        course.where,
        f"the model knows no treatment {joined!r}: correct the name in the patient file",
    )
    return joined


# ---------------------------------------------------------------- responses


def _read_responses(record: Record, courses: list[_Course]) -> None:
    """Give each disease status to the treatment that it names, or that was going on."""
    for status in _observed(record, "disease_status"):
        if record.is_of_another(status, record.opened.targets(status, "focus")):
            continue
        word = _response(status)
        parents = record.opened.targets(status, "partOf")
        day = record.day(status, "effectiveDateTime", "effectivePeriod.start")
        status.used |= {"focus", "extension", "dataAbsentReason", "method"}
        named = [c for c in courses if any(o is p for o in c.owners for p in parents)]
        if not word:
            record.notes.add("not read", status.where, "a disease status that says neither way")
        elif named:
            named[0].responses.append(word)
        elif (course := _going_on(courses, day)) is not None:
            course.responses.append(word)
            record.notes.add(
                "assumed", status.where, f"taken as the response to that treatment: {word}"
            )
        else:
            record.notes.add("not read", status.where, "a disease status outside any treatment")


def _response(status: Element) -> str:
    codings = status.coded("valueCodeableConcept")
    ours = next((c.code for c in codings if c.system == "own:response"), "")
    if ours:
        return ours
    read = table()["course_read"]
    return next((read[c.code] for c in codings if c.system == "snomed" and c.code in read), "")


def _going_on(courses: list[_Course], day: dt.date | None) -> _Course | None:
    """Return the treatment that a day belongs to: the last begun before it."""
    if day is None:
        return None
    begun = [c for c in courses if c.start <= day and _covers(c, day)]
    return max(begun, key=lambda c: c.start, default=None)


def _covers(course: _Course, day: dt.date) -> bool:
    return course.open or course.end is None or (day - course.end).days <= _AFTER_DAYS
