"""Do simplified districts stay neighbours, without gaps, where they were, in each system?"""

import json
from itertools import pairwise
from typing import Any

import pytest

from config.settings import ROOT, Settings
from geo.city import load_city
from geo.crs import convert
from web import build as builder
from web.outlines import outlines

# Two squares with a jagged border between them, and one apart.
BORDER = [[2.0, 0.0], [2.0005, 0.5], [1.9995, 1.0], [2.3, 1.5], [2.0, 2.0]]
LEFT = [[0.0, 0.0], *BORDER, [0.0, 2.0], [0.0, 0.0]]
RIGHT = [[4.0, 0.0], [4.0, 2.0], *BORDER[::-1], [4.0, 0.0]]
APART = [[8.0, 0.0], [9.0, 0.0], [9.0, 0.0], [9.0, 1.0], [8.0, 1.0], [8.0, 0.0]]


def collection(*rings: list[list[float]]) -> dict[str, Any]:
    return {
        "features": [
            {
                "properties": {"name": f"区{number}"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
            for number, ring in enumerate(rings)
        ]
    }


def rings(of: dict[str, Any]) -> list[list[tuple[float, float]]]:
    return [
        [tuple(point) for point in feature["geometry"]["coordinates"][0]]
        for feature in of["features"]
    ]


@pytest.fixture(scope="module")
def zibo() -> dict[str, Any]:
    builder.install()
    return json.loads((ROOT / "web" / builder.DISTRICTS).read_text("utf-8"))


def test_do_neighbours_keep_one_border() -> None:
    left, right, apart = rings(outlines(collection(LEFT, RIGHT, APART), "gcj02"))
    shared = [(2.0, 0.0), (2.3, 1.5), (2.0, 2.0)]
    assert set(shared) <= set(left)
    assert set(shared) <= set(right)
    # The two points that stray by 50 metres are gone from both.
    assert (2.0005, 0.5) not in set(left) | set(right)
    assert sorted(apart) == [(8.0, 0.0), (8.0, 0.0), (8.0, 1.0), (9.0, 0.0), (9.0, 1.0)]


def test_is_every_ring_closed_and_runs_as_before() -> None:
    for ring, was in zip(
        rings(outlines(collection(LEFT, RIGHT), "gcj02")), (LEFT, RIGHT), strict=True
    ):
        assert ring[0] == ring[-1]
        assert _area(ring) == pytest.approx(_area([tuple(point) for point in was]), abs=0.01)


def test_do_neighbours_differ_in_tone() -> None:
    first, second, apart = outlines(collection(LEFT, RIGHT, APART), "gcj02")["features"]
    assert first["properties"]["tone"] != second["properties"]["tone"]
    assert apart["properties"]["tone"] == 0


def test_does_a_name_stand_in_the_middle_of_its_area() -> None:
    square = [[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0], [1.0, 1.0]]
    (district,) = outlines(collection(square), "gcj02")["features"]
    assert district["properties"]["label"] == [2.0, 2.0]


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_are_the_positions_those_of_the_system_asked_for(crs: Any) -> None:
    square = [[118.0, 36.0], [119.0, 36.0], [119.0, 37.0], [118.0, 37.0], [118.0, 36.0]]
    (ring,) = rings(outlines(collection(square), crs))
    assert set(ring) == {
        tuple(round(degrees, 4) for degrees in convert(lon, lat, "gcj02", crs))
        for lon, lat in square
    }


def test_is_another_form_refused() -> None:
    several = collection(LEFT)
    several["features"][0]["geometry"]["type"] = "MultiPolygon"
    with pytest.raises(ValueError, match="MultiPolygon"):
        outlines(several, "wgs84")


def test_are_they_the_eight_districts_of_the_city(zibo: dict[str, Any]) -> None:
    city = load_city(Settings(_env_file=None).city)
    drawn = outlines(zibo, "wgs84")["features"]
    statutory = {district.title for district in city.districts if district.parent is None}
    assert {feature["properties"]["name"] for feature in drawn} == statutory
    for feature in drawn:
        assert feature["properties"]["tone"] in range(4)
        assert all(city.contains(*point) for point in feature["geometry"]["coordinates"][0])


def test_does_every_inner_border_belong_to_two_districts(zibo: dict[str, Any]) -> None:
    edges: dict[frozenset[tuple[float, float]], int] = {}
    drawn = rings(outlines(zibo, "wgs84"))
    for ring in drawn:
        for edge in pairwise(ring):
            edges[frozenset(edge)] = edges.get(frozenset(edge), 0) + 1
    shared = [edge for edge, count in edges.items() if count == 2]
    assert len(shared) > 100
    assert max(edges.values()) == 2
    # Slivers between neighbours would be seen as area lost or counted twice.
    whole = sum(abs(_area(ring)) for ring in drawn)
    before = sum(abs(_area([tuple(p) for p in ring])) for ring in rings_of(zibo))
    assert whole == pytest.approx(before, rel=0.003)


def rings_of(source: dict[str, Any]) -> list[list[list[float]]]:
    return [feature["geometry"]["coordinates"][0] for feature in source["features"]]


def _area(ring: list[Any]) -> float:
    return sum(x * v - u * y for (x, y), (u, v) in pairwise(ring)) / 2
