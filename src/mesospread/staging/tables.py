"""The staging systems as data: categories, stage groups and the table that joins them."""

from __future__ import annotations

import re
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

Combination = tuple[str, str, str]

_FILES = (
    "pleural_8.toml",
    "pleural_9.toml",
    "pleural_7.toml",
    "pleural_butchart.toml",
    "pleural_brigham.toml",
    "pleural_summary.toml",
    "peritoneal_2011.toml",
    "peritoneal_summary.toml",
    "pericardial_summary.toml",
    "testicular_summary.toml",
)
_NUMBER = re.compile(r"(?:tnm|ajcc|uicc)?\s*(\d+)\s*(?:th)?(?:\s*ed(?:ition|\.)?)?")


@dataclass(frozen=True, eq=False)
class Change:
    """What the categories of one edition may be in another.

    Attributes
    ----------
    t, n, m
        Category -> those it may be; one that is not named keeps its name.
    rule, source
        In words, and where it is published.
    pathological
        The same for a pathological stage; None if it is no different.
    """

    t: Mapping[str, tuple[str, ...]]
    n: Mapping[str, tuple[str, ...]]
    m: Mapping[str, tuple[str, ...]]
    rule: str
    source: str
    pathological: Change | None = None


@dataclass(frozen=True, eq=False)
class Edition:
    """One staging system of one primary.

    Attributes
    ----------
    primary
        Name of the primary.
    edition
        ``"8"`` or ``"9"`` (pleural), ``"2011"`` (peritoneal, proposed), ``"summary"``
        (localized, regional, distant); earlier ones: ``"7"``, ``"butchart"``, ``"brigham"``.
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
        (t, n, m) -> stage group, complete; empty where a stage allows several groups' categories.
    holds
        Stage group -> every (t, n, m) that it allows.
    not_used
        Categories and groups of other systems -> what to write instead.
    extra
        Further tables of this system: PCI limits, measurement cut-points, features that give T.
    current
        Whether it is in use; earlier systems can be read, and read in a current one.
    also
        Other names of it.
    means
        Stage group -> what it meant, in our words; empty where the categories say it.
    note
        What to know before comparing it.
    covers
        A category without its letter -> the categories it stands for.
    categories_of
        The edition whose T, N and M it is told in; its own unless it has none.
    becomes
        Edition -> what the categories may be there.
    not_read
        Systems known of -> why they cannot be used here.
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
    holds: Mapping[str, frozenset[Combination]]
    current: bool
    also: tuple[str, ...]
    means: Mapping[str, str]
    note: str
    covers: Mapping[str, tuple[str, ...]]
    categories_of: str
    becomes: Mapping[str, Change]
    not_read: Mapping[str, str]


def editions(primary: str) -> tuple[str, ...]:
    """Return the staging editions in use for a primary, oldest first.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    primary_named(primary)
    return tuple(
        e for (known, e), table in _editions().items() if known == primary and table.current
    )


