"""Where positions lie along a line drawn on the map.

Public names: ``Polyline``.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.sphere import EARTH_RADIUS_M

__all__ = ["Polyline"]

Floats = npt.NDArray[np.float64]


class Polyline:
    """A line through at least two points (lon, lat), WGS-84 degrees.

    The map is taken as flat around the line's middle: for a line through one city the error lies
    far below a metre in a hundred.
    """

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        lon, lat = np.array(points, float).T
        self._middle = (float(lon.mean()), float(lat.mean()))
        xy = self._flat(lon, lat)
        self._start, self._way = xy[:-1], xy[1:] - xy[:-1]
        self._length: Floats = np.hypot(self._way[:, 0], self._way[:, 1])
        self._before: Floats = np.concatenate(([0.0], np.cumsum(self._length)[:-1]))

    def _flat(self, lon: Floats, lat: Floats) -> Floats:
        east = np.radians(lon - self._middle[0]) * math.cos(math.radians(self._middle[1]))
        return np.stack([east, np.radians(lat - self._middle[1])], axis=-1) * EARTH_RADIUS_M

    def meets(self, lon: float, lat: float) -> tuple[Floats, Floats]:
        """For each straight piece of the line: metres to its nearest point, and where that is.

        "Where" is metres along the line from its start; both have the shape (points - 1,).
        """
        to = self._flat(np.array([lon]), np.array([lat]))[0] - self._start
        square = np.maximum(self._length**2, 1e-12)
        share = np.clip((to * self._way).sum(axis=1) / square, 0.0, 1.0)
        off = to - self._way * share[:, None]
        return np.hypot(off[:, 0], off[:, 1]), self._before + share * self._length

    def distance_m(self, lon: float, lat: float) -> float:
        """Metres from a position to the line."""
        return float(self.meets(lon, lat)[0].min())

    def out_of_order(self, places: Sequence[tuple[float, float]], slack_m: float) -> int | None:
        """The first of these positions that can't come after those before it; None if all can.

        A line may pass a place more than once (there and back): every pass that is at most
        ``slack_m`` further off than the nearest one counts, and the earliest that fits is taken.
        A step back of ``slack_m`` along the line is let pass.
        """
        reached = 0.0
        for number, (lon, lat) in enumerate(places):
            far, along = self.meets(lon, lat)
            passes = along[far <= far.min() + slack_m]
            ahead = passes[passes >= reached - slack_m]
            if not len(ahead):
                return number
            reached = max(reached, float(ahead.min()))
        return None
