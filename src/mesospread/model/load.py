"""Read disease definitions, treatments and observation models from files."""

from __future__ import annotations

import functools
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from mesospread.errors import DefinitionError, unknown_name
from mesospread.model.definition import Definition, File, Part
from mesospread.model.include import Merged, Trim, read_merged
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.structure import Structure, build_structure
from mesospread.reading import checked

F = TypeVar("F", bound=File)


def read_definition(path: Path) -> Structure:
    """Read a disease definition and resolve its names.

    Raises
    ------
    DefinitionError
        Where, what was given, what is allowed.
    """
    return build_structure(_built(Definition, read_merged(path), path.name), path.name)


def shipped_primaries() -> tuple[str, ...]:
    """Return the primaries for which a disease definition ships with the package."""
    names = (entry.name for entry in _data().iterdir())
    return tuple(
        sorted(
            name.removesuffix(".toml")
            for name in names
            if name.endswith(".toml") and "_" not in name
        )
    )


@functools.cache
def disease(primary: str) -> Structure:
    """Return the shipped disease model of a primary.

    Raises
    ------
    InputError
        If there is none.
    """
    if primary not in shipped_primaries():
        raise unknown_name("primary with a model", primary, shipped_primaries())
    name = f"{primary}.toml"
    return build_structure(_built(Definition, _shipped(name), name), name)


@functools.cache
def treatments(primary: str) -> TreatmentLibrary:
    """Return the shipped treatments of a primary."""
    disease(primary)
    name = f"{primary}_treatments.toml"
    merged = _shipped(name)
    return _built(TreatmentLibrary, merged, name).with_borrowed(merged.borrowed)


@functools.cache
def observation(primary: str) -> ObservationModel:
    """Return how the disease of a primary is seen: modalities, staging, symptoms."""
    processes = set(disease(primary).index)
    name = f"{primary}_observation.toml"
    return _built(ObservationModel, _shipped(name, lambda data: _only(data, processes)), name)


def _only(data: dict[str, Any], processes: set[str]) -> dict[str, Any]:
    """Leave out what the shared observation file says about sites of other primaries."""
    tables = ("sensitivity", "false_positive", "causes")
    kept = {*processes, "default"}

    def trimmed(entry: dict[str, Any]) -> dict[str, Any]:
        return {
            key: {k: v for k, v in value.items() if k in kept} if key in tables else value
            for key, value in entry.items()
        }

    lists = {key: [trimmed(e) for e in data[key]] for key in ("modality", "symptom") if key in data}
    return data | lists


def digest(*parts: Part) -> str:
    """Return a short fingerprint of definitions: the same content, the same digest."""
    text = json.dumps([part.model_dump(mode="json") for part in parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _data() -> resources.abc.Traversable:
    return resources.files("mesospread.model") / "data"


def _shipped(name: str, trim: Trim = lambda data: data) -> Merged:
    # as a folder, since a file may include others beside it
    with resources.as_file(_data()) as folder:
        return read_merged(folder / name, trim)


def _built(model: type[F], merged: Merged, name: str) -> F:
    return checked(model, merged.data, name, DefinitionError).with_wider(merged.widen)
