"""Reading stage groups and T, N and M categories the way people write them."""

from __future__ import annotations

import re
from typing import Literal

from mesospread.errors import InputError
from mesospread.staging.tables import Edition, earlier_editions, edition_table, editions

Axis = Literal["t", "n", "m"]

_CATEGORY = re.compile(r"[yra]*[CP]?(?P<axis>[TNM])?(?P<level>[0-9X][A-D]?)", re.IGNORECASE)
_GROUP = re.compile(r"(?:STAGE|GROUP)?(?P<number>IV|I{1,3}|[1-4])(?P<letter>[A-C]?)")
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_BRITISH = {"LOCALISED": "LOCALIZED"}
_UNKNOWN = frozenset({"", "X", "UNKNOWN", "?", "NOTKNOWN"})


def parse_category(
    value: str | None, axis: Axis, edition: str, *, primary: str = "pleural", where: str = ""
) -> str | None:
    """Return a category as the edition writes it, or None if it is unknown.

    Parameters
    ----------
    value
        ``"T2"``, ``"t2"``, ``"cT2"``, ``"ypT2"``, ``"2"``, or in words where the edition has
        words (``"through wall"``); ``"TX"``, ``"unknown"`` and None mean unknown.
    axis
        Which of the three it is.
    edition
        Staging edition.
    primary
        Name of the primary.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If the edition has no such category.
    """
    table = edition_table(primary, edition, where=where)
    allowed = getattr(table, axis)
    text = re.sub(r"\s+", "", value or "").upper()
    found = _CATEGORY.fullmatch(text)
    stated_axis = found and found["axis"]
    if text in _UNKNOWN or (
        found and found["level"] == "X" and stated_axis in (None, axis.upper())
    ):
        return None
    covering = [name for name in table.covers if name.startswith(axis.upper())]
    words: dict[str, str] = {_plain(name): name for name in (*allowed, *covering)}
    if _plain(text) in words:
        return words[_plain(text)]
    category = f"{axis.upper()}{found['level']}" if found else text
    if stated_axis in (None, axis.upper()):
        category = words.get(category, category)
    if stated_axis not in (None, axis.upper()) or category not in words.values():
        raise InputError(
            f"unknown {axis.upper()} category in {table.name}",
            where=where,
            given=repr(value),
            allowed=f"{', '.join(allowed)}, {axis.upper()}X (unknown)",
            remedy=table.not_used.get(category, "Write one of these, or leave it out if unknown"),
            reason="other_category",
            values={"axis": axis.upper(), "edition": table.name, "allowed": tuple(allowed)},
        )
    return category


def parse_group(
    value: str | None, edition: str, *, primary: str = "pleural", where: str = ""
) -> str | None:
    """Return a stage group as the edition writes it, or None if it is unknown.

    A number without its letter is kept where the edition splits it: ``"III"`` stands for IIIA
    or IIIB (see `groups_meant`).

    Parameters
    ----------
    value
        ``"IIIA"``, ``"3a"``, ``"stage IIIA"``, ``"Stage 3"``, ``"regional"``; ``"unknown"`` and
        None mean unknown.
    edition
        Staging edition.
    primary
        Name of the primary.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If the edition has no such group.
    """
    table = edition_table(primary, edition, where=where)
    text = _plain(value or "")
    if text in _UNKNOWN:
        return None
    words = {_plain(name): name for name in table.groups}
    word = text.removeprefix("STAGE")
    if _BRITISH.get(word, word) in words:
        return words[_BRITISH.get(word, word)]
    found = _GROUP.fullmatch(text)
    group = _ROMAN.get(found["number"], found["number"]) + found["letter"] if found else text
    if not _groups_meant(group, table):
        raise InputError(
            f"unknown stage group in {table.name}",
            where=where,
            given=repr(value),
            allowed=", ".join(table.groups),
            remedy=_other_edition(group, table) or "Write one of these, or leave it out if unknown",
            reason="other_group",
            values={"edition": table.name, "allowed": table.groups},
        )
    return group


def edition_of_words(group: str | None, *, primary: str = "pleural") -> str | None:
    """Return the edition of a group named in the words of registries, None for any other.

    Nobody says which edition "regional" is from; no other system has the word.
    """
    word = _plain(group or "").removeprefix("STAGE")
    for edition in (*editions(primary), *earlier_editions(primary)):
        names = map(_plain, edition_table(primary, edition).groups)
        if _BRITISH.get(word, word) in names and not _GROUP.fullmatch(word):
            return edition
    return None


def _plain(text: str) -> str:
    """Return a word in capitals, without spaces, lines and hyphens."""
    return re.sub(r"[\s_-]+", "", text).upper()


def groups_meant(
    group: str, edition: str, *, primary: str = "pleural", where: str = ""
) -> tuple[str, ...]:
    """Return the groups of an edition that a group name covers: ``"III"`` covers IIIA and IIIB.

    Raises
    ------
    InputError
        If the edition has no such group, or none is named.
    """
    table = edition_table(primary, edition, where=where)
    parsed = parse_group(group, edition, primary=primary, where=where)
    return _groups_meant(parsed, table) if parsed else table.groups


def _groups_meant(group: str, table: Edition) -> tuple[str, ...]:
    if group in table.groups:
        return (group,)
    return tuple(known for known in table.groups if known.rstrip("ABC") == group)


def _other_edition(group: str, table: Edition) -> str:
    """Return what to do about a group that this edition lacks, if anything is known."""
    if group in table.not_used:
        return table.not_used[group]
    for edition in (*editions(table.primary), *earlier_editions(table.primary)):
        other = edition_table(table.primary, edition)
        named = next((name for name in other.groups if _plain(name) == group), "")
        if not named:
            continue
        if not (other.current and table.current):
            return f'{named} belongs to edition "{edition}" ({other.name}): state that edition'
        moved = [
            f"{t} {n} {m}, now {table.table[t, n, m]}"
            for (t, n, m), old in other.table.items()
            if old == group
        ]
        return f'{group} belongs to edition "{edition}" ({"; ".join(moved)}): state that edition'
    return ""
