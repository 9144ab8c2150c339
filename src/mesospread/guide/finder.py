"""Which centres are near a place, and which organisations are in a country."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mesospread.guide.directory import Centre, SupportOrganisation
from mesospread.guide.distance import distance_km
from mesospread.guide.gazetteer import country_name
from mesospread.guide.places import Place

#: a primary named by fewer treatment centres than this is one for which other teams are shown too
FEW = 3


@dataclass(frozen=True)
class Listed:
    """A centre and how far it is.

    Attributes
    ----------
    centre
        The centre.
    distance_km
        In a straight line over the ground.
    """

    centre: Centre
    distance_km: float


@dataclass(frozen=True)
class Answer:
    """The centres for one place and primary.

    Attributes
    ----------
    named
        Those that name the primary, by distance; all centres if no primary was asked for.
    others
        Treatment centres that do not name it, by distance; empty unless few do.
    treating
        How many treatment centres name it, at any distance.
    of
        How many treatment centres there are.
    """

    named: tuple[Listed, ...]
    others: tuple[Listed, ...]
    treating: int
    of: int


def find_centres(pool: Iterable[Centre], place: Place, primary: str | None = None) -> Answer:
    """Return the centres of a pool by distance, and by nothing else.

    Parameters
    ----------
    pool
        The centres to choose from.
    place
        Where to measure from.
    primary
        Name of a primary, or None for all.
    """
    listed = sorted(
        (
            Listed(
                centre,
                distance_km(place.latitude, place.longitude, centre.latitude, centre.longitude),
            )
            for centre in pool
        ),
        key=lambda one: (one.distance_km, one.centre.name),
    )
    named = [one for one in listed if primary is None or primary in one.centre.primaries]
    treating = sum(one.centre.treats for one in named)
    others = [one for one in listed if one.centre.treats and one not in named]
    return Answer(
        tuple(named),
        tuple(others) if treating < FEW else (),
        treating,
        sum(one.centre.treats for one in listed),
    )


def one_of_each_country(
    pool: Iterable[SupportOrganisation], primary: str | None = None
) -> tuple[SupportOrganisation, ...]:
    """Return whom to call first in each country, by the name of the country.

    That is one with a telephone number, else with a page, and one for the whole country before
    one of a region. Who has neither can not be called.

    Parameters
    ----------
    pool
        The organisations to choose from.
    primary
        Name of a primary, or None for all.
    """
    chosen: dict[str, SupportOrganisation] = {}
    for one in sorted(find_support(pool, None, primary), key=_far_from_a_call):
        if one.phone or one.web:
            chosen.setdefault(one.country, one)
    return tuple(sorted(chosen.values(), key=lambda one: country_name(one.country)))


def _far_from_a_call(one: SupportOrganisation) -> tuple[bool, bool]:
    return not one.phone, bool(one.region)


def within(listed: Sequence[Listed], most_km: float | None) -> tuple[Listed, ...]:
    """Return the centres that are not farther than this, km; all of them for None."""
    return tuple(one for one in listed if most_km is None or one.distance_km <= most_km)


def find_support(
    pool: Iterable[SupportOrganisation], country: str | None = None, primary: str | None = None
) -> tuple[SupportOrganisation, ...]:
    """Return organisations by country, those with a telephone number first, then by name.

    Parameters
    ----------
    pool
        The organisations to choose from.
    country
        Two-letter code, or None for all.
    primary
        Name of a primary, or None for all.
    """
    return tuple(
        sorted(
            (
                one
                for one in pool
                if country in (None, one.country) and (primary is None or primary in one.primaries)
            ),
            key=lambda one: (country_name(one.country), not one.phone, one.name.casefold()),
        )
    )
