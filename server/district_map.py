"""The districts as a drawing: outlines of the built map as paths of an SVG.

Public names: ``Shape``, ``Drawing``, ``drawing``.
"""

import json
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

WIDTH = 600
MARGIN = 6


class Shape(NamedTuple):
    """A district: its outline, and where its name stands."""

    name: str
    path: str
    x: float
    y: float


class Drawing(NamedTuple):
    """All districts in a box of ``width`` by ``height``."""

    width: int
    height: int
    shapes: tuple[Shape, ...]


@lru_cache(maxsize=2)
def drawing(path: Path) -> Drawing | None:
    """The outlines of a GeoJSON file in WGS-84; None if there is no such file.

    Longitudes are drawn as long as they are in the city's middle latitude.
    """
    try:
        features = json.loads(path.read_text("utf-8"))["features"]
    except (OSError, ValueError, KeyError):
        return None
    points = [point for feature in features for ring in _rings(feature) for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    across = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((east - west) * across)

    def at(point: Sequence[float]) -> tuple[float, float]:
        x = MARGIN + (point[0] - west) * across * scale
        return round(x, 1), round(MARGIN + (north - point[1]) * scale, 1)

    shapes = []
    for feature in features:
        rings = ["M" + "L".join(f"{x} {y}" for x, y in map(at, r)) + "Z" for r in _rings(feature)]
        x, y = at(feature["properties"]["label"])
        shapes.append(Shape(feature["properties"]["name"], "".join(rings), x, y))
    height = math.ceil(2 * MARGIN + (north - south) * scale)
    return Drawing(WIDTH, height, tuple(shapes))


def shade(count: int, most: int) -> int:
    """0 for none, else 1 to 4 by share of the most."""
    return 0 if not count else max(1, math.ceil(4 * count / most))


def _rings(feature: dict[str, Any]) -> Iterable[Sequence[Sequence[float]]]:
    geometry = feature["geometry"]
    if geometry["type"] == "Polygon":
        return geometry["coordinates"]  # type: ignore[no-any-return]
    return [ring for polygon in geometry["coordinates"] for ring in polygon]
