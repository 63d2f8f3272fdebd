"""Clusters of rows for a map view: a grid of the screen's own pixels.

Positions are projected to Web Mercator once per edition; at a zoom level two rows share a
cluster when they fall into the same square of ``CELL`` pixels. The grid is fixed to the world
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

SINGLES_FROM = 17
"""From this zoom on nothing is clustered: a street's length fills the screen."""


class Cluster(NamedTuple):
    """Rows that share a square: their mean position and their bounding box, in degrees."""

    lon: float
    lat: float
    count: int
    west: float
    south: float
    east: float
    north: float


def mercator(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Web Mercator (EPSG:3857) as fractions 0..1 of the world's side, y from the north."""
    y = 0.5 - np.arctanh(np.sin(np.radians(lat))) / (2 * np.pi)
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
    cell = (y * side).astype(np.int64) * side + (x * side).astype(np.int64)
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    counts = np.diff(starts, append=len(order))
    groups = [
        Cluster(
            lon=float(lon[members].mean()),
            lat=float(lat[members].mean()),
            count=len(members),
            west=float(lon[members].min()),
            south=float(lat[members].min()),
            east=float(lon[members].max()),
            north=float(lat[members].max()),
        )
        for members in (
            order[start : start + count]
            for start, count in zip(starts.tolist(), counts.tolist(), strict=True)
            if count > 1
        )
    ]
    groups.sort(key=lambda group: -group.count)
    return groups, np.sort(order[starts[counts == 1]])
