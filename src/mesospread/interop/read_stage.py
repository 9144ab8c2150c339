"""Read the stage: T, N, M and the group, in the AJCC's systems or in those without a TNM."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mesospread.interop.codes import table
from mesospread.interop.element import Coding, Element
from mesospread.interop.record import Record, has_profile

_AXES = ("group", "t", "n", "m")
_BASES = ("clinical", "pathological")


@dataclass
class _Staging:
    """What belongs to one staging."""

    date: str = ""
    edition: str = ""
    basis: str = ""
    basis_of_m: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    members: list[Element] = field(default_factory=list)
    preferred: bool = False

    def fits(self, axis: str, one: _Staging) -> bool:
        """Return whether an observation may belong to this staging."""
        same = (self.date, self.edition) == (one.date, one.edition)
        bases = {basis for basis in (self.basis, one.basis) if basis}
        return same and axis not in self.parts and (axis == "m" or len(bases) < 2)

    def add(self, axis: str, one: _Staging) -> None:
        """Join what one observation says."""
        self.parts[axis], self.places[axis] = one.parts[axis], one.places[axis]
        self.date, self.edition = max(self.date, one.date), self.edition or one.edition
        # a clinical M belongs to a pathological stage as well
        if axis == "m":
            self.basis_of_m = one.basis
        else:
            self.basis = self.basis or one.basis
        self.members += one.members


def read_stage(record: Record, condition: Element) -> None:
    """Read the stage into a record.

    Of several stagings the one that the condition names is taken, else the newest; the others are
    noted.

    Parameters
    ----------
    record
        The record.
    condition
        The primary.
    """
    read: dict[int, _Staging] = {}
    for observation in record.live("Observation"):
        if _axis_of(observation.coded("code")) and record.is_of_another(
            observation, record.opened.targets(observation, "focus")
        ):
            continue
        one = _one(record, observation)
        if one is not None:
            read[id(observation)] = one
    named = [
        target
        for stage in condition.children("stage")
        for target in record.opened.targets(stage, "assessment")
    ]
    stagings = _joined(record, read)
    for staging in stagings:
        staging.preferred = any(member is target for member in staging.members for target in named)
    if not stagings:
        _from_summary(record, condition)
        return
    # one that holds T, N, M or a group of its own is never joined with another
    stagings.sort(key=lambda s: (s.preferred, s.date, len(s.parts)))
    *others, chosen = stagings
    for other in others:
        record.notes.add(
            "not read",
            other.members[0].where,
            "another staging of the same tumour: a patient file has one; "
            + (
                "the one that the condition names was taken"
                if chosen.preferred
                else "the newest was taken"
            ),
        )
    _keep(record, chosen)


def _keep(record: Record, chosen: _Staging) -> None:
    stated = {
        "date": chosen.date,
        "edition": chosen.edition,
        "basis": chosen.basis or chosen.basis_of_m,
    }
    facts: dict[str, str | int] = {key: value for key, value in stated.items() if value}
    for axis, value in chosen.parts.items():
        facts[axis] = int(value) if axis == "pci" else value
        record.places[f"stage.{axis}"] = chosen.places[axis]
    record.put("stage", facts, chosen.members[0].where)
    record.places["stage.edition"] = f"{chosen.members[0].where}.method"
    record.places["stage.date"] = chosen.members[0].where


def _joined(record: Record, read: dict[int, _Staging]) -> list[_Staging]:
    """Put groups and their members together, and what is left by day, edition and basis."""
    stagings: list[_Staging] = []
    taken: set[int] = set()
    for key, one in read.items():
        if "group" not in one.parts:
            continue
        staging = _Staging()
        staging.add("group", one)
        taken.add(key)
        for member in record.opened.targets(one.members[0], "hasMember"):
            if id(member) in read:
                taken.add(id(member))
                _add_member(record, staging, read[id(member)])
        stagings.append(staging)
    loose: list[_Staging] = []
    for key, one in read.items():
        if key in taken:
            continue
        (axis,) = one.parts
        home = next((s for s in loose if s.fits(axis, one)), None)
        if home is None:
            home = _Staging(one.date, one.edition)
            loose.append(home)
        home.add(axis, one)
    return [*stagings, *loose]


def _add_member(record: Record, staging: _Staging, one: _Staging) -> None:
    (axis,) = one.parts
    if axis in staging.parts:
        record.notes.add("not read", one.members[0].where, f"a second {axis.upper()} of one stage")
    else:
        staging.add(axis, one)


def _one(record: Record, observation: Element) -> _Staging | None:
    """Return what one observation says about the stage, if anything."""
    found = _axis_of(observation.coded("code"))
    if found is None:
        if has_profile(observation, "mcode-cancer-stage"):
            record.leave_out(observation, "a staging system that is not known")
        return None
    axis, basis = found
    record.take(observation)
    value = observation.child("valueCodeableConcept")
    text, where = _value(value)
    observation.used |= {"focus", "hasMember", "performer", "derivedFrom"}
    if not text or value is None:
        record.leave_out(observation, "a stage whose value is not known")
        return None
    ours = observation.own_extension("stage-basis")
    one = _Staging(
        date=str(record.day(observation, "effectiveDateTime", "effectivePeriod.start") or ""),
        edition=_edition(record, observation),
        basis=ours.text("valueCode") if ours else _basis(basis, text),
    )
    one.parts[axis], one.places[axis] = _plain(axis, text), where
    one.members.append(observation)
    return one


def _axis_of(codings: list[Coding]) -> tuple[str, str] | None:
    """Return which part of a stage codes name, and on what it rests."""
    for coding in codings:
        if coding.system == "own:stage-part":
            return coding.code, ""
        for axis, basis, code in _known_axes():
            if (coding.system, coding.code) == code:
                return axis, basis
    return None


def _known_axes() -> Iterator[tuple[str, str, tuple[str, str]]]:
    for axis in _AXES:
        rows = table()["axis"][axis]
        for basis in ("any", *_BASES):
            said = "" if basis == "any" else basis
            yield axis, said, ("snomed", rows[basis]["code"])
            yield axis, said, ("loinc", rows["loinc"][basis])


def _value(value: Element | None) -> tuple[str, str]:
    """Return the category that a concept states, and where it stands."""
    if value is None:
        return "", ""
    for coding in value.codings():
        if coding.system == "ajcc" or coding.system == "own:stage":
            return coding.code, coding.where
        if coding.system == "snomed" and coding.code in table()["values"]:
            return table()["values"][coding.code], coding.where
    return value.text("text"), value.where


def _plain(axis: str, text: str) -> str:
    """Return a category without the prefix that says on what it rests."""
    if axis in ("t", "n", "m"):
        return re.sub(r"^[yra]*[cp](?=[TNM0-9])", "", text)
    return text.removeprefix("pci-") if axis == "pci" else text


def _basis(by_code: str, text: str) -> str:
    if by_code:
        return by_code
    prefix = re.match(r"[yra]*([cp])[TNM]", text)
    return {"c": "clinical", "p": "pathological"}[prefix[1]] if prefix else ""


def _edition(record: Record, observation: Element) -> str:
    """Return the edition that the method of a staging names."""
    method = observation.child("method")
    for coding in observation.coded("method"):
        if coding.system == "own:staging":
            return coding.code
        for edition, row in table()["edition"].items():
            if (coding.system, coding.code) == ("snomed", row["code"]):
                return str(edition)
    if method is not None:
        record.notes.add(
            "assumed",
            method.where,
            "the edition is not known: the one in force on that day is taken",
        )
    return ""


def _from_summary(record: Record, condition: Element) -> None:
    """Take the stage from the summary of the condition where no observation states it."""
    for stage in condition.children("stage"):
        summary = stage.child("summary")
        text, where = _value(summary)
        if not text:
            continue
        codings = stage.coded("type")
        editions = {row["code"]: edition for edition, row in table()["edition"].items()}
        edition = next((editions[c.code] for c in codings if c.code in editions), "")
        facts = {"group": text} | ({"edition": edition} if edition else {})
        record.put("stage", facts, where)
        record.notes.add("assumed", where, "the stage is taken from the summary of the condition")
        return
