"""From what people type to a point: right, or refused with a way on."""

from __future__ import annotations

import re
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesospread.errors import InputError
from mesospread.guide.gazetteer import (
    all_towns,
    areas_named,
    country_codes,
    country_name,
    fold,
    region_name,
    towns_named,
)
from mesospread.guide.places import find_country, find_place


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a place was looked up in a network")

    monkeypatch.setattr(socket, "socket", refuse)


# --- the tables ---------------------------------------------------------------------


def test_every_town_has_a_possible_point_and_a_known_country():
    codes = country_codes()
    number = 0
    for town in all_towns():
        assert -90 <= town.latitude <= 90
        assert -180 <= town.longitude <= 180
        assert town.country in codes
        assert town.name
        assert town.population >= 0
        number += 1
    assert number > 150_000


def test_every_region_of_four_countries_has_a_name():
    for country, least in (("US", 51), ("GB", 4), ("CA", 13), ("AU", 8)):
        regions = {town.region for town in all_towns() if town.country == country}
        named = {region for region in regions if region_name(country, region)}
        assert len(named) == least
        # one village in Britain lies in no nation
        assert len(regions - named) <= 1


def test_names_are_found_in_any_spelling():
    assert fold("  St. Étienne ") == fold("saint etienne") == "saint etienne"
    assert fold("Washington, D.C.") == "washington dc"
    assert {fold(x) for x in ("Łódź", "LODZ", "lódz")} == {"lodz"}
    assert fold("-,.") == ""
    assert towns_named("-,.") == []


def test_other_names_of_large_towns_are_known():
    for name in ("Köln", "Koeln", "Cologne", "koln"):
        assert towns_named(name)[0].name == "Köln"
    assert towns_named("Den Haag")[0].name == "The Hague"
    assert towns_named("Hull")[0].name == "Kingston upon Hull"


# --- towns ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "point"),
    [
        ("Tampa, FL", "Tampa, Florida, United States", (27.95, -82.46)),
        ("tampa fl", "Tampa, Florida, United States", (27.95, -82.46)),
        ("Tampa,Florida,USA", "Tampa, Florida, United States", (27.95, -82.46)),
        ("Winston-Salem NC", "Winston-Salem, North Carolina, United States", (36.1, -80.24)),
        ("Washington DC", "Washington, District of Columbia, United States", (38.9, -77.04)),
        ("st. louis, mo", "St. Louis, Missouri, United States", (38.63, -90.2)),
        ("New York", "New York City, New York, United States", (40.71, -74.01)),
        ("Leeds, UK", "Leeds, England, United Kingdom", (53.8, -1.55)),
        ("Perth, Scotland", "Perth, Scotland, United Kingdom", (56.4, -3.43)),
        ("Perth, WA", "Perth, Western Australia, Australia", (-31.95, 115.86)),
        ("London, Ontario", "London, Ontario, Canada", (42.98, -81.23)),
        ("Toronto, CA", "Toronto, Ontario, Canada", (43.71, -79.4)),
        ("São Paulo", "São Paulo, Brazil", (-23.55, -46.64)),
        ("duesseldorf", "Düsseldorf, Germany", (51.22, 6.78)),
        ("Stratford upon Avon", "Stratford-upon-Avon, England, United Kingdom", (52.19, -1.71)),
        # too small for the table of towns, but it has a ZIP code
        ("Bat Cave, NC", "Bat Cave, North Carolina, United States", (35.45, -82.29)),
        # a country and its capital of the same name
        ("Luxembourg", "Luxembourg, Luxembourg", (49.61, 6.13)),
    ],
)
def test_towns(text, name, point):
    place = find_place(text)
    assert place.name == name
    assert (place.latitude, place.longitude) == pytest.approx(point, abs=0.02)
    assert place.precision == "the middle of the town"


def test_a_famous_town_is_meant_and_the_others_are_named():
    place = find_place("London")
    assert place.country == "GB"
    assert "not London, Ontario, Canada" in place.note
    assert find_place("London, UK").note == ""


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("Springfield", ["Springfield, Missouri", "Springfield, Massachusetts", "more"]),
        ("Birmingham", ["Birmingham, England", "Birmingham, Alabama"]),
        ("Newcastle", ["Newcastle upon Tyne", "Newcastle, New South Wales"]),
        # the county is not known, so the famous Boston must not be assumed
        ("Boston, Lincolnshire", ["Boston, Massachusetts", "Boston, England"]),
        # its famous namesake has that name only beside its own
        ("Victoria", ["Hong Kong", "Victoria, British Columbia"]),
        ("Neustadt, Germany", ["(53.55,9.99)", "(52.27,10.52)"]),
    ],
)
def test_ambiguous_towns_list_the_candidates(text, some):
    with pytest.raises(InputError, match="several towns have this name") as caught:
        find_place(text, where="--near")
    assert all(candidate in caught.value.allowed for candidate in some)
    assert "state or country" in caught.value.remedy


def test_candidates_can_be_given_back():
    with pytest.raises(InputError) as caught:
        find_place("Springfield")
    for candidate in re.split("; ", caught.value.allowed)[:-1]:
        assert find_place(candidate).name == candidate


