"""Towns, regions and countries of the world, read from ``data/``; nothing is asked of a network."""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mesospread.errors import nearest

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "þ": "th"}
    | {"æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ı": "i"}
)
_SHORT = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}
#: a misspelt name is compared with names that are this much longer or shorter at most
_LENGTH = 2
#: how alike a word and the name of a region must be to be taken for a slip
_SLIP = 0.85


@dataclass(frozen=True)
class Town:
    """A town of at least 1,000 people, or a smaller seat of government.

    Attributes
    ----------
    name
        As it is written there.
    country
        Two-letter ISO 3166 code.
    region
        Code of the state, province or nation, as GeoNames has it.
    latitude, longitude
        In degrees, to 0.01.
    population
        To the nearest hundred.
    also
        True if it was found by another of its names.
    """

    name: str
    country: str
    region: str
    latitude: float
    longitude: float
    population: int
    also: bool = False


@dataclass(frozen=True)
class Area:
    """A country, or a region of one.

    Attributes
    ----------
    country
        Two-letter ISO 3166 code.
    region
        Code of the region; empty for the whole country.
    name
        In English.
    """

    country: str
    region: str
    name: str

    def holds(self, town: Town) -> bool:
        """Return whether a town lies in it."""
        return town.country == self.country and self.region in ("", town.region)


def fold(text: str) -> str:
    """Return a name without accents, capitals and marks, and with ``St`` written out.

    ``"St. Étienne"`` and ``"saint etienne"`` give the same answer.

    Parameters
    ----------
    text
        What somebody wrote.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = "".join(c for c in plain if not unicodedata.combining(c) and c not in ".'’ʻ`")
    words = re.findall(r"\w+", kept.casefold().replace("_", " "))
    return " ".join(_SHORT.get(word, word) for word in words)


def towns_named(name: str) -> list[Town]:
    """Return the towns of this name, the largest first.

    Parameters
    ----------
    name
        In any spelling that `fold` makes equal, or another name that a large town has.
    """
    key = fold(name)
    found = [_town(line, also) for line, also in _lines(key)] if key else []
    return sorted(found, key=lambda town: -town.population)


def similar_towns(name: str, area: tuple[Area, ...] = ()) -> list[Town]:
    """Return up to three towns whose name is nearly this one, the largest first.

    Parameters
    ----------
    name
        A name that no town has.
    area
        Where to look; empty: everywhere.
    """
    key = fold(name)
    largest: dict[str, Town] = {}
    for other in _near_keys(key):
        for town in towns_named(other):
            if not town.also and (not area or any(place.holds(town) for place in area)):
                largest.setdefault(other, town)
    slips = {other: _slips(key, other) for other in largest}
    nearest_ones = [largest[other] for other in largest if slips[other] == min(slips.values())]
    return sorted(nearest_ones, key=lambda town: -town.population)[:3]


def areas_named(name: str) -> tuple[Area, ...]:
    """Return the regions and countries that a word may mean, e.g. ``"WA"`` two regions.

    Parameters
    ----------
    name
        A name or an abbreviation.
    """
    return _areas().get(fold(name), ())


def similar_area(name: str) -> str | None:
    """Return the name of a region or country that was probably meant, or None."""
    long_names = {area.name for found in _areas().values() for area in found}
    return nearest(name, long_names, likeness=_SLIP) if len(name) > 3 else None


def country_name(code: str) -> str:
    """Return the English name of a country from its two-letter code, or the code itself."""
    return next((a.name for a in _areas().get(code.lower(), ()) if not a.region), code)


def region_name(country: str, region: str) -> str:
    """Return the name of a region, or nothing where regions are not known."""
    return _region_names().get((country, region), "")


def country_codes() -> frozenset[str]:
    """Return the two-letter codes of all countries."""
    return frozenset(a.country for found in _areas().values() for a in found if not a.region)


def all_towns() -> Iterator[Town]:
    """Yield every town there is."""
    for line in _text().splitlines():
        yield _town(line, False)


@cache
def _text() -> str:
    """Return all towns, one a line: names between bars, then cells parted by tabs."""
    path = files("mesospread.guide") / "data" / "places.tsv.gz"
    return gzip.decompress(path.read_bytes()).decode("utf-8")


def _lines(key: str) -> Iterator[tuple[str, bool]]:
    """Yield each line that has this name, and whether as another name."""
    text, wanted = _text(), f"|{key}|"
    at = text.find(wanted)
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        yield text[start : end if end >= 0 else None], at != start
        at = text.find(wanted, at + 1)


def _town(line: str, also: bool) -> Town:
    keys, name, country, region, latitude, longitude, hundreds = line.split("\t")
    return Town(
        name=name or keys.split("|")[1].title(),
        country=country,
        region=region,
        latitude=float(latitude),
        longitude=float(longitude),
        population=100 * int(hundreds),
        also=also,
    )


def _near_keys(key: str) -> list[str]:
    """Return the names that differ from this one by a slip or two."""
    if len(key) < 3:
        return []
    lengths = range(max(1, len(key) - _LENGTH), len(key) + _LENGTH + 1)
    allowed = 1 if len(key) < 6 else 2
    names = {line[1 : line.index("|", 1)] for line in _text().splitlines()}
    letters = set(key)
    return [
        name
        for name in names
        if len(name) in lengths
        and len(letters.symmetric_difference(name)) <= 2 * allowed
        and _slips(key, name, allowed) <= allowed
    ]


def _slips(one: str, other: str, most: int = 99) -> int:
    """Count the letters to add, drop, change or swap with a neighbour (Damerau 1964).

    Stops counting past `most`.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


@cache
def _areas() -> dict[str, tuple[Area, ...]]:
    """Return folded name or abbreviation -> what it may mean."""
    found: dict[str, tuple[Area, ...]] = {}
    for name in ("regions.csv", "countries.csv"):
        for row in _rows(name):
            area = Area(row["country"], row.get("region", ""), row["name"])
            words = [area.name, area.region or area.country, *row["also"].split("|")]
            for word in {fold(word) for word in words if word and not word.isdigit()}:
                found[word] = (*found.get(word, ()), area)
    return found


@cache
def _region_names() -> dict[tuple[str, str], str]:
    return {(row["country"], row["region"]): row["name"] for row in _rows("regions.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("mesospread.guide") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
