"""What is asked of an atlas, and what it finds."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.crs import Crs
from geo.sphere import Box

Sort = Literal["distance", "relevance", "name"]


@dataclass(slots=True)
class Question:
    """One question for places; all conditions hold together.

    ``centre`` is (lon, lat), WGS-84 degrees, and ``radius`` the metres around it that count
    (None: any distance). ``box`` is in ``box_crs``, whose rectangles are not quite those of
    WGS-84. ``district`` includes the functional zones within it. A place whose ages are not
    known suits every ``age``; one whose fee or hours are not known is neither ``free`` nor open.
    ``open_minute`` asks for places open in that minute (since 1970-01-01T00:00Z).

    Not to be changed once made; freezing it would double the time that making it takes.
    """

    kind: str | None = None
    theme: str | None = None
    district: str | None = None
    age: int | None = None
    free: bool | None = None
    facilities: tuple[str, ...] = ()
    open_minute: int | None = None
    q: str | None = None
    centre: tuple[float, float] | None = None
    radius: float | None = None
    box: Box | None = None
    box_crs: Crs = "wgs84"
    sort: Sort | None = None


class Found(NamedTuple):
    """One page of an answer.

    ``rows`` are row numbers, best first; ``metres`` their distances (None without a centre);
    ``total`` counts all matches; ``unconfirmed`` those that match but for a fact (fee, hours)
    that is not known, None when no such fact was asked for.
    """

    rows: npt.NDArray[np.int32]
    metres: npt.NDArray[np.float64] | None
    total: int
    unconfirmed: int | None = None
