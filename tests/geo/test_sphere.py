"""Are distances right, boxes wide enough, and walks honest?"""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.sphere import (
    EARTH_RADIUS_M,
    arc,
    box_around,
    chord,
    distance_m,
    unit_vectors,
    walking_minutes,
)

QUARTER_M = math.pi / 2 * EARTH_RADIUS_M
lons, lats = st.floats(-180, 180), st.floats(-90, 90)
positions = st.tuples(lons, lats)


def test_known_distances() -> None:
    assert distance_m(0, 0, 90, 0) == pytest.approx(QUARTER_M)
    assert distance_m(118, -90, 7, 90) == pytest.approx(2 * QUARTER_M)
    assert distance_m(179.5, 0, -179.5, 0) == pytest.approx(QUARTER_M / 90)
    # Zibo Museum to Zhoucun's old market; by the ellipsoid's radii of curvature, 17.6 km.
    assert distance_m(118.032191, 36.803529, 117.835159, 36.798131) == pytest.approx(
        17580, rel=0.01
    )


def test_a_metre_is_not_lost_to_rounding() -> None:
    north = math.degrees(1 / EARTH_RADIUS_M)
    assert distance_m(118, 36.8, 118, 36.8 + north) == pytest.approx(1, rel=1e-6)
    assert distance_m(118, 36.8, 118, 36.8) == 0


@given(positions, positions)
def test_chords_of_unit_vectors_measure_the_same_distance(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    a, b = unit_vectors([one[0], other[0]], [one[1], other[1]]).T
    straight = float(np.linalg.norm(a - b))
    metres = distance_m(*one, *other)
    assert straight == pytest.approx(chord(metres), abs=1e-12)
    if metres < 1.9 * QUARTER_M:
        assert arc(straight) == pytest.approx(metres, rel=1e-6, abs=1e-6)


@given(st.floats(0, 1.99 * QUARTER_M))
def test_arc_undoes_chord(metres: float) -> None:
    assert arc(chord(metres)) == pytest.approx(metres, rel=1e-9, abs=1e-6)


def test_arc_takes_arrays_and_lengths_past_the_diameter() -> None:
    assert arc([0.0, 2.0, 2.0 + 1e-15]).tolist() == pytest.approx([0, 2 * QUARTER_M, 2 * QUARTER_M])
    assert chord(5 * QUARTER_M) == 2


@given(positions, st.floats(0, 2.5 * QUARTER_M), st.floats(0, 360), st.floats(0, 1))
def test_the_box_contains_the_circle(
    centre: tuple[float, float], radius: float, bearing: float, part: float
) -> None:
    lon, lat = centre
    # The position at this bearing, at a distance up to the radius (the
    # direct problem on the sphere), whose distance is then measured rather than trusted.
    d, b, phi = part * radius / EARTH_RADIUS_M, math.radians(bearing), math.radians(lat)
    sine = math.sin(phi) * math.cos(d) + math.cos(phi) * math.sin(d) * math.cos(b)
    there_lat = math.degrees(math.asin(max(-1.0, min(1.0, sine))))
    east = math.sin(b) * math.sin(d) * math.cos(phi)
    there_lon = lon + math.degrees(math.atan2(east, math.cos(d) - math.sin(phi) * sine))
    there_lon = (there_lon + 180) % 360 - 180
    assume(distance_m(lon, lat, there_lon, there_lat) <= radius)
    west, south, east_edge, north = box_around(lon, lat, radius)
    assert west <= there_lon <= east_edge
    assert south <= there_lat <= north


@given(positions, positions)
def test_the_box_contains_whatever_is_near_enough(
    centre: tuple[float, float], other: tuple[float, float]
) -> None:
    box = box_around(*centre, distance_m(*centre, *other))
    assert box.west <= other[0] <= box.east
    assert box.south <= other[1] <= box.north


def test_the_box_is_tight_in_the_city() -> None:
    box = box_around(118.05, 36.8, 5000)
    assert distance_m(118.05, 36.8, 118.05, box.north) == pytest.approx(5000, abs=1)
    assert distance_m(118.05, 36.8, box.east, 36.8) == pytest.approx(5000, abs=1)
    assert box.east - 118.05 == pytest.approx(118.05 - box.west)


@pytest.mark.parametrize(
    ("lon", "lat", "radius"), [(10, 89.99, 5000), (10, -90, 1), (179.99, 10, 5000), (-180, 0, 1)]
)
def test_poles_and_antimeridian_open_the_box_to_all_longitudes(
    lon: float, lat: float, radius: float
) -> None:
    box = box_around(lon, lat, radius)
    assert (box.west, box.east) == (-180, 180)
    assert -90 <= box.south <= lat <= box.north <= 90


@pytest.mark.parametrize(
    ("metres", "minutes"), [(0, 1), (1, 1), (51, 1), (52, 2), (1000, 20), (2000, 39), (2001, 40)]
)
def test_a_walk_is_rounded_up(metres: float, minutes: int) -> None:
    assert walking_minutes(metres) == minutes
