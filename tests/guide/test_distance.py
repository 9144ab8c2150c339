"""Great-circle distances: known ones, and what holds for all."""

from __future__ import annotations

from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesospread.guide.distance import EARTH_RADIUS_KM, distance_km, miles

POINT = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
HALF_ROUND = pi * EARTH_RADIUS_KM


@pytest.mark.parametrize(
    ("one", "other", "known_km"),
    [
        # published distances between airports (great circle, WGS 84)
        ((40.6398, -73.7789), (51.4706, -0.4619), 5555),  # New York JFK to London Heathrow
        ((33.9425, -118.4081), (40.6398, -73.7789), 3983),  # Los Angeles to New York JFK
        ((-33.9461, 151.1772), (-31.9403, 115.9669), 3284),  # Sydney to Perth
        # a quarter of a meridian, a degree of the equator, pole to pole
        ((0, 10), (90, 10), 10007.6),
        ((0, 0), (0, 1), 111.195),
        ((90, 0), (-90, 77), 20015.1),
    ],
)
def test_known_distances(one, other, known_km):
    # the Earth is no sphere: 0.6 % at most
    assert distance_km(*one, *other) == pytest.approx(known_km, rel=0.006)


def test_both_units():
    assert miles(1.609344) == 1
    assert miles(100) == pytest.approx(62.137, abs=0.001)


@given(POINT, POINT)
def test_there_and_back_are_equal_and_never_beyond_the_other_side(one, other):
    there, back = distance_km(*one, *other), distance_km(*other, *one)
    assert there == pytest.approx(back, rel=1e-9, abs=1e-6)
    assert 0 <= there <= HALF_ROUND * (1 + 1e-12)


@given(POINT)
def test_a_point_is_no_distance_from_itself(point):
    latitude, longitude = point
    assert distance_km(*point, *point) == 0
    assert distance_km(latitude, longitude, latitude, longitude + 360) < 1e-3
    assert distance_km(*point, -latitude, longitude + 180) == pytest.approx(HALF_ROUND, rel=1e-6)


@given(POINT, POINT, POINT)
def test_a_detour_is_never_shorter(one, over, other):
    detour = distance_km(*one, *over) + distance_km(*over, *other)
    assert distance_km(*one, *other) <= detour + 1e-3


@given(st.floats(-89, 88), st.floats(-180, 180), st.floats(0, 1))
def test_along_a_meridian_it_grows_by_the_degree(latitude, longitude, step):
    expected = HALF_ROUND * step / 180
    found = distance_km(latitude, longitude, latitude + step, longitude)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-3)
