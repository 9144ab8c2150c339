"""The model card: what the model is for, what it rests on and where it fails, for machines too."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from mesospread._version import __version__
from mesospread.evidence.published import load_published
from mesospread.model.load import digest, disease, observation, shipped_primaries, treatments


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelData(_Part):
    """What the numbers come from.

    Attributes
    ----------
    training, selection, groups
        What was used, how it was selected, and about whom it says something.
    published_values, sources
        How many published values ship with the package, and from how many publications.
    """

    training: str
    selection: str
    groups: str
    published_values: int
    sources: int


class Performance(_Part):
    """One question about how good it is, the answer, and where to read more."""

    question: str
    result: str
    see: str


class ModelOfPrimary(_Part):
    """The model of one primary.

    Attributes
    ----------
    definition
        Fingerprint of its numbers: the same fingerprint, the same numbers.
    state
        How far it has come, in its own words.
    parameters
        How many numbers it has.
    """

    primary: str
    name: str
    definition: str
    state: str
    parameters: int


class ModelCard(_Part):
    """What the model is, what it is for and not for, what it rests on, and its limits."""

    name: str
    version: str
    what_it_is: str
    kind: str
    use: list[str]
    users: list[str]
    not_for_use: list[str]
    data: ModelData
    performance: list[Performance]
    limits: list[str]
    privacy: str
    contact: str
    models: list[ModelOfPrimary]
    evidence_digest: str


@cache
def model_card() -> ModelCard:
    """Return the model card of this version.

    References
    ----------
    Mitchell et al. (2019), doi 10.1145/3287560.3287596: what a model card holds.
    """
    told = tomllib.loads(
        (files("mesospread.app") / "data" / "model_card.toml").read_text(encoding="utf-8")
    )
    published = load_published()
    counts = {
        "published_values": len(published),
        "sources": len({value.citation for value in published.values()}),
    }
    return ModelCard.model_validate(
        {
            **told,
            "version": __version__,
            "data": {**told["data"], **counts},
            "limits": told["limits"]["text"],
            "privacy": told["privacy"]["text"],
            "contact": told["contact"]["text"],
            "models": [_model(primary) for primary in shipped_primaries()],
            "evidence_digest": evidence_digest(),
        }
    )


def evidence_digest() -> str:
    """Return a short fingerprint of all published values that ship with the package."""
    values = [asdict(value) for _, value in sorted(load_published().items())]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def _model(primary: str) -> ModelOfPrimary:
    model, library, seen = disease(primary), treatments(primary), observation(primary)
    return ModelOfPrimary(
        primary=primary,
        name=model.name,
        definition=digest(model.definition, library, seen),
        state=model.definition.note,
        parameters=len({**model.parameters, **library.parameters, **seen.parameters}),
    )
