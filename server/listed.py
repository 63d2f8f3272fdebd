"""What the map knows of a listing by its number alone, whatever it is.

Public names: ``Listed``, ``listed``.
"""

from typing import NamedTuple

import numpy as np
import orjson

from geo.atlas import Atlas

KINDS = ("site", "bus_route", "hotline")
"""The types of listings that people use by themselves; a notice belongs to its lines."""


class Listed(NamedTuple):
    """A listing that the public sees, or that it saw once."""

    id: int
    type: str
    name: str
    state: str = "active"
    """Or ``retired``, ``merged``."""
    reason: str = ""
    """Why it was retired."""
    merged_into: int | None = None
    row: int | None = None
    """A place's, in the atlas."""


def listed(atlas: Atlas, id_: int) -> Listed | None:
    """The listing; None if the public never saw it, or if it is no such thing."""
    row = atlas.row_of(id_)
    if row is not None:
        return Listed(id_, "site", _name(atlas.records(np.array([row]), "wgs84")[0]), row=row)
    route = atlas.route_row(id_)
    if route is not None:
        return Listed(id_, "bus_route", _name(atlas.route_record(route, "wgs84")))
    for line in atlas.hotlines:
        if line["id"] == id_:
            return Listed(id_, "hotline", line["name"])
    stone = atlas.tombstones.get(id_)
    if stone is None or stone.type not in KINDS:
        return None
    state = "retired" if stone.merged_into is None else "merged"
    return Listed(id_, stone.type, stone.name, state, stone.reason, stone.merged_into)


def _name(record: bytes) -> str:
    name: str = orjson.loads(record)["name"]
    return name
