"""What the readers share: the facts found so far, where each stood, and how dates are read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mesospread.interop.bundle import Opened
from mesospread.interop.codes import FHIR, MCODE
from mesospread.interop.element import Element, Notes

_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:T.*)?$")
#: states in which a resource tells of nothing that is or was
_VOID = {
    "entered-in-error": "it was entered in error",
    "cancelled": "it was cancelled",
    "not-done": "it was not done",
    "draft": "it is a draft",
    "preparation": "it is only planned",
    "on-hold": "it waits",
    "intended": "it is only planned",
    "not-taken": "it was not taken",
    "registered": "it has no result yet",
    "refuted": "it was found not to be so",
    "plan": "it is only planned",
    "proposal": "it is only proposed",
}


@dataclass
class Record:
    """One bundle on its way to a patient file.

    Attributes
    ----------
    opened
        The bundle.
    facts
        Keys and values of the patient file so far.
    places
        Path in the patient file -> place in the bundle.
    understood
        Resources that were read, by identity.
    left_out
        Those of them of which nothing was taken, with a note that says why.
    days
        Every day that was read.
    cancer
        Conditions that are this cancer: the primary and what it has spread to.
    findings
        Those of them that say whether tumour was seen at a place.
    """

    opened: Opened
    facts: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    understood: set[int] = field(default_factory=set)
    left_out: set[int] = field(default_factory=set)
    days: list[dt.date] = field(default_factory=list)
    cancer: set[int] = field(default_factory=set)
    findings: set[int] = field(default_factory=set)

    @property
    def notes(self) -> Notes:
        """What there is to say."""
        return self.opened.notes

    @property
    def primary(self) -> str:
        """Name of the primary."""
        return str(self.facts["primary"])

    def live(self, *names: str) -> Iterator[Element]:
        """Yield resources of these types that nobody has read and that tell of something."""
        for resource in self.opened.of_type(*names):
            if id(resource) not in self.understood and not self._void(resource):
                yield resource

    def take(self, resource: Element) -> None:
        """Count a resource as read."""
        self.understood.add(id(resource))

    def leave_out(self, resource: Element, why: str) -> None:
        """Count a resource as read of which nothing is taken, and say why."""
        self.take(resource)
        self.left_out.add(id(resource))
        self.notes.add("not read", resource.where, why)

    def put(self, key: str, value: Any, where: str) -> None:
        """Keep a fact and the place where it stood."""
        self.facts[key] = value
        self.places[key] = where

    def append(self, key: str, row: dict[str, Any], where: str) -> None:
        """Keep a row of a list, and the place where it stood."""
        rows = self.facts.setdefault(key, [])
        self.places[f"{key}[{len(rows)}]"] = where
        rows.append(row)

    def _void(self, resource: Element) -> bool:
        """Return whether a resource tells of nothing, and say so."""
        states = [resource.text("status"), resource.text("intent")]
        if resource.value("doNotPerform") is True:
            states.append("not-done")
        states += [c.code for c in resource.coded("verificationStatus")]
        reason = next((_VOID[state] for state in states if state in _VOID), "")
        if reason:
            self.leave_out(resource, f"left out: {reason}")
        return bool(reason)

    def is_of_another(self, resource: Element, targets: list[Element]) -> bool:
        """Return whether a resource speaks of other conditions only, and say so.

        Parameters
        ----------
        resource
            E.g. a treatment.
        targets
            The conditions that it names.
        """
        conditions = [t for t in targets if t.data.get("resourceType") == "Condition"]
        if not conditions or any(id(t) in self.cancer for t in conditions):
            return False
        self.leave_out(resource, "it belongs to another condition")
        return True

    def day(self, owner: Element, *keys: str) -> dt.date | None:
        """Return the first day that stands under one of the keys.

        A month counts as its 15th and a year as the 1st of July; both are noted.

        Parameters
        ----------
        owner
            A resource or a period.
        keys
            E.g. ``"effectiveDateTime"``, ``"effectivePeriod.start"``.
        """
        for key in keys:
            outer, _, inner = key.partition(".")
            holder: Element | None = owner
            if inner:
                holder, outer = owner.child(outer), inner
            found = day_of(holder.text(outer)) if holder else None
            if found is None or holder is None:
                continue
            day, known = found
            if known != "day":
                self.notes.add(
                    "assumed",
                    f"{holder.where}.{outer}",
                    f"only the {known} is known: taken as {day.isoformat()}",
                )
            self.days.append(day)
            return day
        return None


def day_of(text: str) -> tuple[dt.date, str] | None:
    """Return the day that a FHIR date states, and whether day, month or year is known."""
    found = _DATE.match(text)
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        if day:
            return dt.date(int(year), int(month), int(day)), "day"
        if month:
            return dt.date(int(year), int(month), 15), "month"
        return dt.date(int(year), 7, 1), "year"
    except ValueError:
        return None


def has_profile(resource: Element, name: str) -> bool:
    """Return whether a resource says that it follows a profile of mCODE."""
    meta = resource.data.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return any(str(p).split("|")[0] == f"{MCODE}{name}" for p in profiles or [])


def asserted(condition: Element) -> Element | None:
    """Return the extension that holds the date of diagnosis."""
    return next(condition.extensions(f"{FHIR}condition-assertedDate"), None)