def earlier_editions(primary: str) -> tuple[str, ...]:
    """Return the earlier staging systems of a primary that can be read, newest first.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    current = editions(primary)
    return tuple(e for known, e in _editions() if known == primary and e not in current)


def edition_table(primary: str, edition: str | None = None, *, where: str = "") -> Edition:
    """Return one staging system.

    Parameters
    ----------
    primary
        Name of the primary.
    edition
        Edition as people write it (``"9"``, ``"TNM 9"``, ``"9th edition"``, ``"seer"``), or None
        for the newest.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If the primary or the edition is unknown.
    """
    newest = _editions()[primary, editions(primary)[-1]]
    if edition is None:
        return newest
    name = _plain_name(edition)
    for known in (*editions(primary), *earlier_editions(primary)):
        table = _editions()[primary, known]
        if name in map(_plain_name, (known, table.name, *table.also)):
            return table
    unread = {_plain_name(system): why for system, why in newest.not_read.items()}
    raise InputError(
        "this staging system is known, but cannot be read here"
        if name in unread
        else f"unknown staging edition for {primary_named(primary).clinical_label}",
        where=where,
        given=repr(edition),
        allowed=_quoted((*editions(primary), *earlier_editions(primary))),
        remedy=unread.get(
            name, "Restage by one of these, or leave the edition out if the stage is newer"
        ),
    )


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
        allowed=_quoted((*editions(primary), *earlier_editions(primary))),
        remedy="State the edition; stage groups of the 7th edition and earlier mean something else",
        reason="edition_needed",
    )


def _plain_name(text: str) -> str:
    """Return the name of an edition without case, marks and words around its number."""
    name = text.strip().casefold()
    number = _NUMBER.fullmatch(name)
    return number[1] if number else re.sub(r"[\s_/-]+", "", name)


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@cache
def _editions() -> dict[tuple[str, str], Edition]:
    read = [_read(name) for name in _FILES]
    return {(edition.primary, edition.edition): edition for edition in read}


def _raw(name: str) -> dict[str, Any]:
    return tomllib.loads((files("mesospread.staging") / "data" / name).read_text("utf-8"))


def _read(name: str) -> Edition:
    data = _raw(name)
    told_in = data.get("categories_of", data["edition"])
    # a system without T, N and M of its own is told in those of another edition
    axes = _raw(f"{data['primary']}_{told_in}.toml")
    table = _full_table(data) if "table" in data else {}
    return Edition(
        primary=data["primary"],
        edition=data["edition"],
        name=data["name"],
        in_force_from=data["in_force_from"],
        source=data["source"],
        t=MappingProxyType(axes["t"]),
        n=MappingProxyType(axes["n"]),
        m=MappingProxyType(axes["m"]),
        groups=tuple(data["groups"]),
        table=MappingProxyType(table),
        not_used=MappingProxyType(data["not_used"]),
        extra=MappingProxyType(
            {key: data[key] for key in ("pci", "measurements", "features") if key in data}
        ),
        holds=MappingProxyType(_holds(data, axes, table)),
        current=data.get("current", True),
        also=tuple(data.get("also", ())),
        means=MappingProxyType(data.get("means", {})),
        note=data.get("note", ""),
        covers=MappingProxyType({k: tuple(v) for k, v in data.get("covers", {}).items()}),
        categories_of=told_in,
        becomes=MappingProxyType({to: _change(c) for to, c in data.get("becomes", {}).items()}),
        not_read=MappingProxyType(data.get("not_read", {})),
    )


def _full_table(data: dict[str, Any]) -> dict[Combination, str]:
    """Return every (t, n, m); M1 has one group whatever T and N."""
    table = data["table"]
    without = {(t, n, "M0"): table["M0"][t][n] for t, n in product(data["t"], data["n"])}
    distant = {(t, n, "M1"): table["M1"]["any"] for t, n in product(data["t"], data["n"])}
    return without | distant


def _holds(
    data: dict[str, Any], axes: dict[str, Any], table: Mapping[Combination, str]
) -> dict[str, frozenset[Combination]]:
    """Return what each group allows: of the table, or of blocks such as ``"T3 T4 N0 M0"``."""
    if table:
        return {g: frozenset(c for c in table if table[c] == g) for g in data["groups"]}
    return {
        group: frozenset().union(*(_block(block.split(), axes) for block in blocks))
        for group, blocks in data["holds"].items()
    }


def _block(categories: list[str], axes: dict[str, Any]) -> frozenset[Combination]:
    """Return the combinations of some categories; an axis that is not named is any."""
    t, n, m = ([c for c in axes[a] if c in categories] or list(axes[a]) for a in "tnm")
    return frozenset(product(t, n, m))


def _change(data: dict[str, Any]) -> Change:
    t, n, m = (
        MappingProxyType({c: tuple(to) for c, to in data.get(axis, {}).items()}) for axis in "tnm"
    )
    pathological = _change(data["pathological"]) if "pathological" in data else None
    return Change(t, n, m, data["rule"], data["source"], pathological)
