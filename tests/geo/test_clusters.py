"""Is every place of a view counted once, and do clusters stand still when the view is dragged?"""

import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.clusters import CELL, SINGLES_FROM, TILE, Cluster, grid_clusters, mercator
from geo.question import Question
from geo.sphere import Box
from tests.geo.material import baked, of_sites, site

Point = tuple[float, float]

city_wide = st.tuples(st.floats(117.45, 118.65), st.floats(35.85, 37.4))
heaps = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(
    lambda p: (118.0123 + p[0] / 300, 36.8123 + p[1] / 300)
)
earth = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
edges = st.sampled_from([(180.0, 0.0), (-180.0, 0.0), (0.0, 90.0), (0.0, -90.0), (180.0, 90.0)])
points = st.lists(st.one_of(city_wide, heaps, earth, edges), max_size=80)
zooms = st.integers(0, 22)


def clustered(places: list[Point], zoom: int) -> tuple[list[Cluster], list[int]]:
    lon, lat = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    groups, alone = grid_clusters(lon, lat, zoom)
    return groups, alone.tolist()


def cell(place: Point, zoom: int) -> tuple[int, int] | None:
    """The square of a place by the textbook's formula; None if rounding decides."""
    side = 2**zoom * TILE // CELL
    phi = math.radians(max(-89.9, min(89.9, place[1])))
    x = (place[0] + 180) / 360 * side
    y = (1 - math.log(math.tan(phi) + 1 / math.cos(phi)) / math.pi) / 2 * side
    if any(abs(f - round(f)) < 1e-6 and 0 < round(f) < side for f in (x, y)):
        return None
    return tuple(min(max(math.floor(f), 0), side - 1) for f in (x, y))  # type: ignore[return-value]


@given(points, zooms)
def test_is_every_place_counted_once(places: list[Point], zoom: int) -> None:
    groups, alone = clustered(places, zoom)
    assert sum(group.count for group in groups) + len(alone) == len(places)
    assert alone == sorted(set(alone))
    assert all(group.count > 1 for group in groups)
    counts = [group.count for group in groups]
    assert counts == sorted(counts, reverse=True)


@given(points, zooms)
def test_does_a_cluster_lie_within_its_own_bounds(places: list[Point], zoom: int) -> None:
    for group in clustered(places, zoom)[0]:
        assert group.west <= group.lon <= group.east
        assert group.south <= group.lat <= group.north


@pytest.mark.parametrize("copies", [3, 5, 6, 7, 11, 100])
def test_is_the_middle_of_equal_places_their_own_place(copies: int) -> None:
    rng = np.random.default_rng(copies)
    for lon, lat in rng.uniform((117.45, 35.85), (118.65, 37.4), (200, 2)).tolist():
        ((group,), _) = clustered([(lon, lat)] * copies, 12)
        assert (group.lon, group.lat) == (lon, lat)


@given(points, st.integers(0, SINGLES_FROM - 1))
def test_do_the_places_of_one_square_make_one_cluster(places: list[Point], zoom: int) -> None:
    places = [place for place in places if cell(place, zoom) is not None]
    together: dict[object, list[int]] = defaultdict(list)
    for n, place in enumerate(places):
        together[cell(place, zoom)].append(n)
    groups, alone = clustered(places, zoom)
    assert alone == sorted(m[0] for m in together.values() if len(m) == 1)
    expected = sorted(
        (
            len(members),
            min(places[m][0] for m in members),
            min(places[m][1] for m in members),
            max(places[m][0] for m in members),
            max(places[m][1] for m in members),
        )
        for members in together.values()
        if len(members) > 1
    )
    assert sorted((g.count, g.west, g.south, g.east, g.north) for g in groups) == expected


@pytest.mark.parametrize("zoom", range(SINGLES_FROM, 23))
def test_does_nothing_cluster_in_a_street(zoom: int) -> None:
    assert clustered([(118.0, 36.8)] * 5, zoom) == ([], [0, 1, 2, 3, 4])


@pytest.mark.parametrize("zoom", [0, 3, SINGLES_FROM])
def test_is_an_empty_view_empty(zoom: int) -> None:
    assert clustered([], zoom) == ([], [])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("zoom", range(SINGLES_FROM))
def test_do_the_edges_of_the_world_stay_apart(zoom: int) -> None:
    """180 degrees east is no neighbour of 180 west, nor a pole of the other."""
    corners = [(180.0, 10.0), (-180.0, 10.0), (-180.0, -60.0), (3.0, 90.0), (3.0, -90.0)]
    groups, alone = clustered(corners, zoom)
    assert (groups, alone) == ([], [0, 1, 2, 3, 4])


def test_do_a_pole_and_its_neighbourhood_meet() -> None:
    groups, _ = clustered([(3.0, 90.0), (3.1, 89.99)], 3)
    assert [group.count for group in groups] == [2]


def test_is_the_projection_that_of_the_tiles() -> None:
    # Tile 14/13564/6400 has its north-west corner at these degrees (slippy map formula).
    lon = 13564 / 2**14 * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * 6400 / 2**14))))
    x, y = mercator(np.array([lon]), np.array([lat]))
    assert (x[0] * 2**14, y[0] * 2**14) == pytest.approx((13564, 6400), abs=1e-8)


def test_do_clusters_stand_still_while_the_map_is_dragged(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    places = rng.uniform((117.95, 36.75), (118.15, 36.85), (300, 2)).tolist()
    atlas = baked(of_sites([site(lon=lon, lat=lat) for lon, lat in places]), tmp_path / "b")
    zoom, side = 12, 2**12 * TILE // CELL
    views = [Box(117.95 + n / 100, 36.75, 118.08 + n / 100, 36.83) for n in range(8)]
    seen: dict[tuple[int, int], Cluster] = {}
    met_again = 0
    for view in views:
        groups, alone = atlas.clusters(Question(box=view), zoom)
        assert sum(g.count for g in groups) + len(alone) == atlas.find(Question(box=view)).total
        for group in groups:
            # Any of its places names the square: the mean lies in it, too.
            x, y = mercator(np.array([group.lon]), np.array([group.lat]))
            column, row = int(x[0] * side), int(y[0] * side)
            west, east = (edge / side * 360 - 180 for edge in (column, column + 1))
            if not (view.west <= west and east <= view.east):
                continue
            south, north = (
                math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * edge / side))))
                for edge in (row + 1, row)
            )
            if not (view.south <= south and north <= view.north):
                continue
            met_again += (column, row) in seen
            assert seen.setdefault((column, row), group) == group
    assert met_again > 50


def test_are_filters_and_other_coordinates_heard(tmp_path: Path) -> None:
    atlas = baked(
        of_sites([site(theme="nature"), site(theme="nature"), site(theme="science")]),
        tmp_path / "b",
    )
    groups, alone = atlas.clusters(Question(theme="nature"), 10)
    assert ([group.count for group in groups], alone.tolist()) == ([2], [])
    # The places stand at 118.05 degrees east, which GCJ-02 calls 118.056.
    for box, count in (
        (Box(118.04, 36.7, 118.052, 36.9), 0),
        (Box(118.052, 36.7, 118.06, 36.9), 3),
    ):
        groups, alone = atlas.clusters(Question(box=box, box_crs="gcj02"), 10)
        assert sum(group.count for group in groups) + len(alone) == count
