"""Distances on the earth taken as a sphere: WGS-84 degrees in, metres out.

The sphere differs from the ellipsoid by at most 0.6 % in distance, which is nothing beside
the difference between a straight line and a street.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8
"""The mean radius R1 of the WGS-84 ellipsoid (IUGG)."""

_PACE_M_PER_MINUTE = 4000 / 60
"""A child's: 4 km/h. Grown-ups are reckoned at 5; a child of school age who is not hurried,
with stops at crossings, is slower by about a fifth."""
DETOUR = 1.3
"""Walked metres for each metre of the straight line: in city street networks the ratio lies
between 1.2 and 1.4."""

_SLACK_DEG = 1e-6
"""Added around a box (some 0.1 m): more than the rounding of :func:`distance_m` anywhere."""


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance between two positions, in metres (haversine formula)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    h = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


Vector = tuple[float, float, float]
"""A point on the unit sphere: x towards (0, 0), y towards 90 degrees east, z towards the north
pole. The straight-line distance between two of them is their :func:`chord`."""


def unit_vector(lon: float, lat: float) -> Vector:
    """One position, in degrees, as a point on the unit sphere."""
    lam, phi = math.radians(lon), math.radians(lat)
    across = math.cos(phi)
    return across * math.cos(lam), across * math.sin(lam), math.sin(phi)


def unit_vectors(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
    """Many positions as points on the unit sphere.

    Args:
        lon, lat: degrees, shape (n,).

    Returns:
        Shape (3, n), float64: all x, all y, all z, so that arithmetic runs along whole rows.
    """
    lam, phi = np.radians(np.asarray(lon, float)), np.radians(np.asarray(lat, float))
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def chord(distance_m: float) -> float:
    """The straight line through the unit sphere that spans a surface distance in metres.

    It grows with the distance, so that comparing chords compares distances; from half the
    earth's girth on it is 2.
    """
    return 2 * math.sin(min(distance_m / (2 * EARTH_RADIUS_M), math.pi / 2))


def arc(chord: ArrayLike) -> NDArray[np.float64]:
    """Surface distances in metres of chords of the unit sphere; the inverse of :func:`chord`.

    Returns:
        float64, of the shape of ``chord``; lengths past 2 (by rounding) count as 2.
    """
    half = np.minimum(np.asarray(chord, float) / 2, 1.0)
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(half))


class Box(NamedTuple):
    """A box of longitudes and latitudes in degrees; west is never east of east."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, lon: float, lat: float) -> bool:
        """Whether a position lies in it, its edges included."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def box_around(lon: float, lat: float, radius_m: float) -> Box:
    """A box that contains every position within ``radius_m`` metres of (lon, lat).

    Away from the edges of the map it is the smallest such box, but for 0.1 m of slack.
    A box can't cross the antimeridian: where the circle does, or where it holds a pole, the box
    runs from -180 to 180. Latitudes stop at the poles.

    Source: J. P. Matuschek, "Finding Points Within a Distance of a Latitude/Longitude".
    """
    angle = radius_m / EARTH_RADIUS_M
    reach = math.degrees(angle) + _SLACK_DEG
    south, north = max(lat - reach, -90.0), min(lat + reach, 90.0)
    if south == -90.0 or north == 90.0:
        return Box(-180.0, south, 180.0, north)
    # The circle's easternmost point lies nearer the pole than its centre, and further out
    # than the radius laid along the parallel would reach.
    half = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(lat)))))
    half += _SLACK_DEG / math.cos(math.radians(max(-south, north)))
    if lon - half < -180.0 or lon + half > 180.0:
        return Box(-180.0, south, 180.0, north)
    return Box(lon - half, south, lon + half, north)


def walking_minutes(metres: float) -> int:
    """How long a child walks to a place this far away in a straight line, in whole minutes.

    Streets are reckoned 1.3 times as long as the straight line, walked at 4 km/h; rounded up, at
    least 1, since arriving early is the better mistake.
    """
    return max(1, math.ceil(metres * DETOUR / _PACE_M_PER_MINUTE))
