"""A part of a FHIR resource with its place, so that every answer can name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from mesospread.errors import InputError
from mesospread.interop.codes import BASE, own_code, system_of

Kind = Literal["not read", "assumed", "dropped", "profile"]

#: of every resource, and of no use in a patient file
_ALWAYS = frozenset(
    {"resourceType", "id", "meta", "language", "implicitRules", "subject", "category"}
)


@dataclass(frozen=True)
class Note:
    """What became of a part of a record that is not simply taken over.

    Attributes
    ----------
    kind
        ``not read``, ``assumed`` (taken, but not just as it stands), ``dropped`` (facts that
        name a person), or ``profile`` (a rule of mCODE that the record breaks).
    where
        Place in the bundle.
    what
        In words; never what was typed about a person.
    """

    kind: Kind
    where: str
    what: str

    def to_dict(self) -> dict[str, str]:
        """Return it for JSON."""
        return {"kind": self.kind, "where": self.where, "what": self.what}


@dataclass
class Notes:
    """What a reader has to say, in order, each thing once."""

    found: dict[Note, None] = field(default_factory=dict)

    def add(self, kind: Kind, where: str, what: str) -> None:
        """Add a note; codes in it may hold anything, so what cannot be printed is left out."""
        clean = "".join(letter for letter in what if letter.isprintable())
        self.found.setdefault(Note(kind, where, clean))


@dataclass(frozen=True)
class Coding:
    """A code with the key of its terminology (``own:…`` for ours, empty for unknown ones)."""

    system: str
    code: str
    display: str
    where: str


class Element:
    """A mapping inside a bundle.

    Attributes
    ----------
    data
        The mapping.
    where
        Its place, e.g. ``Bundle.entry[3].resource``.
    used
        Keys that were asked for.
    """

    def __init__(self, data: dict[str, Any], where: str) -> None:
        self.data = data
        self.where = where
        self.used: set[str] = set()

    def value(self, key: str) -> Any:
        """Return what stands under a key, or None; the key counts as read."""
        self.used.add(key)
        return self.data.get(key)

    def text(self, key: str) -> str:
        """Return the text under a key, empty if there is none."""
        found = self.value(key)
        return found if isinstance(found, str) else ""

    def child(self, key: str) -> Element | None:
        """Return the mapping under a key."""
        found = self.value(key)
        return Element(found, f"{self.where}.{key}") if isinstance(found, dict) else None

    def children(self, key: str) -> Iterator[Element]:
        """Yield the mappings of the list under a key."""
        rows = self.value(key)
        for i, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, dict):
                yield Element(row, f"{self.where}.{key}[{i}]")

    def unread(self) -> list[str]:
        """Return the keys that nobody asked for."""
        return [key for key in self.data if key not in self.used | _ALWAYS]

    def extensions(self, url: str) -> Iterator[Element]:
        """Yield the extensions of one kind."""
        yield from (e for e in self.children("extension") if e.data.get("url") == url)

    def own_extension(self, name: str) -> Element | None:
        """Return an extension of ours."""
        return next(self.extensions(f"{BASE}/StructureDefinition/{name}"), None)

    def codings(self) -> list[Coding]:
        """Return the codings of this concept."""
        found = []
        for coding in self.children("coding"):
            address = coding.data.get("system", "")
            ours = own_code(address)
            system = f"own:{ours}" if ours else system_of(address)
            code, display = coding.text("code"), coding.text("display")
            found.append(Coding(system, code, display, coding.where))
        return found

    def coded(self, key: str) -> list[Coding]:
        """Return the codings of the concept under a key."""
        concept = self.child(key)
        return concept.codings() if concept else []

    def words(self) -> list[str]:
        """Return the text of this concept, and the displays of its codes."""
        return [w for w in (self.text("text"), *(c.display for c in self.codings())) if w]


def codes_of(parts: Iterator[Element] | list[Element]) -> list[Coding]:
    """Return the codings of several concepts."""
    return [coding for part in parts for coding in part.codings()]


def refuse(
    problem: str,
    where: str,
    *,
    given: str = "",
    allowed: str = "",
    remedy: str = "",
) -> InputError:
    """Return the error for a record that cannot be used."""
    return InputError(problem, where=where, given=given, allowed=allowed, remedy=remedy)
