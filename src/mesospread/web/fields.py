"""The names of the fields of the form, and where an error of a patient file belongs in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from mesospread.app.page_choices import Choices
from mesospread.app.page_stage import QUESTIONS

YES, NO, UNKNOWN = "yes", "no", ""
_ANSWERS = (YES, NO, UNKNOWN)
#: most scans and treatments in one form
MOST_ROWS = {"scans": 20, "treatments": 12}
#: most options that one page compares: it takes some seconds, and a longer list says less
MOST_OPTIONS = 6
#: longest value of any field
LONGEST = 200

PERSON = ("age", "sex", "side", "histology", "performance_status", "diagnosed", "as_of")
STAGE = ("edition", "t", "n", "m", "pci", "group", "date", "basis")
#: fields that tell the form how it was sent
STEERING = ("scans", "treatments", "action", "from_mode", "outlook", "why", "country")
SCAN = ("date", "modality")
TREATMENT = ("name", "start", "end", "response")
_INDEX = re.compile(r"^(scans|treatments|symptoms)\[(\d+)\]")


def slug(name: str) -> str:
    """Return a name as it stands in the name of a field."""
    return name.replace(" ", "_")


def scan_field(row: int, part: str) -> str:
    """Return the field of a scan: ``date``, ``modality`` or the name of a site."""
    return f"scan-{row}-{part}" if part in SCAN else f"scan-{row}-site-{part}"


def treatment_field(row: int, part: str) -> str:
    """Return the field of a treatment: ``name``, ``start``, ``end`` or ``response``."""
    return f"treatment-{row}-{part}"


def question_field(name: str) -> str:
    """Return the field of a question about the stage."""
    return f"stage-q-{name}"


def stage_field(part: str) -> str:
    """Return the field of a part of the stage, e.g. ``t``."""
    return f"stage-{part}"


def symptom_field(name: str, part: str = "") -> str:
    """Return the field of a symptom: whether it is there, or ``since`` when."""
    return f"symptom-{slug(name)}" + (f"-{part}" if part else "")


def option_field(number: int) -> str:
    """Return the field of a treatment to compare; 0 is nothing more than now."""
    return f"option-{number}"


def known_fields(choices: Choices, rows: Mapping[str, int]) -> Iterator[str]:
    """Yield the names of all fields that a form may send."""
    yield from STEERING
    yield from PERSON
    yield from map(stage_field, STAGE)
    yield from (question_field(q.name) for q in QUESTIONS[choices.primary.value])
    for row in range(rows["scans"]):
        yield from (scan_field(row, part) for part in SCAN)
        yield from (scan_field(row, site.value) for site in choices.sites)
    for row in range(rows["treatments"]):
        yield from (treatment_field(row, part) for part in TREATMENT)
    yield from (option_field(number) for number in range(1 + len(choices.treatments)))
    for symptom in choices.symptoms:
        yield symptom_field(symptom.value)
        yield symptom_field(symptom.value, "since")


def not_answers(choices: Choices, values: Mapping[str, str]) -> Iterator[str]:
    """Yield the fields to be answered by yes or no that hold something else.

    Parameters
    ----------
    choices
        What the form offers.
    values
        Field to what was sent.
    """
    rows = {table: row_count(values, table) for table in MOST_ROWS}
    yes_or_no = {
        *(question_field(q.name) for q in QUESTIONS[choices.primary.value]),
        *(scan_field(row, site.value) for row in range(rows["scans"]) for site in choices.sites),
        *(symptom_field(symptom.value) for symptom in choices.symptoms),
        *(option_field(number) for number in range(1 + len(choices.treatments))),
    }
    yield from (
        name for name, value in values.items() if name in yes_or_no and value not in _ANSWERS
    )


def field_of(path: str, rows: Mapping[str, list[str]]) -> str:
    """Return the field that a place in a patient file comes from; empty if there is none.

    Parameters
    ----------
    path
        The place, e.g. ``scans[0].date`` or ``stage.t``.
    rows
        Table to the fields' stems of its entries, e.g. ``{"scans": ["scan-1-"]}``, since empty
        rows of the form are not in the file.
    """
    found = _INDEX.match(path)
    if found:
        stems = rows.get(found[1], [])
        if int(found[2]) >= len(stems):
            return ""
        stem, part = stems[int(found[2])], path[found.end() :].lstrip(".").split("[")[0]
        if found[1] == "symptoms":
            return stem + ("-since" if part == "since" else "")
        return stem + ("sites" if part in ("positive", "negative", "") else part)
    if path.startswith("stage"):
        part = path.removeprefix("stage").lstrip(".")
        return stage_field(part) if part in STAGE else "stage"
    return path if path in PERSON else ""


def row_count(values: Mapping[str, str], table: str) -> int:
    """Return how many rows of a table the form has, within the limits."""
    text = values.get(table, "0")
    return min(int(text), MOST_ROWS[table]) if text.isdigit() and len(text) < 4 else 0


def without_row(values: Mapping[str, str], stem: str, row: int, count: int) -> dict[str, str]:
    """Return the values without one row of a table; later rows move up.

    Parameters
    ----------
    values
        Field to what was typed.
    stem
        ``scan`` or ``treatment``.
    row
        Which row, from 0.
    count
        How many rows there are.
    """
    kept = {name: value for name, value in values.items() if not _of_row(name, stem, row)}
    for later in range(row + 1, count):
        for name in _fields_of_row(list(kept), stem, later):
            kept[f"{stem}-{later - 1}-{name.split('-', 2)[2]}"] = kept.pop(name)
    return kept


def _of_row(name: str, stem: str, row: int) -> bool:
    return name.startswith(f"{stem}-{row}-")


def _fields_of_row(names: Iterable[str], stem: str, row: int) -> list[str]:
    return [name for name in names if _of_row(name, stem, row)]
