"""District outlines for the map without tiles: borders simplified once, for both neighbours.

The source is GCJ-02 on a grid of 1/1024 degree, one ring a district, neighbours sharing the
points of their border. Each stretch of border is cut out where the pair of neighbours changes
and simplified by itself, so that no slivers open between districts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any

from geo.crs import Crs, convert

Point = tuple[float, float]
Edge = frozenset[Point]

TOLERANCE_M = 130.0
"""Metres that a border may stray: the steps of the source's grid vanish, its shape stays."""

METRES_PER_DEGREE = 111_195.0
DECIMALS = 4
"""Of a degree: 11 m, far finer than the source."""


def outlines(source: Mapping[str, Any], crs: Crs) -> dict[str, Any]:
    """The districts as a GeoJSON FeatureCollection in ``crs``.

    Args:
        source: a FeatureCollection of Polygons in GCJ-02, each of one ring, with ``name``
            among its properties.

    Raises:
        KeyError, ValueError: the source has another form.
    """
    features = source["features"]
    rings = [_ring(feature) for feature in features]
    owners: dict[Edge, set[int]] = defaultdict(set)
    for number, ring in enumerate(rings):
        for edge in pairwise([*ring, ring[0]]):
            owners[frozenset(edge)].add(number)
    tones = _tones(len(rings), owners.values())
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(feature["properties"], tone, list(_simplified(ring, owners)), crs)
            for feature, tone, ring in zip(features, tones, rings, strict=True)
        ],
    }


def _tones(count: int, borders: Iterable[set[int]]) -> list[int]:
    """A small number for each district that none of its neighbours has: the first one free."""
    neighbours: dict[int, set[int]] = defaultdict(set)
    for pair in borders:
        for one in pair:
            neighbours[one] |= pair - {one}
    tones: list[int] = []
    for one in range(count):
        taken = {tones[other] for other in neighbours[one] if other < one}
        tones.append(next(tone for tone in range(count) if tone not in taken))
    return tones


def _ring(feature: Mapping[str, Any]) -> list[Point]:
    """The one ring of a district, open, without repeated points."""
    if feature["geometry"]["type"] != "Polygon":
        raise ValueError(feature["geometry"]["type"])
    (closed,) = feature["geometry"]["coordinates"]
    points = [(float(lon), float(lat)) for lon, lat in closed]
    ring = [point for point, following in pairwise(points) if point != following]
    if points[-1] != points[0]:
        ring.append(points[-1])
    return ring


def _simplified(ring: Sequence[Point], owners: Mapping[Edge, set[int]]) -> Iterator[Point]:
    """The ring again, open, each stretch between two junctions simplified."""
    before = [owners[frozenset((ring[i - 1], ring[i]))] for i in range(len(ring))]
    cuts = [i for i in range(len(ring)) if before[i] != before[(i + 1) % len(ring)]]
    if not cuts:
        # Nobody's neighbour, or one neighbour all around: two far points make two stretches.
        low, high = min(ring), max(ring)
        cuts = sorted((ring.index(low), ring.index(high)))
    for start, end in pairwise([*cuts, cuts[0] + len(ring)]):
        stretch = [ring[i % len(ring)] for i in range(start, end + 1)]
        yield from _stretch(stretch)[:-1]


def _stretch(points: list[Point]) -> list[Point]:
    """A stretch simplified in the same direction whoever asks, so that neighbours agree."""
    if points[0] > points[-1]:
        return _peucker(points[::-1])[::-1]
    return _peucker(points)


def _peucker(points: list[Point]) -> list[Point]:
    """Douglas and Peucker (1973): the ends, and the farthest point wherever it is too far."""
    if len(points) < 3:
        return points
    distances = [_metres(point, points[0], points[-1]) for point in points[1:-1]]
    farthest = max(distances)
    if farthest <= TOLERANCE_M:
        return [points[0], points[-1]]
    middle = distances.index(farthest) + 1
    return _peucker(points[: middle + 1])[:-1] + _peucker(points[middle:])


def _metres(point: Point, start: Point, end: Point) -> float:
    """From ``point`` to the segment, on a plane, which over one city is near enough."""
    shrink = cos(radians(point[1]))
    x, y = (point[0] - start[0]) * shrink, point[1] - start[1]
    dx, dy = (end[0] - start[0]) * shrink, end[1] - start[1]
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, (x * dx + y * dy) / length)) if length else 0.0
    return hypot(x - along * dx, y - along * dy) * METRES_PER_DEGREE


def _feature(
    properties: Mapping[str, Any], tone: int, ring: list[Point], crs: Crs
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "name": properties["name"],
            "label": _position(_middle(ring), crs),
            "tone": tone,
        },
        "geometry": {
            "type": "Polygon",
            "coordinates": [[_position(point, crs) for point in [*ring, ring[0]]]],
        },
    }


def _middle(ring: list[Point]) -> Point:
    """The centroid of the area: the name stands there, and not on the county seat, where the
    markers are."""
    area = east = north = 0.0
    for (x, y), (u, v) in pairwise([*ring, ring[0]]):
        cross = x * v - u * y
        area, east, north = area + cross, east + (x + u) * cross, north + (y + v) * cross
    return east / (3 * area), north / (3 * area)


def _position(point: Point, crs: Crs) -> list[float]:
    return [round(degrees, DECIMALS) for degrees in convert(*point, "gcj02", crs)]