def test_a_county_that_is_not_known_is_left_out_and_said():
    place = find_place("Basingstoke, Hampshire")
    assert place.name == "Basingstoke, England, United Kingdom"
    assert place.note == "Not understood and left out: Hampshire."


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("Tampaa", "Tampa, Florida, United States"),
        ("Tmapa, FL", "Tampa, Florida, United States"),
        ("Manchster", "Manchester, England, United Kingdom"),
        ("Birmngham, England", "Birmingham, England, United Kingdom"),
        ("Sydneey, NSW", "Sydney, New South Wales, Australia"),
        ("Tampa, Germany", "Tampa, Florida, United States"),
        ("Tampa, Florda", "Florida"),
        ("Leeds, Englnd", "England"),
    ],
)
def test_slips_suggest_the_nearest(text, guess):
    with pytest.raises(InputError, match="unknown") as caught:
        find_place(text)
    assert caught.value.remedy.startswith("Did you mean ")
    assert guess in caught.value.remedy


@pytest.mark.parametrize("text", ["Xyzzyq", "Xyzzyq, FL", "Q", "???", "Москва"])
def test_unknown_places_are_refused_with_what_is_allowed(text):
    with pytest.raises(InputError, match="unknown place") as caught:
        find_place(text, where="--near")
    assert caught.value.where == "--near"
    assert "27.95,-82.46" in caught.value.allowed
    assert "nearest town" in caught.value.remedy


@pytest.mark.parametrize("text", ["Florida", "UK", "Georgia", "Scotland", "germany"])
def test_a_whole_country_is_no_place_to_measure_from(text):
    with pytest.raises(InputError, match="too large to measure from"):
        find_place(text)


# --- ZIP codes, postcodes, coordinates -------------------------------------------------


@pytest.mark.parametrize(
    ("text", "town", "point"),
    [
        ("33602", "Tampa, Florida", (27.95, -82.46)),
        ("33602-1234", "Tampa, Florida", (27.95, -82.46)),
        (" 90210 ", "Beverly Hills, California", (34.09, -118.41)),
        ("02115", "Boston, Massachusetts", (42.34, -71.09)),
        ("00601", "Adjuntas, Puerto Rico", (18.2, -66.74)),
    ],
)
def test_zip_codes(text, town, point):
    place = find_place(text)
    assert town in place.name
    assert place.country == "US"
    assert (place.latitude, place.longitude) == pytest.approx(point, abs=0.03)
    assert place.precision == "the middle of the ZIP area"
    # a German postcode looks the same
    assert "Read as a US ZIP code" in place.note


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("00000", "unknown US ZIP code"),
        ("09001", "no place on the map"),
        ("SW1A 1AA", "UK postcodes are not understood"),
        ("rg24 9na", "UK postcodes are not understood"),
        ("RG24", "UK postcodes are not understood"),
        ("M5V 2T6", "Canadian postcodes are not understood"),
        ("1234", "only US ZIP codes of five digits"),
        ("336", "only US ZIP codes of five digits"),
        ("", "no place is given"),
        (" , ", "no place is given"),
    ],
)
def test_what_is_not_understood_is_said(text, message):
    with pytest.raises(InputError, match=message) as caught:
        find_place(text)
    assert "town" in caught.value.allowed + caught.value.remedy


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("27.95,-82.46", (27.95, -82.46)),
        ("27.95 -82.46", (27.95, -82.46)),
        ("27.95° N, 82.46° W", (27.95, -82.46)),
        ("33.9S 151.2E", (-33.9, 151.2)),
        ("0,0", (0, 0)),
        ("+90, -180", (90, -180)),
    ],
)
def test_coordinates(text, point):
    place = find_place(text)
    assert (place.latitude, place.longitude) == point
    assert place.country == ""


@pytest.mark.parametrize("text", ["95,-82", "27.95,-190", "-90.1,0", "127,27"])
def test_points_that_are_not_on_earth_are_refused(text):
    with pytest.raises(InputError, match="no such point on Earth") as caught:
        find_place(text)
    assert "-90 to 90" in caught.value.allowed


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_point_on_earth_is_read_as_it_was_written(latitude, longitude):
    place = find_place(f"{latitude:.4f},{longitude:.4f}")
    assert place.latitude == pytest.approx(latitude, abs=6e-5)
    assert place.longitude == pytest.approx(longitude, abs=6e-5)


@settings(max_examples=30)
@given(st.text(max_size=40))
def test_any_text_gives_a_place_or_a_clear_error(text):
    try:
        found = find_place(text).name
    except InputError as error:
        found = error.allowed or error.remedy
    assert found


# --- countries ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("usa", "US"),
        ("United States of America", "US"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("England", "GB"),
        ("Scotland", "GB"),
        ("Netherlands", "NL"),
        ("Holland", "NL"),
        ("Deutschland", "DE"),
        ("AUS", "AU"),
        ("CA", "CA"),
        ("Georgia", "GE"),
    ],
)
def test_countries(text, code):
    assert find_country(text) == code


@pytest.mark.parametrize(("text", "guess"), [("Germny", "Germany"), ("Untied States", "United")])
def test_unknown_countries_suggest_the_nearest(text, guess):
    with pytest.raises(InputError, match="unknown country") as caught:
        find_country(text, where="--country")
    assert guess in caught.value.remedy


@pytest.mark.parametrize("text", ["", "WA", "Atlantis"])
def test_what_is_no_country_is_refused(text):
    with pytest.raises(InputError, match="unknown country"):
        find_country(text)


def test_every_country_is_found_by_its_own_name_and_code():
    for code in country_codes():
        assert find_country(code) == code
        assert code in {area.country for area in areas_named(country_name(code))}
