"""Clusters of rows for a map view: a grid of the screen's own pixels.

Positions are projected to Web Mercator; at a zoom level two rows share a cluster when they fall
into the same square of ``CELL`` pixels. The grid is fixed to the world
and not to the view, so clusters stand still while the map is dragged.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CELL = 64
"""Side of a square in pixels: a finger's width apart on a phone."""

TILE = 256
"""Pixels of the whole world's side at zoom 0."""

POLE = 90 - 1e-6
"""Degrees: the latitude up to which the projection is worked out."""

SINGLES_FROM = 17
"""From this zoom on nothing is clustered: a street's length fills the screen."""


class Cluster(NamedTuple):
    """Rows that share a square: their mean position and their bounding box, in degrees."""

    lon: float
    lat: float
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks here
    west: float
    south: float
    east: float
    north: float


def mercator(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Web Mercator (EPSG:3857) as fractions 0..1 of the world's side, y from the north.

    Beyond 85 degrees north or south, where its map ends, y lies outside 0..1; a pole's is as if
    it were a millionth of a degree away.
    """
    tilt = np.radians(np.clip(lat, -POLE, POLE))
    y = 0.5 - np.arctanh(np.sin(tilt)) / (2 * np.pi)
    return lon / 360.0 + 0.5, y


def grid_clusters(
    lon: Floats, lat: Floats, zoom: int
) -> tuple[list[Cluster], npt.NDArray[np.intp]]:
    """Group points (degrees) for a zoom level.

    Returns the clusters of two and more, largest first, and the positions of the points that
    stand alone, in their order.
    """
    if not len(lon):
        return [], np.empty(0, np.intp)
    if zoom >= SINGLES_FROM:
        return [], np.arange(len(lon))
    side = 2**zoom * TILE // CELL
    x, y = mercator(lon, lat)
    # The world's last row and column hold its very edge, 180 degrees east, and the poles.
    column = np.clip(np.floor(x * side), 0, side - 1).astype(np.int64)
    row = np.clip(np.floor(y * side), 0, side - 1).astype(np.int64)
    cell = row * side + column
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    counts = np.diff(starts, append=len(order))
    middle_lon, west, east = _spread(lon[order], starts, counts)
    middle_lat, south, north = _spread(lat[order], starts, counts)
    several = np.flatnonzero(counts > 1)
    several = several[np.argsort(-counts[several], kind="stable")]
    groups = map(
        Cluster._make,
        zip(
            *(
                of_each[several].tolist()
                for of_each in (middle_lon, middle_lat, counts, west, south, east, north)
            ),
            strict=True,
        ),
    )
    return list(groups), np.sort(order[starts[counts == 1]])


def _spread(
    degrees: Floats, starts: npt.NDArray[np.intp], counts: npt.NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    """Mean, least and greatest of each run; the mean is never rounded out of its run's range."""
    least = np.minimum.reduceat(degrees, starts)
    greatest = np.maximum.reduceat(degrees, starts)
    mean = np.add.reduceat(degrees, starts) / counts
    return np.clip(mean, least, greatest), least, greatest
