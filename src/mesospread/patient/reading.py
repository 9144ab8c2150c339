"""Reading a patient from a TOML or JSON file, or from a mapping with the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mesospread.errors import PatientError
from mesospread.patient.fields import FileFacts
from mesospread.patient.problems import patient_error
from mesospread.patient.records import Patient
from mesospread.reading import read_mapping


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
    return parse_patient(read_mapping(Path(path), PatientError), where=str(path))


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
