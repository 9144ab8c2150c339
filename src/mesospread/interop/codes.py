"""The codes that health records are read with and written in, from ``data/codes.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

#: where our own code systems and extensions live, until the project has an address of its own
BASE = "https://example.org/mesospread"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
FHIR = "http://hl7.org/fhir/StructureDefinition/"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"


@dataclass(frozen=True)
class Code:
    """A code of a public terminology.

    Attributes
    ----------
    system
        Key of the terminology, e.g. ``"snomed"``.
    code, display
        As the terminology writes them.
    source
        Where it was read.
    verified
        Whether it was seen in a release of its terminology, or of mCODE.
    side
        ``"left"``, ``"right"`` or ``"both"``, if the code says so.
    """

    system: str
    code: str
    display: str
    source: str
    verified: bool
    side: str = ""

    def coding(self) -> dict[str, str]:
        """Return it as FHIR writes a ``Coding``."""
        return {
            "system": table()["systems"][self.system],
            "code": self.code,
            "display": self.display,
        }


@cache
def table() -> dict[str, Any]:
    """Return the data file as it is."""
    return tomllib.loads((files("mesospread.interop") / "data" / "codes.toml").read_text("utf-8"))


def system_of(address: object) -> str:
    """Return the key of a terminology by its address, empty if it is none of ours."""
    known: dict[str, str] = {url: key for key, url in table()["systems"].items()}
    known |= table()["also_read"]
    return known.get(str(address), "")


def code_of(row: dict[str, str]) -> Code:
    """Return a row of the data file as a code."""
    source = table()["sources"][row["source"]]
    return Code(**{**row, "source": source["text"]}, verified=source["verified"])


def code_at(*path: str) -> Code:
    """Return the one code at a place of the data file."""
    row: Any = table()
    for key in path:
        row = row[key]
    return code_of(row)


def codes_at(*path: str) -> tuple[Code, ...]:
    """Return the list of codes at a place of the data file."""
    rows: Any = table()
    for key in path:
        rows = rows[key]
    return tuple(map(code_of, rows))


def concept(*codes: Code | dict[str, str], text: str = "") -> dict[str, Any]:
    """Return a FHIR ``CodeableConcept``.

    Parameters
    ----------
    codes
        Codes, or codings as FHIR writes them.
    text
        In words.
    """
    codings = [code.coding() if isinstance(code, Code) else code for code in codes]
    made: dict[str, Any] = {"coding": codings} if codings else {}
    return {**made, "text": text} if text else made


def own(system: str, code: str) -> dict[str, str]:
    """Return a coding of our own: the name that a patient file has for it."""
    return {"system": f"{BASE}/CodeSystem/{system}", "code": code}


def own_code(address: object) -> str:
    """Return which of our own code systems an address names, empty if none."""
    prefix = f"{BASE}/CodeSystem/"
    return str(address).removeprefix(prefix) if str(address).startswith(prefix) else ""


def hl7(system: str, code: str) -> dict[str, Any]:
    """Return a concept of one code of an HL7 code system."""
    return {"coding": [{"system": f"{TERMINOLOGY}{system}", "code": code}]}


def extension(name: str, **value: Any) -> dict[str, Any]:
    """Return an extension of ours: ``extension("line", valuePositiveInt=1)``."""
    return {"url": f"{BASE}/StructureDefinition/{name}", **value}


@cache
def secondary(code: str) -> Code:
    """Return the code of a secondary tumour.

    Raises
    ------
    KeyError
        If it is none of those known.
    """
    for rows in table()["secondary"]:
        if code in rows["displays"]:
            row = {"system": rows["system"], "code": code, "source": rows["source"]}
            return code_of({**row, "display": rows["displays"][code]})
    raise KeyError(code)


def is_secondary(code: str) -> bool:
    """Return whether a code says that a tumour is a secondary one."""
    return code[:3] in ("C77", "C78", "C79") or any(
        code in rows["displays"] for rows in table()["secondary"]
    )


def written_for(site: str, primary: str, side: str | None) -> Code:
    """Return the code of a tumour at a site, as it is written.

    Parameters
    ----------
    site, primary
        Names.
    side
        Of the primary: the other lung lies on the other side.
    """
    places = table()["spread"].get(site, table()["spread"]["other"])
    code = places.get(primary, places.get("any", table()["spread"]["other"]["any"]))["write"]
    if site == "contralateral_lung" and side is not None:
        code = {"left": "C78.01", "right": "C78.02"}[side]
    return secondary(code)


def sites_read(code: str, primary: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sites of a primary that the code of a secondary tumour may mean."""
    spread = table()["spread"]
    return tuple(
        site
        for site in allowed
        if code
        in spread.get(site, {}).get(primary, spread.get(site, {}).get("any", {"read": []}))["read"]
    )
