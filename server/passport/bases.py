"""Which practice bases the map has, and what stands for one that it had.

Public names: ``KIND``, ``Base``, ``Bases``, ``bases``, ``current``, ``led_here``, ``former``.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import orjson
from sqlalchemy import func, select

from geo.atlas import Atlas
from geo.question import Question
from server.db import AnySession
from server.models import Revision

KIND = "practice_base"
"""The kind of site that gives stamps."""


class Base(NamedTuple):
    """A practice base."""

    id: int
    name: str
    theme: str | None
    district: str
    lon: float
    """WGS-84, like ``lat``."""
    lat: float


Bases = Mapping[int, Base]
"""By listing id."""


@lru_cache(maxsize=2)
def bases(atlas: Atlas) -> Bases:
    """The practice bases of an edition, made once."""
    rows = atlas.find(Question(kind=KIND), 0, len(atlas)).rows
    records = (orjson.loads(one) for one in atlas.records(rows.astype(np.int64), "wgs84"))
    return {one["id"]: _base(one["id"], one) for one in records}


def current(atlas: Atlas, listing_id: int) -> int:
    """The listing that stands for one now: where it was merged into another, that one."""
    stone = atlas.tombstones.get(listing_id)
    return listing_id if stone is None or stone.merged_into is None else stone.merged_into


def led_here(atlas: Atlas, listing_id: int) -> list[int]:
    """The listings that this one stands for, itself among them."""
    merged = [id_ for id_, stone in atlas.tombstones.items() if stone.merged_into == listing_id]
    return [listing_id, *merged]


def former(session: AnySession, atlas: Atlas, listing_ids: Collection[int]) -> Bases:
    """Those of some listings that are no bases on the map any more, as they were approved last."""
    gone = set(listing_ids) - set(bases(atlas))
    if not gone:
        return {}
    last = (
        select(func.max(Revision.id))
        .where(Revision.listing_id.in_(gone), Revision.state == "approved")
        .group_by(Revision.listing_id)
    )
    said = session.scalars(select(Revision).where(Revision.id.in_(last)))
    return {one.listing_id: _base(one.listing_id, one.document) for one in said}


def _base(id_: int, said: Mapping[str, Any]) -> Base:
    return Base(id_, said["name"], said.get("theme"), said["district"], said["lon"], said["lat"])
