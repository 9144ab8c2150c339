"""From what somebody types to a point on the map: town, US ZIP code or coordinates, offline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from mesospread.errors import InputError, nearest
from mesospread.guide.distance import distance_km
from mesospread.guide.gazetteer import (
    Area,
    Town,
    areas_named,
    country_codes,
    country_name,
    region_name,
    similar_area,
    similar_towns,
    towns_named,
)

ALLOWED = 'a town ("Tampa, FL", "Leeds, England"), a US ZIP code, or "27.95,-82.46"'

_NUMBER = r"([+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*"
_COORDINATES = re.compile(rf"{_NUMBER}([NS]?)\s*[,;\s]\s*{_NUMBER}([EW]?)", re.IGNORECASE)
_ZIP = re.compile(r"(?:US[\s-]?)?(\d{5})(?:-\d{4})?", re.IGNORECASE)
_UK_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?(?:\s*\d[A-Z]{2})?", re.IGNORECASE)
_CANADIAN_POSTCODE = re.compile(r"[A-Z]\d[A-Z](?:\s*\d[A-Z]\d)?", re.IGNORECASE)
#: a town is meant without saying which if it is so many times larger than all of its name
_DOMINANT = 10.0
#: the same, if the town has that name only beside its own
_DOMINANT_OTHER = 100.0
#: a name that a town has beside its own counts if it is so large beside those of that very name
_OTHER_NAME = 0.5
#: a word that names a state or country is a town if one of that name has so many people
_CITY = 500_000
#: towns of one name so near each other are one
_SAME_KM = 15.0
#: candidates that are written out
_SHOWN = 8


@dataclass(frozen=True)
class Place:
    """A point that somebody meant.

    Attributes
    ----------
    name
        How it is called in answers, e.g. ``Tampa, Florida, United States``.
    country
        Two-letter ISO 3166 code; empty for bare coordinates.
    latitude, longitude
        In degrees.
    precision
        What the point stands for, in words.
    note
        What was decided in reading it; empty if nothing.
    """

    name: str
    country: str
    latitude: float
    longitude: float
    precision: str
    note: str = ""


def find_place(text: str, *, where: str = "") -> Place:
    """Return the place that somebody meant.

    Parameters
    ----------
    text
        ``"Tampa, FL"``, ``"Tampa"``, ``"33602"``, ``"Leeds, UK"`` or ``"27.95,-82.46"``.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If there is no such place (with the nearest name), several (with all of them), a point
        that is not on Earth, or a postcode that is not understood.
    """
    cleaned = " ".join(text.split()).strip(" ,")
    if not cleaned:
        raise InputError(
            "no place is given",
            where=where,
            given=repr(text),
            allowed=ALLOWED,
            reason="no_place",
        )
    if found := _COORDINATES.fullmatch(cleaned):
        return _point(found, text, where)
    if found := _ZIP.fullmatch(cleaned):
        return _zip(found[1], where)
    _refuse_postcode(cleaned, where)
    return _named(cleaned, where)


def find_country(text: str, *, where: str = "") -> str:
    """Return the two-letter code of the country that somebody meant.

    Parameters
    ----------
    text
        A name, a code or a common short form; ``England`` and ``Scotland`` give ``GB``.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If there is no such country.
    """
    areas = areas_named(text)
    whole = [area.country for area in areas if not area.region]
    if whole:
        return whole[0]
    if areas and len({area.country for area in areas}) == 1 and len(text.strip()) > 2:
        return areas[0].country
    names = {country_name(code) for code in country_codes()}
    guess = nearest(text, names)
    raise InputError(
        "unknown country",
        where=where,
        given=repr(text),
        allowed='a name or a two-letter code, e.g. "US", "UK", "Australia"',
        remedy=f"Did you mean {guess!r}?" if guess else "",
    )


def _point(found: re.Match[str], text: str, where: str) -> Place:
    """Return a point from its coordinates."""
    latitude, longitude = float(found[1]), float(found[3])
    latitude = -latitude if found[2].upper() == "S" else latitude
    longitude = -longitude if found[4].upper() == "W" else longitude
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InputError(
            "there is no such point on Earth",
            where=where,
            given=repr(text),
            allowed="latitude -90 to 90, then longitude -180 to 180 (west is negative)",
            reason="no_such_point",
        )
    name = f"{latitude:g}, {longitude:g}"
    return Place(name, "", latitude, longitude, "the point you gave")


def _zip(code: str, where: str) -> Place:
    """Return the middle of the area of a US ZIP code."""
    # it unpacks its table on first use; those who give a town need not wait for it
    import zipcodes

    entry = next(iter(zipcodes.matching(code)), None)
    if entry is None:
        raise InputError(
            "unknown US ZIP code",
            where=where,
            given=repr(code),
            allowed=ALLOWED,
            remedy="Outside the United States give the town, not the postcode",
            reason="unknown_zip",
        )
    latitude, longitude = float(entry["lat"] or 0), float(entry["long"] or 0)
    if not latitude and not longitude:
        raise InputError(
            "this ZIP code has no place on the map (military and diplomatic mail has none)",
            where=where,
            given=repr(code),
            remedy="Give the town instead",
            reason="zip_without_place",
        )
    # islands such as Puerto Rico have a code among the countries
    state = region_name("US", entry["state"]) or country_name(entry["state"])
    return Place(
        f"ZIP {code} ({entry['city']}, {state}, United States)",
        "US",
        latitude,
        longitude,
        "the middle of the ZIP area",
        "Read as a US ZIP code; for a postcode of another country give the town.",
    )


def _refuse_postcode(text: str, where: str) -> None:
    """Refuse what looks like a postcode of a country whose codes are not shipped."""
    country = ""
    if _UK_POSTCODE.fullmatch(text):
        country = "UK "
    elif _CANADIAN_POSTCODE.fullmatch(text):
        country = "Canadian "
    if country or text.replace(" ", "").replace("-", "").isdigit():
        raise InputError(
            f"{country}postcodes are not understood, only US ZIP codes of five digits",
            where=where,
            given=repr(text),
            allowed=ALLOWED,
            remedy="Give the nearest town",
            reason="postcode",
        )


def _named(text: str, where: str) -> Place:
    """Return a town by its name and what follows it."""
    for name, words in _readings(text):
        towns, unread = _candidates(name, words)
        if towns and (words or _is_town(towns[0], areas_named(name))):
            return _chosen(towns, unread, text, where)
    raise _unknown(text, where)


def _is_town(town: Town, areas: Sequence[Area]) -> bool:
    """Return whether a word means a town rather than a state or country of the same name."""
    inside = any(area.holds(town) for area in areas)
    return not areas or inside or town.population >= _CITY


def _readings(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return ways to part a text into a town and the areas it lies in, the likeliest first."""
    name, *words = [part.strip() for part in text.split(",") if part.strip()]
    readings = [(name, tuple(words))]
    if not words:
        pieces = name.split()
        readings += [
            (" ".join(pieces[:-n]), (" ".join(pieces[-n:]),)) for n in (1, 2, 3) if n < len(pieces)
        ]
        readings = [(n, w) for n, w in readings if all(areas_named(word) for word in w)]
    return readings


