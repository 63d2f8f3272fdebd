"""Which rows lie in a box or near a point: points sorted into bands of latitude.

A partition holds some of an edition's rows, sorted by band and, within a band, by longitude.
A box then is one short run of rows in each band that it touches; all runs are found by a single
binary search and copied out together, so the cost follows the rows that are met and not those
that exist. Filters never come after the spatial search: each filter value has a partition of
its own (see ``geo.atlas``). Small partitions are scanned whole, which is faster still.

Points are kept as unit vectors: the square of the straight line between two of them grows with
their distance, costs three multiplications, and is exact to a few nanometres. (A dot product
would be cheaper, but can't tell apart what lies within some 10 cm, and a threaded matrix product
does not give equal results for equal points.)
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.sphere import Box, unit_vectors

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]

SCAN = 3000
"""Rows up to which scanning a whole partition beats looking for a box (measured)."""

PER_BAND = 24
"""Rows that a band of a square, evenly filled city would hold for each row across it."""

EDGE = 1e-9
"""Degrees by which a box is widened, some 0.1 mm."""


class Partition(NamedTuple):
    """Some rows of an edition, in band order.

    ``rows`` are the edition's row numbers, ``key`` the sort key of each (band and longitude in
    one number, ascending), ``xyz`` their unit vectors (n, 3). ``south`` and ``west`` are the
    corner in degrees, ``height`` a band's height in degrees of latitude, ``span`` the width of a
    band in the key's units (more than any longitude within it).
    """

    rows: Rows
    key: Floats
    xyz: Floats
    south: float
    west: float
    height: float
    span: float

    def box(self, box: Box) -> npt.NDArray[np.intp]:
        """Positions within this partition of all that lies in the box, and of a little more.

        Bands are taken whole in their height, so callers compare latitudes themselves.
        """
        if not len(self.rows):
            return np.empty(0, np.intp)
        # Half a degree keeps rounding from taking the last band's first row for the band before.
        top = (self.key[-1] + 0.5) // self.span
        first = max(0.0, (box.south - self.south) // self.height)
        last = min(top, (box.north - self.south) // self.height)
        if last < first:
            return np.empty(0, np.intp)
        bands = np.arange(first, last + 1.0) * self.span
        width = self.span - 1.0
        # The margin keeps rows on the very edge, which rounding could push a hair outside.
        west = min(max(box.west - self.west - EDGE, 0.0), width + 0.5)
        east = min(max(box.east - self.west + EDGE, -0.5), width + EDGE)
        starts = self.key.searchsorted(bands + west, "left")
        counts = self.key.searchsorted(bands + east, "right") - starts
        np.maximum(counts, 0, out=counts)
        ends = counts.cumsum()
        at: npt.NDArray[np.intp] = np.arange(ends[-1]) + np.repeat(starts - (ends - counts), counts)
        return at


def partition(rows: Rows, lon: Floats, lat: Floats) -> Partition:
    """Sort rows (with the longitudes and latitudes of each, WGS-84 degrees) into bands."""
    if not len(rows):
        return Partition(rows, np.empty(0), np.empty((0, 3)), 0.0, 0.0, 1.0, 2.0)
    south, west = float(lat.min()), float(lon.min())
    bands = max(1.0, float(np.ceil(np.sqrt(len(rows) / PER_BAND))) * 2)
    height = max((float(lat.max()) - south) / bands, 1e-9)
    span = float(lon.max()) - west + 1.0
    key = (lat - south) // height * span + (lon - west)
    order = np.argsort(key, kind="stable")
    return Partition(
        rows=rows[order].astype(np.int32),
        key=key[order],
        xyz=unit_vectors(lon[order], lat[order]),
        south=south,
        west=west,
        height=height,
        span=span,
    )


def squared_chords(xyz: Floats, centre: Floats) -> Floats:
    """Squares of the straight lines from unit vectors (n, 3) to one other (3,); shape (n,)."""
    away = xyz - centre
    away *= away
    squares: Floats = away[:, 0] + away[:, 1] + away[:, 2]
    return squares


def smallest_first(
    values: npt.NDArray[Any], ties: npt.NDArray[np.integer[Any]], count: int
) -> npt.NDArray[np.intp]:
    """Positions of the ``count`` smallest values, smallest first; ``ties`` (ascending) decide.

    Every position that ties with the last one is looked at, so that pages cut from a longer
    answer never repeat or miss a row.
    """
    if count < len(values):
        edge = np.partition(values, count - 1)[count - 1]
        close = np.flatnonzero(values <= edge)
        return close[np.lexsort((ties[close], values[close]))][:count]
    return np.lexsort((ties, values))
