"""The four primaries and the sites each may spread to, read from ``data/*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from mesospread.anatomy.names import normalised
from mesospread.errors import InputError, MesospreadError, nearest, unknown_name

Relation = Literal["direct", "regional", "distant", "direct_or_distant"]
"""How an involved site counts for staging: T, N, M1, or T by contact and M1 otherwise."""


@dataclass(frozen=True)
class Code:
    """A code of a place or a disease in a public coding system.

    Attributes
    ----------
    system
        ``uberon``, ``icd_10``, ``icd_o_3``, ``snomed_ct`` (place) or ``snomed_ct_disorder``.
    code
        The code as that system writes it.
    verified
        True if it was looked up in the source; False if remembered or from a secondary list.
    source
        Where it was looked up, or where it is remembered from.
    """

    system: str
    code: str
    verified: bool
    source: str


@dataclass(frozen=True)
class Site:
    """A place where a new tumour can form.

    Attributes
    ----------
    name
        The name used in files and answers.
    label
        In plain words.
    clinical_label
        In clinical words.
    synonyms
        Other spellings accepted in a patient file.
    codes
        Codes of the place and of a secondary tumour there.
    relation
        How it counts for staging; None unless the site was asked for with its primary.
    """

    name: str
    label: str
    clinical_label: str
    synonyms: tuple[str, ...]
    codes: tuple[Code, ...]
    relation: Relation | None = None

    def spellings(self) -> frozenset[str]:
        """Return every accepted spelling, normalised."""
        spoken = (self.name, self.label, self.clinical_label, *self.synonyms)
        return frozenset(normalised(text) for text in spoken)


@dataclass(frozen=True)
class Primary:
    """A lining where mesothelioma starts.

    Attributes
    ----------
    name
        ``pleural``, ``peritoneal``, ``pericardial`` or ``testicular``.
    label
        In plain words.
    clinical_label
        In clinical words.
    lining
        The lining itself.
    paired
        True if it has a left and a right side.
    sex
        Sex of all who can have it; None if both can.
    synonyms
        Other spellings accepted in a patient file.
    codes
        Codes of the place and of the disease.
    sites
        The sites it may spread to, each with its relation.
    not_sites
        Normalised words that name no site of this primary, with what to write instead.
    """

    name: str
    label: str
    clinical_label: str
    lining: str
    paired: bool
    sex: str | None
    synonyms: tuple[str, ...]
    codes: tuple[Code, ...]
    sites: tuple[Site, ...]
    not_sites: Mapping[str, str] = field(hash=False)

    def spellings(self) -> frozenset[str]:
        """Return every accepted spelling, normalised."""
        spoken = (self.name, self.label, self.clinical_label, *self.synonyms)
        return frozenset(normalised(text) for text in spoken)


def primaries() -> tuple[Primary, ...]:
    """Return the four primaries."""
    return tuple(_primaries().values())


def primary(name: str) -> Primary:
    """Return a primary by its exact name.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    if name not in _primaries():
        raise unknown_name("primary", name, _primaries())
    return _primaries()[name]


def site(name: str) -> Site:
    """Return a site by its exact name, without a relation to any primary.

    Raises
    ------
    InputError
        If there is no such site.
    """
    if name not in _sites():
        raise unknown_name("site", name, _sites())
    return _sites()[name]


def sites_of(primary_name: str) -> tuple[Site, ...]:
    """Return the sites a primary may spread to, each with its relation.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    return primary(primary_name).sites


def find_primary(text: str, *, where: str = "") -> Primary:
    """Return the primary that somebody meant, by name or in plain words.

    Parameters
    ----------
    text
        What was written, e.g. ``"pleural"`` or ``"lung lining"``.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If nothing fits.
    """
    spellings = {spelling: p for p in reversed(primaries()) for spelling in p.spellings()}
    found = spellings.get(normalised(text))
    if found is None:
        guess = nearest(normalised(text), spellings)
        raise InputError(
            "unknown primary",
            where=where,
            given=repr(text),
            allowed=", ".join(p.name for p in primaries()),
            remedy=f'Did you mean "{spellings[guess].name}"?'
            if guess
            else "Name the lining where the tumour started",
        )
    return found


def find_site(
    text: str,
    primary_name: str,
    *,
    where: str = "",
    error: type[MesospreadError] = InputError,
) -> Site:
    """Return the site of a primary that somebody meant, by name or in plain words.

    Parameters
    ----------
    text
        What was written, e.g. ``"adrenal"``, ``"Adrenal-Glands"`` or ``"other lung"``.
    primary_name
        Name of the primary: "spine" is ``bone`` for a pleural tumour and ``vertebrae`` for a
        testicular one.
    where
        Path into the input, for the error.
    error
        Class of the error to raise.

    Raises
    ------
    MesospreadError
        If nothing fits, or the words name no single site of this primary.
    """
    chosen = primary(primary_name)
    spellings = _site_spellings(primary_name)
    wanted = normalised(text)
    allowed = ", ".join(s.name for s in chosen.sites)
    if wanted in chosen.not_sites:
        raise error(
            f"not a site of {chosen.clinical_label}",
            where=where,
            given=repr(text),
            allowed=allowed,
            remedy=chosen.not_sites[wanted],
        )
    if wanted not in spellings:
        guess = nearest(wanted, spellings)
        meant = spellings[guess] if guess else None
        raise error(
            f"unknown site for {chosen.clinical_label}",
            where=where,
            given=repr(text),
            allowed=allowed,
            remedy=f'Did you mean "{meant.name}" ({meant.label})?'
            if meant
            else "Use one of these names, or leave it out",
        )
    return spellings[wanted]


@cache
def _site_spellings(primary_name: str) -> dict[str, Site]:
    """Return spelling -> site; the first site that claims a spelling keeps it."""
    listed = reversed(sites_of(primary_name))
    return {spelling: s for s in listed for spelling in s.spellings()}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("mesospread.anatomy") / "data" / name).read_text("utf-8"))


def _codes(rows: list[dict[str, Any]], sources: dict[str, str]) -> tuple[Code, ...]:
    return tuple(Code(**row, source=sources[row["system"]]) for row in rows)


@cache
def _sites() -> dict[str, Site]:
    data = _read("sites.toml")
    return {
        name: Site(
            name=name,
            label=row["label"],
            clinical_label=row["clinical_label"],
            synonyms=tuple(row["synonyms"]),
            codes=_codes(row["codes"], data["sources"]),
        )
        for name, row in data["sites"].items()
    }


@cache
def _primaries() -> dict[str, Primary]:
    data = _read("primaries.toml")
    return {
        name: Primary(
            name=name,
            label=row["label"],
            clinical_label=row["clinical_label"],
            lining=row["lining"],
            paired=row["paired"],
            sex=row.get("sex"),
            synonyms=tuple(row["synonyms"]),
            codes=_codes(row["codes"], data["sources"]),
            sites=tuple(
                _related(_sites()[site_name], use, data["sources"])
                for site_name, use in row["sites"].items()
            ),
            not_sites=MappingProxyType({normalised(k): v for k, v in row["not_sites"].items()}),
        )
        for name, row in data["primaries"].items()
    }


def _related(general: Site, use: dict[str, Any], sources: dict[str, str]) -> Site:
    """Return a site as one primary sees it: its relation, and its own words where given."""
    return replace(
        general,
        relation=use["relation"],
        label=use.get("label", general.label),
        clinical_label=use.get("clinical_label", general.clinical_label),
        synonyms=(*general.synonyms, *use.get("synonyms", ())),
        codes=_codes(use["codes"], sources) if "codes" in use else general.codes,
    )
