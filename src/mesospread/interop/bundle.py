"""Open a FHIR bundle: its shape is checked by fhir.resources, its references are resolved."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mesospread.errors import InputError, MissingExtraError
from mesospread.interop.element import Element, Notes, refuse

#: resources that hold facts of a patient file; all others are named and left out
READ = (
    "Patient",
    "Condition",
    "Observation",
    "DiagnosticReport",
    "MedicationRequest",
    "MedicationAdministration",
    "MedicationStatement",
    "Procedure",
)
#: parts of a patient that name a person; they are never taken over, nor shown in an error
PERSONAL = (
    "identifier", "name", "telecom", "address", "photo", "contact", "birthDate", "communication",
    "generalPractitioner", "managingOrganization", "link", "maritalStatus", "text",
    "multipleBirthBoolean", "multipleBirthInteger",
)  # fmt: skip
#: complaints of one resource that an error lists
_SHOWN = 5


@dataclass
class Opened:
    """A bundle, opened.

    Attributes
    ----------
    where
        Name of the file.
    bundle
        The bundle itself.
    resources
        Its resources in order.
    by_reference
        The same, under every way to refer to them.
    notes
        What a reader has to say.
    """

    where: str
    bundle: Element
    resources: list[Element]
    by_reference: dict[str, Element]
    notes: Notes = field(default_factory=Notes)

    def of_type(self, *names: str) -> Iterator[Element]:
        """Yield the resources of these types."""
        yield from (r for r in self.resources if r.data["resourceType"] in names)

    def target(self, reference: Element | None) -> Element | None:
        """Return the resource that a reference names, if it is in the bundle."""
        if reference is None:
            return None
        return self.by_reference.get(reference.text("reference").split("/_history/")[0])

    def targets(self, owner: Element, key: str) -> list[Element]:
        """Return the resources that a list of references names."""
        found = (self.target(reference) for reference in owner.children(key))
        return [resource for resource in found if resource is not None]


def has_fhir() -> bool:
    """Return whether the library for FHIR is installed."""
    try:
        return importlib.util.find_spec("fhir.resources") is not None
    except ModuleNotFoundError:
        return False


def need_fhir() -> None:
    """Refuse, clearly, if the library for FHIR is not installed.

    Raises
    ------
    MissingExtraError
        Naming the extra.
    """
    if not has_fhir():
        raise MissingExtraError(
            "fhir.resources is not installed",
            remedy="Install what health records need with: pip install 'mesospread[fhir]'",
        )


def model_of(name: str) -> Any:
    """Return the class of fhir.resources for a resource type (release R4B)."""
    from fhir.resources.R4B import get_fhir_model_class

    return get_fhir_model_class(name)


def open_bundle(data: Mapping[str, Any], where: str) -> Opened:
    """Check the shape of a bundle and of every resource that is read.

    Parameters
    ----------
    data
        As read from JSON.
    where
        Name of the file, for errors.

    Raises
    ------
    InputError
        If it is no bundle, or a resource has not the shape that FHIR R4 gives it.
    MissingExtraError
        If fhir.resources is not installed.
    """
    need_fhir()
    if data.get("resourceType") != "Bundle":
        raise refuse(
            "not a FHIR bundle",
            f"{where} › resourceType",
            given=repr(data.get("resourceType"))[:60],
            allowed="a Bundle, in JSON, with one Patient and what belongs to this patient",
            remedy='Ask the record system for an "mCODE patient bundle" (FHIR R4, JSON)',
        )
    bundle = Element(_without_nulls(dict(data)), "Bundle")
    entries = bundle.value("entry")
    if not isinstance(entries, list) or not entries:
        raise refuse(
            "the bundle holds nothing",
            f"{where} › Bundle.entry",
            given="nothing" if not entries else type(entries).__name__,
            allowed="a list of entries, each with a resource",
        )
    opened = Opened(where, bundle, [], {})
    for i, entry in enumerate(entries):
        _open_entry(
            opened, Element(entry, f"Bundle.entry[{i}]") if isinstance(entry, dict) else None, i
        )
    return opened


def _open_entry(opened: Opened, entry: Element | None, number: int) -> None:
    """Add the resource of an entry, checked."""
    where = f"Bundle.entry[{number}]"
    resource = entry.child("resource") if entry else None
    name = resource.data.get("resourceType") if resource else None
    if entry is None or resource is None or not isinstance(name, str):
        raise refuse(
            "an entry without a resource",
            f"{opened.where} › {where}.resource",
            given="nothing" if resource is None else "no resourceType",
            allowed="one resource of FHIR R4",
            remedy="Leave the entry out",
        )
    if name not in READ:
        opened.notes.add("not read", where, f"{name[:40]}: holds nothing that a patient file has")
    else:
        check_shape(resource.data, f"{opened.where} › {resource.where}")
        opened.resources.append(resource)
    for reference in (entry.text("fullUrl"), f"{name}/{resource.data.get('id')}"):
        opened.by_reference.setdefault(reference, resource)


def check_shape(resource: dict[str, Any], where: str) -> None:
    """Check one resource against FHIR R4.

    Parameters
    ----------
    resource
        As read from JSON.
    where
        Its place, for the error.

    Raises
    ------
    InputError
        Naming the first places that are wrong. What stands in a Patient is never shown.
    """
    from pydantic import ValidationError

    name = resource["resourceType"]
    try:
        model_of(name).model_validate(resource)
    except ValidationError as problem:
        found = problem.errors(include_url=False)
    else:
        return
    lines = [_complaint(name, where, one) for one in found[:_SHOWN]]
    if len(lines) == 1:
        place, text, given = lines[0]
        raise InputError(
            text, where=place, given=given, allowed=f"what FHIR R4 allows in a {name} there"
        )
    listed = "".join(f"\n  {place}: {text}" for place, text, _ in lines)
    raise InputError(
        f"{len(found)} things are not as FHIR R4 has them in a {name}:{listed}", where=where
    )


def _complaint(name: str, where: str, detail: Any) -> tuple[str, str, str]:
    """Return place, problem and what was given, for one complaint of pydantic."""
    path = ""
    for part in detail["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    kind, given = detail["type"], detail["input"]
    personal = name == "Patient" and str(next(iter(detail["loc"]), "")).strip("_") in PERSONAL
    message = str(detail["msg"]).removeprefix("Value error, ").rstrip(".")
    text = {"missing": "this is needed", "extra_forbidden": "unknown key"}.get(kind)
    if "got multiple" in message:
        text = "two values where FHIR has one"
    if personal:
        return f"{where}{path}", text or "wrong value", "not shown, since it may name a person"
    told = text or message[0].lower() + message[1:]
    return f"{where}{path}", told, _shown(given)


def _shown(given: Any) -> str:
    """Return what was given in few characters; of an object only its keys."""
    if isinstance(given, dict):
        return f"an object with {', '.join(map(str, given))}"[:120]
    return repr(given)[:60] if isinstance(given, str | int | float | bool) else type(given).__name__


def _without_nulls(part: Any) -> Any:
    """Return JSON without keys whose value is null: FHIR knows none."""
    if isinstance(part, dict):
        return {key: _without_nulls(inner) for key, inner in part.items() if inner is not None}
    return [_without_nulls(inner) for inner in part] if isinstance(part, list) else part