def _candidates(name: str, words: Sequence[str]) -> tuple[list[Town], list[str]]:
    """Return the towns of a name in all areas named, and the words not understood."""
    towns = towns_named(name)
    unread = []
    for word in words:
        areas = areas_named(word)
        if not areas:
            unread.append(word)
            continue
        towns = [town for town in towns if any(area.holds(town) for area in areas)]
        towns = towns or _by_zip(name, areas)
    return _distinct(towns), unread


def _distinct(towns: Sequence[Town]) -> list[Town]:
    """Keep one of towns beside each other, and other names of large towns only."""
    kept: list[Town] = []
    own = max((town.population for town in towns if not town.also), default=0)
    for town in towns:
        if town.also and town.population < _OTHER_NAME * own:
            continue
        if any(_between(town, other) < _SAME_KM for other in kept):
            continue
        kept.append(town)
    return kept


def _between(one: Town, other: Town) -> float:
    return distance_km(one.latitude, one.longitude, other.latitude, other.longitude)


def _by_zip(name: str, areas: Sequence[Area]) -> list[Town]:
    """Return a small US town from the ZIP codes it has, if a state was named."""
    states = [area.region for area in areas if area.country == "US" and area.region]
    if not states:
        return []
    import zipcodes

    found = []
    for state in states:
        rows = zipcodes.filter_by(city=name.title(), state=state)
        points = [(float(r["lat"]), float(r["long"])) for r in rows if float(r["lat"] or 0)]
        if points:
            latitude, longitude = (fmean(axis) for axis in zip(*points, strict=True))
            found.append(Town(name.title(), "US", state, latitude, longitude, 0))
    return found


