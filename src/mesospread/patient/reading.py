"""Reading a patient from a TOML or JSON file, or from a mapping with the same keys."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mesospread.errors import PatientError
from mesospread.patient.fields import FileFacts
from mesospread.patient.problems import patient_error
from mesospread.patient.records import Patient

MAX_BYTES = 1_000_000


def read_patient(path: str | Path) -> Patient:
    """Read a patient file.

    Parameters
    ----------
    path
        A TOML file, or a JSON file (name ends in ``.json``) with the same keys.

    Raises
    ------
    PatientError
        If the file cannot be read or anything in it is wrong; it names all that is wrong.
    """
    where = str(path)
    text = _text(Path(path), where)
    is_json = where.lower().endswith(".json")
    try:
        data = (
            json.loads(text, object_pairs_hook=_no_duplicates) if is_json else tomllib.loads(text)
        )
    except (ValueError, RecursionError) as error:
        raise PatientError(
            f"not valid {'JSON' if is_json else 'TOML'}",
            where=where,
            given=str(error),
            allowed="TOML, or JSON in a file whose name ends in .json",
            remedy="Correct that line; texts stand in double quotes",
        ) from None
    return parse_patient(data, where=where)


def parse_patient(mapping: Mapping[str, Any], *, where: str = "patient") -> Patient:
    """Check the facts of a patient.

    Parameters
    ----------
    mapping
        The keys of a patient file; dates as dates or as text.
    where
        Name of the input, for errors.

    Raises
    ------
    PatientError
        If anything is wrong; it names all that is wrong.
    """
    if not isinstance(mapping, Mapping):
        raise PatientError(
            "not a table of facts about one patient",
            where=where,
            given=type(mapping).__name__,
            allowed='keys and values, at least primary = "pleural"',
            remedy="See the files in examples/",
        )
    data = dict(mapping)
    try:
        return Patient.model_validate(data, context=FileFacts.of(data))
    except ValidationError as error:
        raise patient_error(error, where) from None


def _text(path: Path, where: str) -> str:
    """Return the text of a file."""
    remedy = "Give the path of a patient file, e.g. one in examples/"
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise PatientError(
                "the file is too large for one patient",
                where=where,
                given=f"more than {MAX_BYTES} bytes",
                allowed=f"up to {MAX_BYTES} bytes",
                remedy=remedy,
            )
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        reason = "not UTF-8 text"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    raise PatientError(
        "the file cannot be read",
        where=where,
        given=reason,
        allowed="a TOML or JSON file",
        remedy=remedy,
    )


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return pairs as a mapping, refusing a key that stands twice."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found
