"""What is answered of a listing that isn't there: never was, is no longer, or is another now."""

from datetime import datetime
from urllib.parse import urlencode

from geo.atlas import Atlas
from geo.edition import Tombstone
from geo.moment import minute_of
from geo.opening import SHANGHAI
from geo.question import Question
from miniapp_api.query import InCrs, Timed
from miniapp_api.reads import Answer
from server.problem import PROBLEM_JSON, problem_body

NEAR_THE_LOST = 5
"""Places named in place of one that is gone."""

_PATHS = {"site": "/api/v1/sites", "bus_route": "/api/v1/bus/routes"}


class Asked(InCrs, Timed):
    """How one listing is asked for: in which coordinate system, as of when."""


def gone(
    atlas: Atlas,
    query: InCrs,
    now: float,
    id_: int,
    type_: str,
    nothing: str,
    below: str = "",
) -> Answer:
    """301 if it was merged, 410 if it was retired, else 404 with the sentence ``nothing``.

    ``below`` is the rest of the path where not the listing itself was asked for.
    """
    at = (query.at if isinstance(query, Timed) else None) or datetime.fromtimestamp(now, SHANGHAI)
    stone = atlas.tombstones.get(id_)
    if stone is not None and stone.type == type_:
        if stone.merged_into is not None:
            return _moved(stone, f"{stone.merged_into}{below}", query)
        return _retired(atlas, stone, query, at)
    hotlines = b'"hotlines":' + atlas.hotline_items(at)
    return Answer(problem_body(404, nothing, extra=hotlines), PROBLEM_JSON, 404)


def _moved(stone: Tombstone, to: str, query: InCrs) -> Answer:
    """301 to the listing that took this one's place, asked in the same words."""
    asked = urlencode(query.model_dump(mode="json", exclude_defaults=True))
    location = f"{_PATHS[stone.type]}/{to}" + (f"?{asked}" if asked else "")
    detail = f"“{stone.name}”已并入编号 {stone.merged_into} 的条目。"
    return Answer(problem_body(301, detail), PROBLEM_JSON, 301, (("Location", location),))


def _retired(atlas: Atlas, stone: Tombstone, query: InCrs, at: datetime) -> Answer:
    """410 with the reason, what is near and the hotlines."""
    extra = b'"hotlines":' + atlas.hotline_items(at)
    if stone.lon is not None and stone.lat is not None:
        found = atlas.find(Question(centre=(stone.lon, stone.lat)), limit=NEAR_THE_LOST)
        items = atlas.items(found.rows, query.crs, minute_of(at), found.metres)
        extra += b',"nearby":[%b],"crs":"%b"' % (b",".join(items), query.crs.encode())
    reason = f"：{stone.reason}" if stone.reason else ""
    detail = f"“{stone.name}”已于 {stone.retired_on} 撤下{reason}。"
    return Answer(problem_body(410, detail, extra=extra), PROBLEM_JSON, 410)
