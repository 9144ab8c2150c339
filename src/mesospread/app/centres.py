"""Centres near a place, and support organisations in a country."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from mesospread.anatomy.catalogue import find_primary
from mesospread.errors import InputError
from mesospread.guide.directory import (
    Centre,
    Entry,
    SupportOrganisation,
    centres,
    read_own,
    support_organisations,
)
from mesospread.guide.distance import KM_PER_MILE, miles
from mesospread.guide.finder import (
    Answer,
    Listed,
    find_centres,
    find_support,
    one_of_each_country,
    within,
)
from mesospread.guide.gazetteer import country_name
from mesospread.guide.places import find_country, find_place
from mesospread.report.directory_text import CentresText, SupportText

__all__ = ["CentresText", "SupportText", "centres_near", "support_in"]

NO_RECOMMENDATION = (
    "Listed by distance. Being listed is not a recommendation, and no one pays to be listed. The "
    "list is far from complete: ask your own team where they would send you."
)
STRAIGHT_LINES = (
    "Distances are straight lines from {}, good to a few km; the way by road is longer. Places: "
    "GeoNames (CC BY 4.0)."
)
NO_ORDER_OF_MERIT = (
    "Those with a number to ring come first, then by name: no order of merit. No one pays to be "
    "listed. Numbers and addresses change: check them on the page."
)


def centres_near(
    near: str,
    *,
    primary: str | None = None,
    within_km: float | None = None,
    within_miles: float | None = None,
    limit: int = 10,
    also: Path | None = None,
    support: bool = False,
    today: str | None = None,
) -> dict[str, Any]:
    """Find the centres near a place for a primary, by distance and by nothing else.

    Parameters
    ----------
    near
        A town, a US ZIP code or coordinates.
    primary
        The lining where the tumour started, by name or in plain words; None for all.
    within_km, within_miles
        Farthest distance, in one of the two units.
    limit
        Most centres in each list.
    also
        A CSV file of the user's own centres.
    support
        Also list the support organisations of the same country.
    today
        Year-month-day; entries checked more than twelve months before are marked. Default: now.

    Returns
    -------
    dict
        ``place``, ``primary``, ``within_km``, ``within_miles``, ``centres`` (nearest first, with
        ``distance_km`` and ``distance_miles``), ``not_shown`` (how many more), ``next`` (the
        nearest centre, if it is too far), ``few`` (a sentence if few centres name the primary,
        else empty), ``others`` and ``next_other`` (then: the nearest treatment centres),
        ``support`` (or None) and ``notes``.

    Raises
    ------
    InputError
        For an unknown or ambiguous place, an unknown primary, a distance that is not positive, or
        a wrong row in the user's file.
    """
    day = _day(today)
    most_km = _most_km(within_km, within_miles)
    if limit < 1:
        raise InputError("no centre would be shown", where="--limit", given=str(limit))
    place = find_place(near, where="--near")
    wanted = _primary(primary)
    own = read_own(also, Centre, today=day) if also else ()
    answer = find_centres([*centres(), *own], place, wanted)
    inside, others = within(answer.named, most_km), within(answer.others, most_km)
    return {
        "place": {
            "given": near,
            "name": place.name,
            "country": place.country,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "precision": place.precision,
            "note": place.note,
        },
        "primary": wanted,
        "within_km": None if most_km is None else round(most_km, 1),
        "within_miles": None if most_km is None else round(miles(most_km), 1),
        "centres": [_centre_row(one, own, day) for one in inside[:limit]],
        "not_shown": max(0, len(inside) - limit),
        "next": _next(answer.named, inside, own, day),
        "few": _few(answer, wanted) if answer.others and wanted else "",
        "others": [_centre_row(one, own, day) for one in others[:limit]],
        "next_other": _next(answer.others, others, own, day),
        "support": _support_rows(place.country, wanted, (), day) if support else None,
        "notes": [NO_RECOMMENDATION, STRAIGHT_LINES.format(place.precision)],
    }


def support_in(
    country: str | None = None,
    *,
    primary: str | None = None,
    also: Path | None = None,
    today: str | None = None,
) -> dict[str, Any]:
    """Find support organisations and helplines by country.

    Parameters
    ----------
    country
        Name or two-letter code; None for all countries.
    primary
        The lining where the tumour started, by name or in plain words; None for all.
    also
        A CSV file of the user's own organisations.
    today
        Year-month-day; entries checked more than twelve months before are marked. Default: now.

    Returns
    -------
    dict
        ``country`` (code or None), ``country_name``, ``primary``, ``organisations`` (by country
        and name; ``first`` marks whom to call first in each), ``countries`` (names of all
        countries with an entry) and ``notes``.

    Raises
    ------
    InputError
        For an unknown country or primary, or a wrong row in the user's file.
    """
    day = _day(today)
    code = find_country(country, where="--country") if country is not None else None
    wanted = _primary(primary)
    own = read_own(also, SupportOrganisation, today=day) if also else ()
    everywhere = {country_name(one.country) for one in (*support_organisations(), *own)}
    return {
        "country": code,
        "country_name": country_name(code) if code else "",
        "primary": wanted,
        "organisations": _support_rows(code, wanted, own, day),
        "countries": sorted(everywhere),
        "notes": [NO_ORDER_OF_MERIT],
    }


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            "not a day", where="--today", given=repr(text), allowed="year-month-day"
        ) from None


def _primary(text: str | None) -> str | None:
    return None if text is None else find_primary(text, where="--primary").name


def _most_km(within_km: float | None, within_miles: float | None) -> float | None:
    """Return the farthest distance, km."""
    if within_km is not None and within_miles is not None:
        raise InputError(
            "two farthest distances are given",
            where="--within-km, --within-miles",
            given=f"{within_km:g} km and {within_miles:g} miles",
            allowed="one of them",
        )
    option = "--within-km" if within_miles is None else "--within-miles"
    given = within_km if within_miles is None else within_miles
    if given is None:
        return None
    if not (math.isfinite(given) and given > 0):
        raise InputError("no distance", where=option, given=f"{given:g}", allowed="more than 0")
    return given if within_miles is None else given * KM_PER_MILE


def _few(answer: Answer, wanted: str) -> str:
    """Say honestly that few centres name a primary, and who is shown instead."""
    disease = f"{wanted} mesothelioma"
    number = "Only one" if answer.treating == 1 else f"Only {answer.treating}"
    first = (
        f"{number} of the {answer.of} treatment centres listed names {disease} on its page."
        if answer.treating
        else f"None of the {answer.of} treatment centres listed names {disease} on its page."
    )
    return (
        f"{first} It is very rare. The nearest teams for mesothelioma of other linings follow: "
        "ask whether they see yours, or who does."
    )


def _row(entry: Entry, own: Sequence[Entry], day: date) -> dict[str, Any]:
    return {
        **entry.model_dump(mode="json"),
        "country_name": country_name(entry.country),
        "stale": entry.is_stale(day),
        "yours": any(entry is one for one in own),
    }


def _centre_row(one: Listed, own: Sequence[Centre], day: date) -> dict[str, Any]:
    return {
        "distance_km": round(one.distance_km, 1),
        "distance_miles": round(miles(one.distance_km), 1),
        **_row(one.centre, own, day),
    }


def _next(
    listed: Sequence[Listed], near_enough: Sequence[Listed], own: Sequence[Centre], day: date
) -> dict[str, Any] | None:
    """Return the nearest centre if none is near enough."""
    return _centre_row(listed[0], own, day) if listed and not near_enough else None


def _support_rows(
    country: str | None, primary: str | None, own: Sequence[SupportOrganisation], day: date
) -> list[dict[str, Any]]:
    pool = (*support_organisations(), *own)
    first = one_of_each_country(pool, primary)
    return [
        {**_row(one, own, day), "first": one in first}
        for one in find_support(pool, country, primary)
    ]
