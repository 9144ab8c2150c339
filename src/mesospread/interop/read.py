"""From an mCODE bundle to a patient: nothing is lost without being named."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mesospread.errors import PatientError
from mesospread.interop.bundle import PERSONAL, READ, Opened, open_bundle
from mesospread.interop.element import Element, Note, refuse
from mesospread.interop.profiles import broken_rules
from mesospread.interop.read_care import read_age, read_fitness, read_symptoms, read_treatments
from mesospread.interop.read_disease import read_disease
from mesospread.interop.read_spread import read_spread
from mesospread.interop.read_stage import read_stage
from mesospread.interop.record import Record, day_of
from mesospread.patient import Patient, PatientFileError, parse_patient

_SEXES = {"male": "male", "female": "female"}


@dataclass(frozen=True)
class Imported:
    """A patient read from a record.

    Attributes
    ----------
    patient
        What a patient file can hold.
    notes
        What became of everything else.
    """

    patient: Patient
    notes: tuple[Note, ...]


def read_bundle(data: Mapping[str, Any], where: str = "bundle") -> Imported:
    """Read an mCODE bundle (FHIR R4) into a patient.

    Three ways to code the disease are read: SNOMED CT with the morphology beside it, ICD-10-CM
    alone, and "any cancer" with ICD-O-3 morphology and topography. Names, addresses and numbers
    that name a person are dropped.

    Parameters
    ----------
    data
        As read from JSON.
    where
        Name of the file, for errors.

    Raises
    ------
    InputError
        If it is no such bundle, or says what cannot be so; with the place in it.
    MissingExtraError
        If fhir.resources is not installed.
    """
    opened = open_bundle(data, where)
    person = _the_patient(opened)
    for place, rule in broken_rules(opened.bundle.data, READ):
        opened.notes.add("profile", place, rule)
    record = Record(opened)
    _leave_out_others(record, person)
    condition = read_disease(record)
    _read_person(record, person)
    read_age(record)
    read_stage(record, condition)
    read_spread(record)
    read_fitness(record)
    read_treatments(record)
    read_symptoms(record)
    _read_today(record, person)
    _name_the_rest(record)
    return Imported(_checked(record), tuple(sorted(opened.notes.found, key=_entry_number)))


def _entry_number(note: Note) -> int:
    """Return where in the bundle a note belongs."""
    found = re.match(r"Bundle\.entry\[(\d+)\]", note.where)
    return int(found[1]) if found else -1


def _the_patient(opened: Opened) -> Element:
    found = list(opened.of_type("Patient"))
    if len(found) != 1:
        raise refuse(
            "the bundle is not about one patient",
            f"{opened.where} › Bundle.entry",
            given=f"{len(found)} Patient resources",
            allowed="exactly one",
            remedy="Export the record of one patient",
        )
    return found[0]


def _leave_out_others(record: Record, person: Element) -> None:
    """Leave out what is about somebody else."""
    record.take(person)
    for resource in record.opened.resources:
        subject = resource.data.get("subject")
        named = Element(subject, resource.where) if isinstance(subject, dict) else None
        stated = named is not None and named.text("reference") != ""
        if stated and record.opened.target(named) is not person:
            record.leave_out(resource, "it is not about the patient of the bundle")


def _read_person(record: Record, person: Element) -> None:
    gender = person.text("gender")
    if gender in _SEXES:
        record.put("sex", _SEXES[gender], f"{person.where}.gender")
    elif gender and gender != "unknown":
        record.notes.add("not read", f"{person.where}.gender", "neither male nor female: left out")
    dropped = [key for key in PERSONAL if key in person.data and not _is_masked(person.data[key])]
    if dropped:
        record.notes.add("dropped", person.where, f"names a person: {', '.join(dropped)}")
    person.used |= {*PERSONAL, "deceasedDateTime", "deceasedBoolean", "active"}


def _is_masked(value: Any) -> bool:
    """Return whether a value only says why it is absent."""
    return isinstance(value, list) and all(
        isinstance(row, dict) and set(row) <= {"extension", "_system", "_value"} for row in value
    )


def _read_today(record: Record, person: Element) -> None:
    """Read the day that the record describes, the day of death, and the age on that day."""
    stamp = day_of(record.opened.bundle.text("timestamp"))
    last = max(record.days, default=None)
    death = day_of(person.text("deceasedDateTime"))
    died = death[0] if death else None
    if person.value("deceasedBoolean") is True:
        record.notes.add(
            "not read", person.where, "the person has died, on a day that is not known"
        )
    today = stamp[0] if stamp else last
    if died is not None:
        before = [day for day in record.days if day < died]
        if stamp is None or stamp[0] >= died:
            today = max(before, default=None)
            record.notes.add(
                "assumed", person.where, "as_of is the last day known before the death"
            )
        if today is None:
            record.notes.add("not read", person.where, "a day of death, and no day before it")
        else:
            record.put("died", died.isoformat(), f"{person.where}.deceasedDateTime")
    elif last is not None and today is not None and last > today:
        record.notes.add(
            "assumed", "Bundle.timestamp", f"something happened later: as_of is {last.isoformat()}"
        )
        today = last
    if today is not None:
        record.put("as_of", today.isoformat(), "Bundle.timestamp")
    _age_from_birth(record, person, today)


def _age_from_birth(record: Record, person: Element, today: dt.date | None) -> None:
    """Work out the age from the date of birth, which itself is dropped."""
    born = day_of(person.text("birthDate"))
    if born is None or "age" in record.facts:
        return
    where = f"{person.where}.birthDate"
    if today is None:
        record.notes.add("not read", where, "no day is known on which to tell the age")
        return
    day, known = born
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    record.put("age", age, where)
    if known != "day":
        record.notes.add(
            "assumed", where, f"only the {known} is known: the age may be one year off"
        )


def _name_the_rest(record: Record) -> None:
    """Note every resource, and every part of one, that nobody has read."""
    narratives = 0
    for resource in record.opened.resources:
        narratives += "text" in resource.data
        if id(resource) not in record.understood:
            record.notes.add("not read", resource.where, _what(resource))
            continue
        if id(resource) in record.left_out:
            continue
        rest = [key for key in resource.unread() if key != "text"]
        if rest:
            record.notes.add("not read", resource.where, f"parts of it: {', '.join(rest)[:200]}")
    rest = [key for key in record.opened.bundle.unread() if key not in ("type", "total", "link")]
    if rest:
        record.notes.add("not read", "Bundle", f"parts of it: {', '.join(rest)[:200]}")
    if narratives:
        record.notes.add("not read", "Bundle.entry", f"texts for people in {narratives} resources")


def _what(resource: Element) -> str:
    """Say in a few words what a resource is, by its codes and never by its words."""
    concept = resource.child("code") or resource.child("medicationCodeableConcept")
    codes = ", ".join(c.code[:20] for c in concept.codings() if c.code) if concept else ""
    kind = resource.data["resourceType"]
    return f"{kind} with a code that is not known: {codes}" if codes else f"{kind} without a code"


def _checked(record: Record) -> Patient:
    """Return the patient, or tell at its place in the bundle what cannot be so."""
    where = record.opened.where
    try:
        return parse_patient(record.facts, where=where)
    except PatientFileError as error:
        moved = [_moved(record, problem) for problem in error.problems]
        raise PatientFileError(moved, where) from None
    except PatientError as error:
        raise _moved(record, error) from None


def _moved(record: Record, error: PatientError) -> PatientError:
    """Put the place in the bundle in front of the place in the patient file."""
    key = error.where.rpartition(" › ")[2]
    place = next((record.places[k] for k in _outwards(key) if k in record.places), "Bundle")
    return PatientError(
        error.problem,
        where=f"{record.opened.where} › {place} (patient file: {key})",
        given=error.given,
        allowed=error.allowed,
        remedy=error.remedy,
        reason=error.reason,
        values=error.values,
    )


def _outwards(key: str) -> list[str]:
    """Return a path and all that it lies in: ``scans[0].date``, ``scans[0]``, ``scans``."""
    found = [key]
    while match := re.match(r"(.+)(?:\.[^.\[]+|\[\d+\])$", found[-1]):
        found.append(match[1])
    return found
