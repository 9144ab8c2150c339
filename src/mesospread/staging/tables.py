"""The staging systems as data: categories, stage groups and the table that joins them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import product
from types import MappingProxyType
from typing import Any

from mesospread.anatomy import primary as primary_named
from mesospread.errors import InputError

_FILES = (
    "pleural_8.toml",
    "pleural_9.toml",
    "peritoneal_2011.toml",
    "pericardial_summary.toml",
    "testicular_summary.toml",
)


@dataclass(frozen=True, eq=False)
class Edition:
    """One staging system of one primary.

    Attributes
    ----------
    primary
        Name of the primary.
    edition
        ``"8"`` or ``"9"`` (pleural), ``"2011"`` (peritoneal, proposed), ``"summary"``
        (pericardial, testicular: localized, regional, distant).
    name
        For people, e.g. ``"TNM 9"``.
    in_force_from
        First date of diagnosis it is meant for.
    source
        Publication.
    t, n, m
        Category -> what it means, in our words.
    groups
        Stage groups, from early to late.
    table
        (t, n, m) -> stage group, complete.
    not_used
        Categories and groups of other systems -> what to write instead.
    extra
        Further tables of this system: PCI limits, measurement cut-points.
    """

    primary: str
    edition: str
    name: str
    in_force_from: date
    source: str
    t: Mapping[str, str]
    n: Mapping[str, str]
    m: Mapping[str, str]
    groups: tuple[str, ...]
    table: Mapping[tuple[str, str, str], str]
    not_used: Mapping[str, str]
    extra: Mapping[str, Any]


def editions(primary: str) -> tuple[str, ...]:
    """Return the staging editions known for a primary, oldest first.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    primary_named(primary)
    return tuple(edition for known, edition in _editions() if known == primary)


def edition_table(primary: str, edition: str | None = None, *, where: str = "") -> Edition:
    """Return one staging system.

    Parameters
    ----------
    primary
        Name of the primary.
    edition
        Edition, or None for the newest.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If the primary or the edition is unknown.
    """
    known = editions(primary)
    if edition is None:
        return _editions()[primary, known[-1]]
    if (primary, edition) not in _editions():
        raise InputError(
            f"unknown staging edition for {primary_named(primary).clinical_label}",
            where=where,
            given=repr(edition),
            allowed=", ".join(f'"{name}"' for name in known),
            remedy="Restage by one of these, or leave the edition out if the stage is newer",
        )
    return _editions()[primary, edition]


def edition_in_force(primary: str, on: date | None, *, where: str = "") -> str:
    """Return the edition meant when a stage of that date names none.

    Parameters
    ----------
    primary
        Name of the primary.
    on
        Date of staging; None for the newest edition.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If the date lies before the oldest edition here.
    """
    newest = edition_table(primary, where=where)
    if on is None:
        return newest.edition
    for edition in reversed(editions(primary)):
        if edition_table(primary, edition).in_force_from <= on:
            return edition
    raise InputError(
        "a stage of that date is from an older edition unless it says otherwise",
        where=where,
        given=f"a stage of {on.isoformat()} without an edition",
        allowed=", ".join(f'edition = "{edition}"' for edition in editions(primary)),
        remedy="State the edition if it was restaged; stage groups of the 7th edition and earlier "
        "mean something else and cannot be used",
    )


@cache
def _editions() -> dict[tuple[str, str], Edition]:
    read = [_read(name) for name in _FILES]
    return {(edition.primary, edition.edition): edition for edition in read}


def _read(name: str) -> Edition:
    data = tomllib.loads((files("mesospread.staging") / "data" / name).read_text("utf-8"))
    return Edition(
        primary=data["primary"],
        edition=data["edition"],
        name=data["name"],
        in_force_from=data["in_force_from"],
        source=data["source"],
        t=MappingProxyType(data["t"]),
        n=MappingProxyType(data["n"]),
        m=MappingProxyType(data["m"]),
        groups=tuple(data["groups"]),
        table=MappingProxyType(_full_table(data)),
        not_used=MappingProxyType(data["not_used"]),
        extra=MappingProxyType({key: data[key] for key in ("pci", "measurements") if key in data}),
    )


def _full_table(data: dict[str, Any]) -> dict[tuple[str, str, str], str]:
    """Return every (t, n, m); M1 has one group whatever T and N."""
    table = data["table"]
    without = {(t, n, "M0"): table["M0"][t][n] for t, n in product(data["t"], data["n"])}
    distant = {(t, n, "M1"): table["M1"]["any"] for t, n in product(data["t"], data["n"])}
    return without | distant
