"""Read disease definitions, treatments and observation models from files."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from mesospread.errors import DefinitionError, unknown_name
from mesospread.model.calibrated import LENDER, Calibrated, shipped_posterior
from mesospread.model.definition import Definition, File, Part
from mesospread.model.include import Merged, Trim, read_merged
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.structure import Structure, build_structure
from mesospread.reading import checked

F = TypeVar("F", bound=File)


@dataclass(frozen=True)
class _Posterior:
    """The draws of a primary itself, else those of the primary it borrows from."""

    own: Calibrated | None = None
    lender: Calibrated | None = None


_NONE = _Posterior()


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
def disease(primary: str, calibrated: bool = True) -> Structure:
    """Return the shipped disease model of a primary.

    Parameters
    ----------
    primary
        Where the tumour starts.
    calibrated
        Whether the parameters have the draws of the posterior, if one ships, and what is
        borrowed is centred on the posterior of the lender; else all have the ranges that
        stand in the files. See also `calibration_prior`.

    Raises
    ------
    InputError
        If there is none.
    """
    if primary not in shipped_primaries():
        raise unknown_name("primary with a model", primary, shipped_primaries())
    return _disease(primary, _posterior(primary, calibrated))


@functools.cache
def treatments(primary: str, calibrated: bool = True) -> TreatmentLibrary:
    """Return the shipped treatments of a primary; see `disease`."""
    disease(primary)
    return _treatments(primary, _posterior(primary, calibrated))


@functools.cache
def observation(primary: str, calibrated: bool = True) -> ObservationModel:
    """Return how the disease of a primary is seen: modalities, staging, symptoms."""
    disease(primary)
    return _observation(primary, _posterior(primary, calibrated))


def calibration_prior(primary: str) -> tuple[Structure, TreatmentLibrary, ObservationModel]:
    """Return the model of a primary as its calibration starts from it.

    The numbers of the primary itself have the ranges that stand in its files. What it borrows is
    centred on the posterior of the lender, and wider: this is how primaries share what was learnt.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    disease(primary)
    posterior = _Posterior(lender=_lender(primary))
    return (
        _disease(primary, posterior),
        _treatments(primary, posterior),
        _observation(primary, posterior),
    )


def _disease(primary: str, posterior: _Posterior) -> Structure:
    name = f"{primary}.toml"
    return build_structure(_built(Definition, _shipped(name), name, posterior), name)


def _treatments(primary: str, posterior: _Posterior) -> TreatmentLibrary:
    name = f"{primary}_treatments.toml"
    merged = _shipped(name)
    return _built(TreatmentLibrary, merged, name, posterior).with_borrowed(merged.borrowed)


def _observation(primary: str, posterior: _Posterior) -> ObservationModel:
    processes = set(disease(primary).index)
    name = f"{primary}_observation.toml"
    merged = _shipped(name, lambda data: _only(data, processes))
    return _built(ObservationModel, merged, name, posterior)


def _posterior(primary: str, calibrated: bool) -> _Posterior:
    if not calibrated:
        return _NONE
    return _Posterior(shipped_posterior(primary), _lender(primary))


def _lender(primary: str) -> Calibrated | None:
    return shipped_posterior(LENDER) if primary != LENDER else None


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


def _built(model: type[F], merged: Merged, name: str, posterior: _Posterior = _NONE) -> F:
    """Build a file; give its parameters their draws, or centre what it borrows on the lender's."""
    part = checked(model, merged.data, name, DefinitionError)
    if posterior.lender is not None:
        borrowed = {n: p for n, p in part.parameters.items() if merged.widen.get(n, 1.0) > 1}
        part = part.with_parameters(posterior.lender.lent(borrowed))
    part = part.with_wider(merged.widen)
    if posterior.own is not None:
        part = part.with_parameters(posterior.own.applied(part.parameters))
    return part