def _chosen(towns: Sequence[Town], unread: Sequence[str], text: str, where: str) -> Place:
    """Return the town that is meant, or refuse to guess."""
    slip = next((guess for word in unread if (guess := similar_area(word))), None)
    first, *others = towns
    times = _DOMINANT_OTHER if first.also else _DOMINANT
    clear = not others or first.population > times * others[0].population
    if slip or (others and (unread or not clear)):
        raise InputError(
            "unknown state, region or country" if slip else "several towns have this name",
            where=where,
            given=repr(text),
            allowed="" if slip else _listed(towns),
            remedy=f"Did you mean {slip!r}?"
            if slip
            else "Add the state or country, or give a US ZIP code or coordinates",
            reason="unknown_area" if slip else "several_towns",
            values={"guess": slip} if slip else {"allowed": "; ".join(_shown(towns)[:_SHOWN])},
        )
    notes = []
    if unread:
        notes.append(f"Not understood and left out: {', '.join(unread)}.")
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        notes.append(f"The largest of that name; not {label(others[0])}{more}.")
    return Place(
        label(first),
        first.country,
        first.latitude,
        first.longitude,
        "the middle of the town",
        " ".join(notes),
    )


def label(town: Town) -> str:
    """Return a town with its region and country in words."""
    parts = (town.name, region_name(town.country, town.region), country_name(town.country))
    return ", ".join(part for part in parts if part)


def _shown(towns: Sequence[Town]) -> list[str]:
    """Return candidates by name, with coordinates where their names are the same."""
    labels = [label(town) for town in towns]
    return [
        f"{name} ({town.latitude:g},{town.longitude:g})" if labels.count(name) > 1 else name
        for name, town in zip(labels, towns, strict=True)
    ]


def _listed(towns: Sequence[Town]) -> str:
    """Write candidates out, the first few of them."""
    shown = _shown(towns)
    rest = [f"and {len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else []
    return "; ".join([*shown[:_SHOWN], *rest])


def _unknown(text: str, where: str) -> InputError:
    """Return the error for a name that no town has, with the nearest ones."""
    name, *words = [part.strip() for part in text.split(",") if part.strip()]
    areas = tuple(area for word in words for area in areas_named(word))
    if areas_named(text) and not words:
        return InputError(
            "a country or a state is too large to measure from",
            where=where,
            given=repr(text),
            allowed=ALLOWED,
            remedy="Give a town in it",
            reason="too_large_a_place",
        )
    guesses = [label(town) for town in similar_towns(name, areas)]
    if not guesses and words:
        guesses = [label(town) for town in _distinct(towns_named(name))[:3]]
    if not guesses and words:
        guesses = [label(town) for town in similar_towns(name)]
    return InputError(
        "unknown place",
        where=where,
        given=repr(text),
        allowed=ALLOWED,
        remedy=f"Did you mean {' or '.join(map(repr, guesses))}?"
        if guesses
        else "Places of fewer than 1,000 people may be missing: give the nearest town",
        reason="unknown_place_near" if guesses else "unknown_place",
        values={"guesses": [repr(guess) for guess in guesses]} if guesses else {},
    )
