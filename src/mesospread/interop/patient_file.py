"""Write a patient as a patient file."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from mesospread.patient import Patient

_LISTS = ("scans", "treatments", "symptoms")


def patient_toml(patient: Patient, comments: Iterable[str] = ()) -> str:
    """Return a patient as the text of a patient file (TOML) that reads back the same.

    Parameters
    ----------
    patient
        The patient.
    comments
        Lines to stand above the facts.
    """
    facts = patient.to_dict()
    head = [f"# {line}".rstrip() for line in comments]
    lines = [_line(key, value) for key, value in facts.items() if key not in (*_LISTS, "stage")]
    blocks = ["\n".join([*head, ""])] if head else []
    blocks.append("\n".join(lines))
    if "stage" in facts:
        blocks.append(_table("[stage]", facts["stage"]))
    blocks += [_table(f"[[{key}]]", row) for key in _LISTS for row in facts.get(key, [])]
    return "\n\n".join(block.strip("\n") for block in blocks) + "\n"


def _table(heading: str, rows: dict[str, Any]) -> str:
    return "\n".join([heading, *(_line(key, value) for key, value in rows.items())])


def _line(key: str, value: Any) -> str:
    return f"{key} = {_written(key, value)}"


def _written(key: str, value: Any) -> str:
    """Return a value as TOML: dates bare, texts in quotes (as JSON writes them)."""
    if key in ("date", "start", "end", "since", "diagnosed", "as_of", "died"):
        return dt.date.fromisoformat(value).isoformat()
    return json.dumps(value, ensure_ascii=False)
