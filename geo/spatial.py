"""Which rows lie in a box or near a point: points sorted into the cells of a grid.

A partition holds some of an edition's rows, sorted by band of latitude and, within a band, by
cell. A box then is one run of rows in each band that it touches, from its first cell to its
last; where a cell begins is looked up, and the runs are copied out one after the other. So the
cost follows the rows that are met and not those that exist. Filters never come after the
spatial search: each filter value has a partition of its own (see ``geo.columns``). Small
partitions are scanned whole, which is faster still.

Points are kept as unit vectors: the square of the straight line between two of them grows with
their distance, costs three multiplications, and is exact to a few nanometres. (A dot product
would be cheaper, but can't tell apart what lies within some 10 cm, and a threaded matrix product
does not give equal results for equal points.)
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.sphere import Box, Vector, unit_vectors

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]

SCAN = 3000
"""Rows up to which scanning a whole partition beats looking for a box (measured)."""

PER_BAND = 40
"""Rows for each band, squared: the fewer bands, the fewer runs; the more, the fewer rows beside."""

CELLS = 4
"""Cells of a band for each band: narrow, so that runs end close to the box."""

EDGE = 1e-9
"""Degrees by which a box is widened, some 0.1 mm."""


class Partition(NamedTuple):
    """Some rows of an edition, in grid order.

    ``rows`` are the edition's row numbers, ``xyz`` their unit vectors (3, n). ``starts``
    (bands, cells + 1) tells where the rows of each cell begin, and in its last column where the
    band ends. ``grid`` is south, west, height, width: the corner, and the size of a cell, in
    degrees.
    """

    rows: Rows
    xyz: Floats
    starts: Rows
    grid: tuple[float, float, float, float]

    def box(self, box: Box) -> npt.NDArray[np.intp]:
        """Positions within this partition of all that lies in the box, and of a little more.

        Cells are taken whole, so callers compare positions themselves.
        """
        runs = [np.arange(run.start, run.stop) for run in self._runs(box)]
        return np.concatenate(runs) if runs else np.empty(0, np.intp)

    def inside(self, box: Box) -> tuple[Rows, Floats]:
        """The rows of ``box`` and their unit vectors."""
        runs = self._runs(box)
        if not runs:
            return self.rows[:0], self.xyz[:, :0]
        rows, xyz = self.rows, self.xyz
        return (
            np.concatenate([rows[run] for run in runs]),
            np.concatenate([xyz[:, run] for run in runs], axis=1),
        )

    def _runs(self, box: Box) -> list[slice]:
        """The run of rows in each band that the box touches."""
        south, west, height, width = self.grid
        bands, cells = self.starts.shape[0], self.starts.shape[1] - 1
        first = (box.south - EDGE - south) // height
        last = (box.north + EDGE - south) // height
        left = (box.west - EDGE - west) // width
        right = (box.east + EDGE - west) // width
        if last < 0 or first >= bands or right < 0 or left >= cells:
            return []
        # Numbers far outside are beyond what an index can be, so they are clipped as floats.
        touched = self.starts[int(max(first, 0)) : int(min(last, bands - 1)) + 1]
        begins = touched[:, int(max(left, 0))].tolist()
        ends = touched[:, int(min(right, cells - 1)) + 1].tolist()
        return [slice(*run) for run in zip(begins, ends, strict=True)]


def partition(rows: Rows, lon: Floats, lat: Floats) -> Partition:
    """Sort rows (with the longitudes and latitudes of each, WGS-84 degrees) into cells."""
    bands = int(np.ceil(np.sqrt(len(rows) / PER_BAND))) or 1
    cells = bands * CELLS
    if not len(rows):
        starts = np.zeros((bands, cells + 1), np.int32)
        return Partition(rows, np.empty((3, 0)), starts, (0.0, 0.0, 1.0, 1.0))
    south, west = float(lat.min()), float(lon.min())
    height = max((float(lat.max()) - south) / bands, 1e-9)
    width = max((float(lon.max()) - west) / cells, 1e-9)
    # The northernmost and easternmost rows lie on the grid's own edge, within its last cells.
    band = np.minimum((lat - south) // height, bands - 1).astype(np.int64)
    cell = band * cells + np.minimum((lon - west) // width, cells - 1).astype(np.int64)
    order = np.argsort(cell, kind="stable")
    bounds = np.concatenate(([0], np.bincount(cell, minlength=bands * cells).cumsum()))
    starts = np.empty((bands, cells + 1), np.int32)
    starts[:, :cells] = bounds[:-1].reshape(bands, cells)
    starts[:, cells] = bounds[cells::cells]
    return Partition(
        rows=rows[order].astype(np.int32),
        xyz=unit_vectors(lon[order], lat[order]),
        starts=starts,
        grid=(south, west, height, width),
    )


def squared_chords(xyz: Floats, centre: Vector) -> Floats:
    """Squares of the straight lines from unit vectors (3, n) to one other; shape (n,)."""
    squares: Floats = xyz[0] - centre[0]
    squares *= squares
    for axis in (1, 2):
        away = xyz[axis] - centre[axis]
        away *= away
        squares += away
    return squares


def smallest_first(
    values: npt.NDArray[Any], tie: Callable[[Any], npt.NDArray[Any]], count: int
) -> npt.NDArray[np.intp]:
    """Positions of the ``count`` smallest values, smallest first.

    Where values are equal, what ``tie`` gives for their positions decides (ascending).

    Every position that ties with the last one is looked at, so that pages cut from a longer
    answer never repeat or miss a row.
    """
    if count < len(values):
        edge = np.partition(values, count - 1)[count - 1]
        close: npt.NDArray[np.intp] = (values <= edge).nonzero()[0]
        return close[np.lexsort((tie(close), values[close]))][:count]
    return np.lexsort((tie(slice(None)), values))
