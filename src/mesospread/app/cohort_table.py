"""A table of patients with what became of them: what was known on a day, and what followed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from mesospread.anatomy import normalised
from mesospread.app.batch import checked_row
from mesospread.errors import InputError, PatientError
from mesospread.patient import Patient, parse_patient
from mesospread.patient.table import PatientRow, PatientTable, read_patient_table
from mesospread.units import months_between

FOLLOWED, DIED, DAY = "followed_months", "died", "as_of"
#: facts that only published scores use, and what they are
BLOOD = {"white_cells": "white cells in the blood, 10^9 per litre"}
_BESIDE = (FOLLOWED, DIED, DAY, *BLOOD)
_UNKNOWN = {"", "unknown", "na", "n a", "nan"}
_DIED = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
#: nobody is followed longer: a larger number is probably in days
_MOST_MONTHS = 600.0


@dataclass(frozen=True)
class FollowedPatient:
    """One patient as known on the day of the forecast, and what became of the patient.

    Attributes
    ----------
    row
        Of the table; its patient knows nothing that came later.
    months
        From the day of the forecast to death, or to when the patient was last seen.
    died
        Whether it ended by death.
    blood
        Facts that only published scores use.
    left_out
        Facts of the row that came after the day of the forecast.
    """

    row: PatientRow
    months: float
    died: bool
    blood: Mapping[str, float]
    left_out: int


@dataclass(frozen=True)
class FollowedTable:
    """A table of patients with what became of them.

    Attributes
    ----------
    source
        Name of the file.
    patients
        Those of whom it is known.
    unknown
        Patients of whom it is not known whether they died, or how long they were followed.
    """

    source: str
    patients: tuple[FollowedPatient, ...]
    unknown: int


def read_followed(path: str | Path) -> FollowedTable:
    """Read a table of patients with what became of them.

    Parameters
    ----------
    path
        As `mesospread.patient.table.read_patient_table` reads it, with the columns
        ``followed_months`` (from the day of the forecast) and ``died`` (yes, no, unknown). The
        day of the forecast is ``as_of``, or else that of the diagnosis.

    Raises
    ------
    PatientError
        Naming all that is wrong with the table.
    """
    table = read_patient_table(path, beside=_BESIDE)
    _check_columns(table)
    rows = tuple(map(_read, table.rows))
    bad = tuple(r for r in rows if isinstance(r, PatientRow))
    PatientTable(table.source, tuple(r for r in bad if r.problems or r.id_problem)).refuse_bad()
    followed = tuple(r for r in rows if isinstance(r, FollowedPatient))
    return FollowedTable(table.source, followed, len(rows) - len(followed))


def _check_columns(table: PatientTable) -> None:
    # a row that does not fit the header has no cells, and is told about with the other rows
    named = next((row.beside for row in table.rows if row.beside or row.patient), None)
    missing = [c for c in (FOLLOWED, DIED) if named is not None and c not in named]
    if missing:
        raise PatientError(
            f"the table does not say what became of the patients: no column {missing[0]}"
            + (f" and no column {missing[1]}" if missing[1:] else ""),
            where=table.source,
            allowed=f"{FOLLOWED}: months from the day of the forecast to death or to when last "
            f"seen; {DIED}: yes, no, unknown",
            remedy="Add it. See examples/cohort_simulated.csv",
        )


def _read(row: PatientRow) -> FollowedPatient | PatientRow:
    """Return a row with its outcome; the row itself if it is wrong or its outcome unknown."""
    if row.problems or row.id_problem or row.patient is None:
        return row
    try:
        day = _day(row)
        months, died = _number(row, FOLLOWED, _MOST_MONTHS), _died(row)
        blood = {name: _number(row, name, 1_000.0) for name in BLOOD}
        patient, left_out = _as_known(row.patient, day)
    except PatientError as error:
        error.where = error.where or row.where
        return replace(row, problems=(error,))
    row = checked_row(replace(row, patient=patient))
    if row.problems or months is None or died is None:
        return row
    known = {name: value for name, value in blood.items() if value is not None}
    return FollowedPatient(row, months, died, known, left_out)


def _cell(row: PatientRow, name: str) -> str | None:
    cell = row.beside.get(name, "")
    return None if normalised(cell) in _UNKNOWN else cell


def _number(row: PatientRow, name: str, most: float) -> float | None:
    cell = _cell(row, name)
    if cell is None:
        return None
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not 0.0 <= number <= most:
        before = name == FOLLOWED and number < 0
        raise PatientError(
            "the follow-up ends before the day of the forecast" if before else "not such a number",
            where=f"{row.where} › {name}",
            given=repr(cell),
            allowed=f"0 to {most:g}" + (" months" if name == FOLLOWED else ""),
            remedy="Leave the cell empty if it is not known",
        )
    return number


def _died(row: PatientRow) -> bool | None:
    cell = _cell(row, DIED)
    if cell is None:
        return None
    if cell.lower() not in _DIED:
        raise PatientError(
            "not yes or no",
            where=f"{row.where} › {DIED}",
            given=repr(cell),
            allowed="yes, no, unknown",
            remedy=f"A date of death is told by {FOLLOWED}, in months, and {DIED}, yes",
        )
    return _DIED[cell.lower()]


def _day(row: PatientRow) -> date | None:
    """Return the day of the forecast; None if the row holds no date at all."""
    patient, cell = row.patient, _cell(row, DAY)
    assert patient is not None
    where = f"{row.where} › {DAY}"
    if cell is None:
        if patient.diagnosed is None and patient.as_of is not None:
            raise PatientError(
                "nothing says what was known at diagnosis and what came later",
                where=where,
                remedy="Give the date of diagnosis (diagnosed), or the day of the forecast (as_of)",
            )
        return patient.diagnosed
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        raise PatientError(
            "not a date", where=where, given=repr(cell), allowed="year-month-day"
        ) from None
    if patient.diagnosed is not None and months_between(patient.diagnosed, day) < 0:
        raise PatientError(
            "the day of the forecast lies before the diagnosis",
            where=where,
            given=f"{day}, diagnosed {patient.diagnosed}",
        )
    return day


def _as_known(patient: Patient, day: date | None) -> tuple[Patient, int]:
    """Return a patient as known on a day, and how many facts came later.

    A treatment that had begun is known, with its end and its response only if they had come.
    """
    if day is None:
        return patient, 0
    facts = patient.to_dict()
    left_out = 0
    for table, key in (("scans", "date"), ("treatments", "start"), ("symptoms", "since")):
        listed = facts.get(table, [])
        kept = [entry for entry in listed if not _later(entry.get(key), day)]
        left_out += len(listed) - len(kept)
        facts[table] = kept
    for treatment in facts["treatments"]:
        if _later(treatment.get("end"), day):
            left_out += 1
            treatment.pop("end")
            treatment.pop("response", None)
    if _later(facts.get("stage", {}).get("date"), day):
        left_out += 1
        del facts["stage"]
    facts["as_of"] = day.isoformat()
    try:
        return parse_patient(facts), left_out
    except InputError as error:
        # cannot come from what was left out: fewer facts contradict each other less
        raise PatientError(error.problem, given=error.given, remedy=error.remedy) from error


def _later(stated: Any, day: date) -> bool:
    return isinstance(stated, str) and date.fromisoformat(stated) > day
