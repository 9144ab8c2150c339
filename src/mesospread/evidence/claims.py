"""Figures that people meet in articles and leaflets, and what was really measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mesospread.errors import InputError, unknown_name
from mesospread.evidence.published import load_published
from mesospread.reading import checked, read_mapping

Standing = Literal[
    "holds", "some_people", "other_meaning", "unsettled", "selection", "not_counted", "not_traced"
]
#: standing -> what it means in plain words
STANDINGS: Mapping[Standing, str] = MappingProxyType(
    {
        "holds": "True as it is said",
        "some_people": "True of the people who were counted, not of everybody",
        "other_meaning": "A true figure that means something else",
        "unsettled": "Seen, but not settled",
        "selection": "Mostly shows who was chosen for the treatment",
        "not_counted": "An estimate; nobody has counted it",
        "not_traced": "No study with this figure was found",
    }
)
#: these have no study behind them by their nature
_WITHOUT_SOURCE: frozenset[Standing] = frozenset({"not_counted", "not_traced"})

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Claim(_Part):
    """One statement with a figure, and what is behind it.

    Attributes
    ----------
    id
        Short unique name, e.g. ``distant-67``.
    primary
        Where the tumours started, or ``any``.
    survival
        Whether it says how long people live; such claims are shown only if that is wanted.
    statement
        The statement as people meet it.
    origin
        The study or page that it comes from.
    people
        Who was counted, and when in their illness.
    eyes
        How spread was looked for, or the figure obtained.
    counted
        What was counted, of how many.
    standing
        How the statement stands, one of `STANDINGS`.
    verdict
        What a reader should make of it, in plain words.
    sources
        Identifiers of published values.
    model
        Figures of study protocols that answer it, as ``study/result``; what the model says
        about them is worked out elsewhere.
    no_answer
        Where ``model`` is empty: why the model cannot answer, in one plain sentence.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    primary: Literal["pleural", "peritoneal", "pericardial", "testicular", "any"]
    survival: bool = False
    statement: Text
    origin: Text
    people: Text
    eyes: Text
    counted: Text
    standing: Standing
    verdict: Text
    sources: tuple[str, ...] = ()
    model: tuple[Key, ...] = ()
    no_answer: str = ""

    @model_validator(mode="after")
    def _rests_on_something(self) -> Self:
        if not self.sources and self.standing not in _WITHOUT_SOURCE:
            raise ValueError(f"{self.id!r} stands as {self.standing!r} without a source")
        if self.model and self.no_answer:
            raise ValueError(f"{self.id!r} has both an answer of the model and a reason for none")
        return self

    def text(self) -> str:
        """Return all that can be searched for words."""
        parts = (
            self.id, self.primary, self.statement, self.origin, self.people, self.eyes,
            self.counted, self.verdict, *self.sources,
        )  # fmt: skip
        return " ".join(parts).lower()


class _ClaimFile(_Part):
    format: Literal[1]
    claim: tuple[Claim, ...] = Field(min_length=1)


@cache
def load_claims() -> Mapping[str, Claim]:
    """Return the claims that ship with the package, by identifier, in their order.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    with as_file(files("mesospread.evidence") / "data" / "claims.toml") as path:
        return read_claims(path)


def read_claims(path: Path) -> Mapping[str, Claim]:
    """Read claims from a TOML file and check them.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputError
        For an unknown or missing key, an identifier used twice, a source that does not exist,
        or a claim that needs a source and has none.
    """
    found: dict[str, Claim] = {}
    for claim in checked(_ClaimFile, read_mapping(path), path.name).claim:
        where = f"{path.name} › {claim.id}"
        if claim.id in found:
            raise InputError("an identifier is used twice", where=where, given=repr(claim.id))
        for source in claim.sources:
            if source not in load_published():
                raise unknown_name("published value", source, load_published(), where=where)
        found[claim.id] = claim
    return MappingProxyType(found)


def find_claims(words: str = "", *, survival: bool = False) -> Sequence[Claim]:
    """Return the claims in which all words occur.

    Parameters
    ----------
    words
        Separated by blanks, e.g. ``"brain 5"``; empty: all claims.
    survival
        Whether to return those about how long people live, too.
    """
    wanted = words.lower().split()
    return [
        claim
        for claim in load_claims().values()
        if (survival or not claim.survival) and all(word in claim.text() for word in wanted)
    ]
