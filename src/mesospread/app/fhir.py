"""Patients from health records and into them: FHIR R4 bundles with the profiles of mCODE."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mesospread.app.forecast import forecast as compute_forecast
from mesospread.app.forecast import the_patient
from mesospread.errors import InputError, OutputError
from mesospread.infer.result import Forecast
from mesospread.infer.solve import Effort
from mesospread.interop.bundle import has_fhir
from mesospread.interop.patient_file import patient_toml
from mesospread.interop.read import Imported, read_bundle
from mesospread.interop.write import write_bundle
from mesospread.patient import Patient
from mesospread.reading import read_mapping
from mesospread.writing import write_whole

__all__ = [
    "bundle_text",
    "check_free",
    "export_record",
    "has_fhir",
    "import_record",
    "notes_text",
    "write_text",
]

#: records are larger than what people write by hand
MAX_BYTES = 20_000_000
#: what notes are about, in the order in which they are told
_HEADINGS = {
    "dropped": "Left out on purpose",
    "assumed": "Taken over with an assumption",
    "not read": "Not taken over",
    "profile": "Rules of mCODE that the record breaks",
}


def import_record(bundle: str | Path | Mapping[str, Any]) -> dict[str, Any]:
    """Read an mCODE patient bundle into a patient file.

    Parameters
    ----------
    bundle
        A JSON file, or its contents.

    Returns
    -------
    dict
        ``patient``: keys and values of a patient file; ``toml``: the same as the text of one,
        with the notes above it; ``notes``: kind, where, what, for all that was not simply taken
        over.

    Raises
    ------
    InputError
        If it cannot be read, is no such bundle, or says what cannot be so; with the place in it.
    MissingExtraError
        If fhir.resources is not installed.
    """
    if isinstance(bundle, str | Path):
        path = _json(Path(bundle))
        found = read_bundle(read_mapping(path, max_bytes=MAX_BYTES), str(path))
    else:
        found = read_bundle(bundle)
    return {
        "patient": found.patient.to_dict(),
        "toml": patient_toml(found.patient, _comments(found)),
        "notes": [note.to_dict() for note in found.notes],
    }


def _comments(found: Imported) -> list[str]:
    """Return what stands above a patient file that was read from a record."""
    # not the name of the record's file, which may name a person
    lines = ["Read from a health record (FHIR, mCODE). Check it against the record before use."]
    for kind, heading in _HEADINGS.items():
        notes = [note for note in found.notes if note.kind == kind]
        lines += ["", f"{heading}:"] if notes else []
        lines += [f"  {note.where}: {note.what}" for note in notes]
    return lines


def notes_text(notes: list[dict[str, str]]) -> str:
    """Return notes of an import as lines, those of one kind together."""
    lines = []
    for kind, heading in _HEADINGS.items():
        told = [note for note in notes if note["kind"] == kind]
        lines += [f"{heading}:"] if told else []
        lines += [f"  {note['where']}: {note['what']}" for note in told]
    return "\n".join(lines)


def export_record(
    patient: str | Path | Mapping[str, Any] | Patient,
    *,
    forecast: bool | Forecast = False,
    synthetic: bool = False,
    seed: int = 1,
    life_table: str = "uk",
    effort: Effort | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """Return a patient as an mCODE patient bundle (FHIR R4), without anything that names a person.

    Parameters
    ----------
    patient
        A patient file, its contents as a mapping, or a patient.
    forecast
        Whether to add what follows as a RiskAssessment, or the forecast itself.
    synthetic
        Whether the person is made up: everything is tagged as test data.
    seed, life_table, effort, progress
        Of the forecast, as in `mesospread.app.forecast.forecast`.

    Raises
    ------
    PatientError
        If the file is wrong.
    ContradictionError
        If a forecast is wanted, and the facts contradict each other or the model.
    MissingExtraError
        If fhir.resources is not installed.
    """
    checked = the_patient(patient)
    answer = forecast if isinstance(forecast, Forecast) else None
    if forecast is True:
        answer = compute_forecast(
            checked, seed=seed, life_table=life_table, effort=effort, progress=progress
        )
    return write_bundle(checked, answer, synthetic=synthetic)


def bundle_text(bundle: Mapping[str, Any]) -> str:
    """Return a bundle as JSON text."""
    return json.dumps(bundle, indent=2, ensure_ascii=False) + "\n"


def check_free(path: str | Path, *, force: bool, ending: str) -> None:
    """Refuse, before any work, a name for a result that cannot be used.

    Parameters
    ----------
    path
        The file to be written.
    force
        Whether a file of this name may be replaced.
    ending
        How the name must end.

    Raises
    ------
    OutputError
        If the name ends otherwise, or there is a file or a folder of this name.
    """
    path = Path(path)
    if path.suffix.lower() != ending:
        raise OutputError(
            "the name of the result does not end as it should",
            where=str(path),
            given=repr(path.suffix) if path.suffix else "no ending",
            allowed=f"a name that ends in {ending}",
        )
    if path.is_dir():
        raise OutputError("this is a folder", where=str(path), remedy="Name a file in it")
    if path.exists() and not force:
        raise OutputError(
            "there is a file of this name",
            where=str(path),
            remedy="Choose another name, or add --force to replace it",
        )


def write_text(path: str | Path, text: str) -> None:
    """Write a result whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    write_whole(Path(path), text.encode("utf-8"))


def _json(path: Path) -> Path:
    if path.suffix.lower() != ".json":
        raise InputError(
            "not the name of a FHIR bundle in JSON",
            where=str(path),
            given=repr(path.suffix) if path.suffix else "no ending",
            allowed="a file whose name ends in .json",
            remedy="FHIR in XML is not read: ask for JSON, or convert it",
        )
    return path
