"""Great-circle distances on Earth."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

#: mean radius of the Earth (IUGG, R1), km
EARTH_RADIUS_KM = 6371.0088
#: kilometres in an international mile
KM_PER_MILE = 1.609344


def distance_km(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Return the length of the shortest path over the surface between two points, km.

    The haversine formula (Sinnott 1984) on a sphere; the true figure of the Earth differs by
    0.6 % at most.

    Parameters
    ----------
    latitude, longitude
        One point, in degrees; north and east are positive.
    other_latitude, other_longitude
        The other point.
    """
    one, other = radians(latitude), radians(other_latitude)
    half_north = (other - one) / 2
    half_east = radians(other_longitude - longitude) / 2
    chord = sin(half_north) ** 2 + cos(one) * cos(other) * sin(half_east) ** 2
    # rounding may carry the chord of opposite points past 1
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord)))


def miles(kilometres: float) -> float:
    """Return a length in miles.

    Parameters
    ----------
    kilometres
        The same length in km.
    """
    return kilometres / KM_PER_MILE
