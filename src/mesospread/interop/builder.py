"""A bundle in the making: its resources, how they refer to each other, their tags."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any

from mesospread._version import __version__
from mesospread.interop.codes import BASE, FHIR, MCODE, TERMINOLOGY
from mesospread.patient import Patient

Resource = dict[str, Any]
Reference = dict[str, str]

#: HL7's word for data that are about nobody
_TEST_DATA = {
    "system": f"{TERMINOLOGY}v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}
_SOFTWARE = {
    "system": f"{BASE}/CodeSystem/software",
    "code": "mesospread",
    "version": __version__,
}
#: where FHIR says why something that is asked for is not there
MASKED = {"url": f"{FHIR}data-absent-reason", "valueCode": "masked"}


class Builder:
    """A bundle in the making.

    Parameters
    ----------
    patient
        Whom it is about.
    synthetic
        Whether the person is made up: every resource is tagged as test data.

    Attributes
    ----------
    patient
        Whom it is about.
    digest
        Of the facts: what the addresses of the resources are made from, so that the same facts
        give the same bundle.
    """

    def __init__(self, patient: Patient, *, synthetic: bool = False) -> None:
        self.patient = patient
        canonical = json.dumps(patient.to_dict(), sort_keys=True, ensure_ascii=False)
        self.digest = hashlib.sha256(canonical.encode()).hexdigest()
        self._tags = [_TEST_DATA] if synthetic else []
        self._entries: list[dict[str, Any]] = []

    def add(
        self, kind: str, name: str, /, *, profile: str = "", subject: bool = True, **parts: Any
    ) -> Reference:
        """Add a resource and return a reference to it.

        Parameters
        ----------
        kind
            Resource type.
        name
            Its id.
        profile
            Profile of mCODE that it follows.
        subject
            Whether it is about the patient.
        parts
            Everything else; what is None or empty is left out.
        """
        meta: dict[str, Any] = {"profile": [f"{MCODE}{profile}"]} if profile else {}
        meta |= {"tag": self._tags} if self._tags else {}
        resource = {
            "resourceType": kind,
            "id": name,
            "meta": meta,
            **parts,
            "subject": self.reference("Patient", "patient") if subject else None,
        }
        stated = {key: value for key, value in resource.items() if value not in (None, [], {})}
        self._entries.append({"fullUrl": self._address(kind, name), "resource": stated})
        return self.reference(kind, name)

    def reference(self, kind: str, name: str) -> Reference:
        """Return a reference to a resource of this bundle."""
        return {"reference": self._address(kind, name)}

    def references(self, kinds: Iterable[str]) -> list[Reference]:
        """Return references to all resources of some types."""
        wanted = set(kinds)
        return [
            {"reference": e["fullUrl"]}
            for e in self._entries
            if e["resource"]["resourceType"] in wanted
        ]

    def bundle(self) -> Resource:
        """Return the bundle."""
        today = self.patient.as_of
        made: Resource = {
            "resourceType": "Bundle",
            "id": f"mesospread-{self.digest[:12]}",
            "meta": {
                "profile": [f"{MCODE}mcode-patient-bundle"],
                "tag": [_SOFTWARE, *self._tags],
            },
            "type": "collection",
        }
        if today is not None:
            made["timestamp"] = f"{today.isoformat()}T00:00:00Z"
        return {**made, "entry": self._entries}

    def _address(self, kind: str, name: str) -> str:
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{BASE}/{self.digest}/{kind}/{name}')}"
