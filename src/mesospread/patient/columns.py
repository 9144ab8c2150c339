"""The columns of a table of patients: named like the keys of a patient file, in flat form."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from mesospread.anatomy import normalised
from mesospread.errors import PatientError, unknown_name
from mesospread.patient.fields import UNKNOWN
from mesospread.patient.records import Patient

ID = "id"
#: what a column holds that stands beside the facts of the patient file
BESIDE = "beside"
#: stands between the sites of one cell
SITE_SEPARATOR = ";"

# What statistics programs write for a value that is missing.
_MISSING = UNKNOWN | {"na", "n a", "nan"}
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# A column of whole numbers with gaps is often saved as 67.0.
_WHOLE = re.compile(r"([+-]?\d{1,9})(?:\.0*)?")
_NUMBER = re.compile(r"(?<=[a-z])([1-9]\d*)(?=\.)")


@dataclass(frozen=True)
class Column:
    """Where the cells of a column belong in a patient file, and what they hold.

    Attributes
    ----------
    name
        As in the header, e.g. ``scan2.date``.
    kind
        ``string``, ``integer``, ``boolean`` or ``array``, as in the schema of the file; or
        ``beside``.
    table
        The table of the file that holds the key, e.g. ``scans``; empty at the top.
    number
        Number of the entry, from 1; 0 where there is only one.
    key
        The key.
    """

    name: str
    kind: str
    table: str
    number: int
    key: str

    def read(self, cell: str) -> Any:
        """Return what a cell says, in the form in which a patient file says it.

        Raises
        ------
        PatientError
            If it is not a whole number, or not true or false, where that is needed.
        """
        text = cell.strip()
        if normalised(text) in _MISSING:
            return "unknown"
        if self.kind == "array":
            return [site.strip() for site in text.split(SITE_SEPARATOR) if site.strip()]
        if self.kind == "integer":
            whole = _WHOLE.fullmatch(text)
            if whole is None:
                raise PatientError(
                    "not a whole number", given=repr(text), allowed="digits, or an empty cell"
                )
            return int(whole[1])
        if self.kind == "boolean":
            if text.lower() not in _YES_NO:
                raise PatientError(
                    "not true or false", given=repr(text), allowed="true, false, unknown"
                )
            return _YES_NO[text.lower()]
        return text


def read_header(
    header: Sequence[str], source: str, beside: Collection[str] = ()
) -> tuple[list[Column], list[PatientError]]:
    """Return the columns of a table, and what is wrong with them.

    Parameters
    ----------
    header
        The cells of the first row.
    source
        Name of the table, for errors.
    beside
        Columns that are no keys of a patient file, or are not to be read as such.
    """
    names = [cell.strip().lower() for cell in header]
    problems = []
    for i, name in enumerate(names):
        where = f"{source} › column {i + 1}"
        if not name:
            problems.append(
                PatientError("a column without a name", where=where, remedy="Name it, or remove it")
            )
        elif name in names[:i]:
            remedy = "Number further entries, e.g. scan2.date" if "." in name else "Remove one"
            problems.append(
                PatientError("the column stands twice", where=where, given=name, remedy=remedy)
            )
        elif name != ID and name not in beside and _generic(name) not in _kinds():
            error = _unknown_column(name, where, beside)
            # the whole list is long, so it is told once
            error.allowed = "" if any(problem.allowed for problem in problems) else error.allowed
            problems.append(error)
    if "primary" not in names:
        problems.append(
            PatientError(
                "the column primary is missing",
                where=source,
                remedy="Add it; it says where the tumour started, e.g. pleural",
            )
        )
    return ([] if problems else [_column(name, beside) for name in names]), problems


def column_names(number: int = 1) -> tuple[str, ...]:
    """Return all columns that a table may have, repeated entries with this number."""
    return (ID, *(name.replace("#", str(number)) for name in _kinds()))


def flat_row(patient: Patient) -> dict[str, str]:
    """Return a patient as a row of a table: column to cell, unknown facts left out.

    Reading the row gives the same patient, except where a name is a word for "unknown".
    """
    row: dict[str, str] = {}
    for key, value in patient.to_dict().items():
        if isinstance(value, dict):
            row |= {f"{key}.{inner}": _cell(fact) for inner, fact in value.items()}
        elif isinstance(value, list):
            for number, entry in enumerate(value, start=1):
                name = f"{_singular(key)}{number}"
                row |= {f"{name}.{inner}": _cell(fact) for inner, fact in entry.items()}
        else:
            row[key] = _cell(value)
    return row


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return SITE_SEPARATOR.join(value) if isinstance(value, list) else str(value)


@cache
def _kinds() -> dict[str, str]:
    """Return what each column holds, by its name with # for the number of an entry."""
    schema = Patient.model_json_schema()
    kinds = {}
    for key, described in schema["properties"].items():
        form = _form(described)
        inner = form.get("items", form)
        if "$ref" not in inner:
            kinds[key] = form["type"]
            continue
        table = key if inner is form else f"{_singular(key)}#"
        record = schema["$defs"][inner["$ref"].rpartition("/")[2]]
        for name, fact in record["properties"].items():
            kinds[f"{table}.{name}"] = _form(fact)["type"]
    return kinds


def _form(described: dict[str, Any]) -> dict[str, Any]:
    """Return what a value of the schema may be, besides null."""
    options: list[dict[str, Any]] = described.get("anyOf", [described])
    return next(option for option in options if option.get("type") != "null")


def _singular(table: str) -> str:
    return table.removesuffix("s")


def _generic(name: str) -> str:
    return _NUMBER.sub("#", name)


def _column(name: str, beside: Collection[str]) -> Column:
    if name in beside:
        return Column(name=name, kind=BESIDE, table="", number=0, key=name)
    table, _, key = _generic(name).rpartition(".")
    number = _NUMBER.search(name)
    return Column(
        name=name,
        kind="string" if name == ID else _kinds()[_generic(name)],
        table=table.replace("#", "s"),
        number=int(number[1]) if number else 0,
        key=key,
    )


def _unknown_column(name: str, where: str, beside: Collection[str]) -> PatientError:
    number = _NUMBER.search(name)
    known = (*column_names(int(number[1]) if number else 1), *beside)
    error = unknown_name("column", name, known, where=where, error=PatientError)
    return PatientError(
        error.problem,
        where=where,
        given=error.given,
        # the list is for those whom no suggestion helps
        allowed="" if error.remedy else ", ".join(known),
        remedy=error.remedy or "Rename the column, or remove it",
    )
