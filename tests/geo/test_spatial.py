"""Does a partition find every row of a box, and does an order hold for equal values?"""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo import spatial
from geo.spatial import EDGE, partition, smallest_first, squared_chords
from geo.sphere import Box, arc, distance_m, unit_vector, unit_vectors

# Few values, so that positions meet each other and the edges of bands and boxes.
coarse = st.integers(-20, 20).map(lambda n: 118 + n / 16)
fine = st.integers(-5, 5).map(lambda n: 36.8 + n * 1e-9)
anywhere = st.floats(-180, 180)
degree = st.one_of(coarse, fine, anywhere)
points = st.lists(st.tuples(degree, degree.map(lambda d: d / 2)), max_size=120)


def boxed(corners: tuple[float, float, float, float]) -> Box:
    west, east = sorted(corners[:2])
    south, north = sorted(corners[2:])
    return Box(west, south, east, north)


boxes = st.tuples(degree, degree, degree.map(lambda d: d / 2), degree.map(lambda d: d / 2)).map(
    boxed
)


@pytest.mark.parametrize("per_band", [24, 0.2])
@given(points=points, box=boxes, data=st.data())
def test_is_everything_in_a_box_found_once_and_little_else(
    per_band: float, points: list[tuple[float, float]], box: Box, data: st.DataObject
) -> None:
    if points and data.draw(st.booleans()):
        # Edges that run through rows.
        (west, south), (east, north) = data.draw(st.tuples(*[st.sampled_from(points)] * 2))
        box = boxed((west, east, south, north))
    lon, lat = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spatial, "PER_BAND", per_band)
        part = partition(np.arange(len(points), dtype=np.int32), lon, lat)
    found = part.rows[part.box(box)].tolist()
    assert sorted(part.box(Box(-180, -90, 180, 90)).tolist()) == list(range(len(points)))
    inside = {
        row
        for row, (x, y) in enumerate(points)
        if box.west <= x <= box.east and box.south <= y <= box.north
    }
    assert len(found) == len(set(found))
    assert inside <= set(found)
    for row in set(found) - inside:
        x, y = points[row]
        _, _, height, width = (1.001 * size + 2 * EDGE for size in part.grid)
        assert box.west - width <= x <= box.east + width
        assert box.south - height <= y <= box.north + height


def test_is_the_easternmost_row_never_rounded_away() -> None:
    rng = np.random.default_rng(2)
    for _ in range(300):
        # Near longitude 0, where floats are finest and sums are rounded most.
        lon, lat = rng.uniform(-0.6, 0.6, 5), rng.uniform(51.0, 52.0, 5)
        part = partition(np.arange(5, dtype=np.int32), lon, lat)
        for east in (lon.max(), 1.0, 180.0):
            assert len(part.box(Box(-1.0, 50.0, east, 53.0))) == 5


def test_is_the_last_band_found_when_only_its_westernmost_place_fills_it() -> None:
    """Ten bands, whose widths are not all multiples of what a float can tell apart."""
    for width in np.linspace(0.1, 90, 200).tolist():
        lon, lat = np.full(600, 40.0 + width), np.full(600, 18.4)
        lon[0], lat[0] = 40.0, 59.0
        part = partition(np.arange(600, dtype=np.int32), lon, lat)
        assert len(part.box(Box(-180, -90, 180, 90))) == 600


def test_are_the_rows_of_a_subset_their_own() -> None:
    lon, lat = np.array([118.3, 118.1, 118.2]), np.array([36.9, 36.1, 36.5])
    part = partition(np.array([40, 7, 99], dtype=np.int32), lon, lat)
    assert sorted(part.rows.tolist()) == [7, 40, 99]
    assert part.rows[part.box(Box(118.0, 36.0, 118.15, 36.2))].tolist() == [7]
    at = part.rows.tolist().index(99)
    assert part.xyz[:, at] == pytest.approx(unit_vector(118.2, 36.5), abs=1e-15)


@pytest.mark.parametrize("box", [Box(-180, -90, 180, 90), Box(0, 0, 0, 0)])
def test_does_an_empty_partition_answer(box: Box) -> None:
    part = partition(np.empty(0, np.int32), np.empty(0), np.empty(0))
    assert part.box(box).tolist() == []


def test_is_a_box_found_fast_among_many() -> None:
    """The rows looked at follow the box, not the partition."""
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(117.45, 118.65, 50_000), rng.uniform(35.85, 37.4, 50_000)
    part = partition(np.arange(50_000, dtype=np.int32), lon, lat)
    box = Box(118.0, 36.5, 118.1, 36.6)
    inside = (lon >= 118.0) & (lon <= 118.1) & (lat >= 36.5) & (lat <= 36.6)
    assert len(part.box(box)) < 1.5 * np.count_nonzero(inside)


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 1e-5), st.floats(0, 360))
def test_can_places_a_hand_apart_be_told_apart(
    lon: float, lat: float, step: float, bearing: float
) -> None:
    """Squares of chords keep their digits near zero, where a cosine has none left."""
    to = (
        lon + step * math.sin(math.radians(bearing)),
        max(-90.0, min(90.0, lat + step * math.cos(math.radians(bearing)))),
    )
    square = squared_chords(unit_vectors([to[0]], [to[1]]), unit_vector(lon, lat))
    assert arc(np.sqrt(square))[0] == pytest.approx(distance_m(lon, lat, *to), abs=1e-7)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 10**6)), unique_by=lambda pair: pair[1]),
    st.integers(0, 40),
)
@example([(1, 5), (1, 3), (1, 4)], 0)
@example([(1, 5), (1, 3), (1, 4)], 2)
def test_do_ties_come_in_the_order_of_their_ids(pairs: list[tuple[int, int]], count: int) -> None:
    values = np.array([value for value, _ in pairs], dtype=np.float64)
    ids = np.array([id_ for _, id_ in pairs], dtype=np.int64)
    found = smallest_first(values, ids.__getitem__, count)
    assert [pairs[place] for place in found] == sorted(pairs)[:count]
