"""From pydantic's errors to ours: where, what was given, what is allowed, what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mesospread.errors import PatientError, unknown_name
from mesospread.patient.records import Patient, Scan, Symptom, Treatment
from mesospread.patient.stage import Stage

_TABLES: dict[str, type[BaseModel]] = {
    "stage": Stage,
    "scans": Scan,
    "treatments": Treatment,
    "symptoms": Symptom,
}
_LISTS = ("scans", "treatments", "symptoms")

# Other names people give to our keys.
_SAME_KEY = {
    "cell_type": "histology",
    "date_of_diagnosis": "diagnosed",
    "diagnosis_date": "diagnosed",
    "drug": "name",
    "ecog": "performance_status",
    "findings": "positive",
    "gender": "sex",
    "imaging": "scans",
    "laterality": "side",
    "subtype": "histology",
    "today": "as_of",
    "type": "modality",
}

# Kind of pydantic error -> (problem, what to do).
_KINDS = {
    "missing": ("this is needed", "Add it"),
    "int_type": ("not a whole number", 'Write the number without quotes, or "unknown"'),
    "greater_than_equal": ("out of range", "Correct it, or leave it out if unknown"),
    "less_than_equal": ("out of range", "Correct it, or leave it out if unknown"),
    "bool_type": ("not true or false", "Write true or false without quotes"),
    "string_type": ("not text", 'Write it in double quotes, or "unknown"'),
    "string_too_long": ("the text is too long", "Shorten it to 200 characters"),
    "tuple_type": ("not a list", "Write a list in square brackets"),
    "model_type": ("not a table", "Write it as a table"),
    "date_type": ("a date is needed here", "If only the month is known, write the 15th"),
    "literal_error": ("this is needed", "Choose one; if it is unknown, leave the whole entry out"),
}

# Kind of pydantic error -> the reason under which pages in other languages tell it.
_REASONS = {
    "missing": "needed",
    "literal_error": "needed_word",
    "int_type": "not_whole",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
}


class PatientFileError(PatientError):
    """All that is wrong with one patient file.

    Attributes
    ----------
    problems
        One error for each thing to put right.
    """

    def __init__(self, problems: Sequence[PatientError], where: str) -> None:
        self.problems = tuple(problems)
        lines = [
            f"\n  {number}. {str(problem).removeprefix(where).lstrip()}"
            for number, problem in enumerate(problems, start=1)
        ]
        super().__init__(f"{len(problems)} things to put right:{''.join(lines)}", where=where)


def patient_error(error: ValidationError, where: str) -> PatientError:
    """Return one error that names everything pydantic found.

    Parameters
    ----------
    error
        What pydantic raised.
    where
        Name of the file, or of the input.
    """
    problems = [_problem(details, where) for details in error.errors(include_url=False)]
    return problems[0] if len(problems) == 1 else PatientFileError(problems, where)


def _problem(details: ErrorDetails, where: str) -> PatientError:
    """Return one pydantic error in our form."""
    loc, kind = details["loc"], details["type"]
    path = f"{where} › {_path(loc)}" if loc else where
    if kind == "extra_forbidden":
        return _unknown_key(loc, path)
    context = details.get("ctx", {})
    if kind == "refused":
        told = {key: str(context[key]) for key in ("problem", "given", "allowed", "remedy")}
        return PatientError(
            told.pop("problem"),
            where=path,
            **told,
            reason=context["reason"],
            values=context["values"],
        )
    problem, remedy = _KINDS.get(kind, (details["msg"], "Correct it, or leave it out if unknown"))
    if kind == "tuple_type" and loc[-1] in _LISTS:
        remedy = f"Write [[{loc[-1]}]] with two pairs of brackets before each entry"
    return PatientError(
        problem,
        where=path,
        given="nothing" if kind == "missing" else _shown(details["input"]),
        allowed=_allowed(loc),
        remedy=remedy,
        reason=_REASONS.get(kind, ""),
        values={"field": ".".join(part for part in loc if isinstance(part, str))},
    )


def _unknown_key(loc: tuple[int | str, ...], path: str) -> PatientError:
    """Return the error for a key that is not known, saying where it belongs if we can tell."""
    key, keys = str(loc[-1]), _model_at(loc).model_fields
    error = unknown_name("key", key, keys, where=path, error=PatientError)
    same = _SAME_KEY.get(key.lower(), key)
    if same in keys:
        remedy = f'Write "{same}"'
    elif same in Patient.model_fields:
        remedy = f'"{same}" belongs at the top of the file, above the first [table]'
    elif error.remedy:
        remedy = error.remedy
    else:
        homes = [name for name, model in _TABLES.items() if same in model.model_fields]
        remedy = f'"{same}" belongs under {" or ".join(map(_heading, homes))}' if homes else ""
    return PatientError(
        error.problem,
        where=path,
        given=error.given,
        allowed=error.allowed,
        remedy=remedy or "Remove the line",
    )


def _model_at(loc: tuple[int | str, ...]) -> type[BaseModel]:
    return _TABLES[str(loc[0])] if len(loc) > 1 else Patient


def _heading(table: str) -> str:
    return f"[[{table}]]" if table in _LISTS else f"[{table}]"


def _allowed(loc: tuple[int | str, ...]) -> str:
    """Return the description of the field that an error points at."""
    names = [part for part in loc if isinstance(part, str)]
    if not names:
        return "a table of facts about one patient"
    field = (_TABLES[names[0]] if len(names) > 1 else Patient).model_fields[names[-1]]
    return field.description or ""


def _path(loc: tuple[int | str, ...]) -> str:
    """Return ("scans", 0, "modality") as "scans[0].modality"."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            shown = part if part.isprintable() else repr(part)
            text += f".{shown}" if text else shown
    return text


def _shown(value: object) -> str:
    """Return a value in few characters."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return "a table"
    if value is None:
        return "nothing (or unknown)"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
