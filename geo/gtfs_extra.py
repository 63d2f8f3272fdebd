"""``tongyou.json``: within our own feeds, the documents that the tables were written from.

It holds each route's document and the SHA-256 of every table. While all tables are the ones that
it names, the documents are restored as they were. Once any table has been changed the tables
count; the file then supplies only what GTFS has no place for, and what stands in tables that were
not changed.
"""

from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from geo.gtfs_archive import Archive
from geo.gtfs_ids import Routes, route_id
from geo.gtfs_report import Refused, Report
from geo.transit import BusRoute, Trip
from geo.wording import in_chinese

FILE = "tongyou.json"
MAX_BYTES = 32 << 20
"""Of this file, which is read as a whole."""
_NOTE = "童友图的完整线路资料，供导回之用；其他软件可以忽略。"


class _ExtraRoute(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    route_id: str
    document: BusRoute


class Extra(NamedTuple):
    """What a feed's ``tongyou.json`` says; ``changed`` are the tables that differ from it."""

    documents: dict[str, BusRoute]
    """By route_id."""
    changed: frozenset[str]


def dump(routes: Routes, digests: dict[str, str]) -> bytes:
    """The file, fields that hold their default left out; ``digests`` by table."""
    documents = [
        {
            "route_id": route_id(listing_id),
            "document": route.model_dump(mode="json", exclude_defaults=True),
        }
        for listing_id, route in sorted(routes, key=lambda pair: pair[0])
    ]
    whole = {"format": 1, "note": _NOTE, "tables": digests, "routes": documents}
    return orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)


def read(archive: Archive, report: Report) -> Extra | None:
    """The file's content; None, and the reason told, where it is missing or unusable.

    Raises:
        Refused: a file of the archive is damaged, or this one too large.
    """
    if FILE not in archive.files:
        return None
    if archive.size(FILE) > MAX_BYTES:
        raise Refused(FILE, 0, f"文件太大，最多 {MAX_BYTES >> 20} MB")
    try:
        whole = orjson.loads(b"".join(archive.raw(FILE)))
    except orjson.JSONDecodeError:
        report.problems.add(FILE, 0, "", "不是有效的 JSON；若只要各表的内容，请先删去这个文件")
        return None
    if not isinstance(whole, dict) or whole.get("format") != 1:
        report.problems.add(FILE, 0, "format", "应为 1；若只要各表的内容，请先删去这个文件")
        return None
    documents = _documents(whole.get("routes"), report)
    tables = whole.get("tables")
    return Extra(documents, _changed(archive, tables if isinstance(tables, dict) else {}))


def _documents(routes: Any, report: Report) -> dict[str, BusRoute]:
    found: dict[str, BusRoute] = {}
    for place, value in enumerate(routes if isinstance(routes, list) else ()):
        try:
            route = _ExtraRoute.model_validate(value)
        except ValidationError as error:
            for details in error.errors(include_url=False, include_input=False):
                path = ".".join(map(str, ("routes", place, *details["loc"])))
                report.problems.add(FILE, 0, path, in_chinese(details))
            continue
        if route.route_id in found:
            report.problems.add(FILE, 0, f"routes.{place}.route_id", "与前面的线路重复")
        found[route.route_id] = route.document
    return found


def _changed(archive: Archive, digests: dict[str, Any]) -> frozenset[str]:
    """Tables that were edited, taken away or put beside the ones exported."""
    present = {name for name in archive.files if name.endswith((".txt", ".geojson"))}
    same = {name for name in present & set(digests) if archive.digest(name) == digests[name]}
    return frozenset((present | set(digests)) - same)


def supplemented(route: BusRoute, key: str, extra: Extra) -> BusRoute:
    """A route read from changed tables, with what only the former document knows."""
    former = extra.documents.get(key)
    if former is None:
        return route
    same_text = " ".join(former.introduction.split()) == route.introduction
    stops = {stop.id: stop for stop in former.stops}
    changes: dict[str, Any] = {
        "school": former.school,
        "fare": former.fare,
        "phone": former.phone,
        "facts": former.facts,
        "introduction": former.introduction if same_text else route.introduction,
        "example": former.example or route.example,
        "short_name": former.short_name if "routes.txt" not in extra.changed else route.short_name,
        "trips": tuple(_trip(trip, former) for trip in route.trips),
        "stops": tuple(
            stops[stop.id] if "stops.txt" not in extra.changed and stop.id in stops else stop
            for stop in route.stops
        ),
    }
    if "agency.txt" not in extra.changed:
        changes["agency"] = former.agency
    if not extra.changed & {"calendar.txt", "calendar_dates.txt"}:
        used = {trip.service for trip in route.trips}
        changes["services"] = tuple(s for s in former.services if s.id in used)
    return route.model_copy(update=changes)


def _trip(trip: Trip, former: BusRoute) -> Trip:
    for known in former.trips:
        if known.id == trip.id:
            return trip.model_copy(update={"grades": known.grades, "example": known.example})
    return trip
