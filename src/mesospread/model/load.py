"""Read disease definitions, treatments and observation models from files."""

from __future__ import annotations

import functools
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import TypeVar

from mesospread.errors import DefinitionError, unknown_name
from mesospread.model.definition import Definition, Part
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.structure import Structure, build_structure
from mesospread.reading import checked, read_mapping

P = TypeVar("P", bound=Part)


def read_definition(path: Path) -> Structure:
    """Read a disease definition and resolve its names.

    Raises
    ------
    DefinitionError
        Where, what was given, what is allowed.
    """
    definition = checked(
        Definition, read_mapping(path, DefinitionError), path.name, DefinitionError
    )
    return build_structure(definition, path.name)


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
    return build_structure(_shipped(Definition, f"{primary}.toml"), f"{primary}.toml")


@functools.cache
def treatments(primary: str) -> TreatmentLibrary:
    """Return the shipped treatments of a primary."""
    disease(primary)
    return _shipped(TreatmentLibrary, f"{primary}_treatments.toml")


@functools.cache
def observation(primary: str) -> ObservationModel:
    """Return how the disease of a primary is seen: modalities, staging, symptoms."""
    disease(primary)
    return _shipped(ObservationModel, f"{primary}_observation.toml")


def digest(*parts: Part) -> str:
    """Return a short fingerprint of definitions: the same content, the same digest."""
    text = json.dumps([part.model_dump(mode="json") for part in parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _data() -> resources.abc.Traversable:
    return resources.files("mesospread.model") / "data"


def _shipped(model: type[P], name: str) -> P:
    with resources.as_file(_data() / name) as path:
        return checked(model, read_mapping(path, DefinitionError), name, DefinitionError)
