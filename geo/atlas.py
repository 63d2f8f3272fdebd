"""The atlas: one baked edition, mapped into memory, with everything it can be asked.

Positions go in and come out as WGS-84; only ready-encoded JSON speaks the coordinate system that
is asked for. An atlas never changes: a new edition is a new atlas.
"""

import mmap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from geo import manifest
from geo.calendar import Calendar, CalendarDay
from geo.city import City
from geo.clusters import Cluster, grid_clusters
from geo.crs import CRSES, Crs
from geo.edition import DamagedEdition, Tombstone
from geo.finder import Finder
from geo.moment import Moment, Moments, minute_of, told
from geo.opening import SHANGHAI
from geo.question import Found, Question
from geo.search import SearchIndex
from geo.spatial import Partition
from geo.timetable import Timetable
from geo.transit import BusRoute, Direction

Array = npt.NDArray[Any]

ENCODINGS = ("br", "zstd", "gzip")
"""The ways in which a baked body stands ready-compressed, best first."""


FEW = 1000
"""Strings up to which a blob keeps them as objects of its own, which are found sooner."""


class Blob:
    """Many byte strings in one mapped file, by their place."""

    def __init__(self, path: Path, offsets: Array) -> None:
        # Looking up single numbers in a memoryview is several times faster than in an array.
        self._offsets = memoryview(offsets)  # type: ignore[arg-type]
        with path.open("rb") as file:
            empty = offsets[-1] == 0
            self._bytes = b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._ready: list[bytes] | None = None
        if len(offsets) <= FEW:
            self._ready = self.take(np.arange(len(offsets) - 1))

    def take(self, places: Array) -> list[bytes]:
        """The strings at these places, in this order."""
        if self._ready is not None:
            ready = self._ready
            return [ready[place] for place in places.tolist()]
        whole, offsets = self._bytes, self._offsets
        return [whole[offsets[place] : offsets[place + 1]] for place in places.tolist()]


class Change(NamedTuple):
    """A listing that is new or different since an edition (or gone, with its tombstone)."""

    changed_in: int
    id: int
    type: str
    row: int | None = None
    record: Mapping[str, Any] | None = None
    tombstone: Tombstone | None = None


class Atlas:
    """One edition in memory. Load it with ``Atlas.load``."""

    def __init__(
        self,
        meta: Mapping[str, Any],
        columns: Mapping[str, Array],
        blobs: Mapping[str, Blob],
        bundles: Mapping[tuple[str, str], Path],
        gtfs: Path,
        closing_soon: int,
        max_walk: int,
    ) -> None:
        self.number: int = meta["number"]
        self.sha256: str = meta["sha256"]
        self.published_at = datetime.fromisoformat(meta["published_at"])
        self.official: bool = meta["official"]
        self.calendar_sha: str = meta["calendar_sha"]
        """Changes with the special days, as the bundle has them."""
        self.city_sha: str = meta["city_sha"]
        """Changes with the public vocabularies, as the bundle has them."""
        self.closing_soon = closing_soon
        self.max_walk = max_walk
        """Metres between home and stop, where a question doesn't say."""
        self.city = City.model_validate(meta["city"])
        days = [CalendarDay.model_validate(day) for day in meta["calendar"]]
        self.calendar = Calendar(days)
        self.calendar_years = sorted({day.date.year for day in days if day.kind == "holiday"})
        """The years whose public holidays are known."""
        self.hotlines: Sequence[Mapping[str, Any]] = meta["hotlines"]
        """The public form of each line (``geo.public.HotlineRecord``), without its state."""
        self._hotline_cores = [orjson.dumps(line)[:-1] for line in self.hotlines]
        self.notices: Sequence[Mapping[str, Any]] = meta["notices"]
        """The public form of each notice (``geo.public_bus.NoticeRecord``)."""
        self.tombstones = {t["id"]: Tombstone.model_validate(t) for t in meta["tombstones"]}
        self._columns = columns
        self._blobs = blobs
        self._bundles = bundles
        self._gtfs = gtfs
        self._bundle_digests: Mapping[str, str] = meta["bundle_sha256"]
        self._moments = Moments(meta["hours"], self.calendar, closing_soon)
        self._hotline_moments = Moments(
            [[line["opening_hours"], []] for line in self.hotlines], self.calendar, closing_soon
        )
        self.timetable = Timetable(_named(columns, "bus_"), self.calendar)
        self._search = SearchIndex(_named(columns, "search_"))
        self._finder = Finder(
            self.city,
            columns,
            _partitions(columns, meta["partitions"]),
            self._search,
            self._moments,
        )

    @classmethod
    def load(cls, folder: Path, closing_soon: int = 30, max_walk: int = 800) -> "Atlas":
        """Map a baked folder; ``closing_soon`` is in minutes, ``max_walk`` in walked metres.

        Raises:
            DamagedEdition: a file is missing, or is not what was baked.
        """
        _check(folder)
        try:
            meta = orjson.loads((folder / "meta.json").read_bytes())
            columns = {
                path.stem: np.load(path, mmap_mode="r").view(np.ndarray)
                for path in folder.glob("*.npy")
            }
            blobs = {path.stem: Blob(path, columns.pop(path.stem)) for path in folder.glob("*.bin")}
            bundles: dict[tuple[str, str], Path] = {
                (crs, coding): folder / f"bundle_{crs}.{coding}"
                for crs in CRSES
                for coding in ("json", *ENCODINGS)
            }
            return cls(meta, columns, blobs, bundles, folder / "gtfs.zip", closing_soon, max_walk)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError) as error:
            raise DamagedEdition(f"{folder.name}: {error!r}") from error

    def __len__(self) -> int:
        return len(self._columns["id"])

    # Questions

    def find(self, question: Question, offset: int = 0, limit: int = 20) -> Found:
        """One page of the places that fit; see ``geo.finder.Finder.find``."""
        return self._finder.find(question, offset, limit)

    def clusters(
        self, question: Question, zoom: int
    ) -> tuple[list[Cluster], npt.NDArray[np.int32]]:
        """The places that fit, clustered for a zoom level; and the rows that stand alone."""
        rows = np.sort(self._finder.rows(question))
        lon, lat = self._columns["lon_wgs84"][rows], self._columns["lat_wgs84"][rows]
        groups, single = grid_clusters(lon, lat, zoom)
        return groups, rows[single]

    def suggest(self, q: str, limit: int = 10) -> list[tuple[int, str, str]]:
        """Completions: (id, name, which field matched), best first."""
        found = self._search.suggest(q, limit)
        rows = np.array([row for row, _ in found], dtype=np.int64)
        cores = (orjson.loads(core + b"}") for core in self._blobs["items_wgs84"].take(rows))
        return [
            (core["id"], core["name"], field) for core, (_, field) in zip(cores, found, strict=True)
        ]

    def row_of(self, id_: int) -> int | None:
        """The row of a place by its listing id; None if there is none, whatever the number."""
        if not 0 < id_ < 1 << 63:  # beyond, numpy would compare copies of all ids
            return None
        sorted_ids = self._columns["sorted_ids"]
        place = int(sorted_ids.searchsorted(id_))
        if place < len(sorted_ids) and sorted_ids[place] == id_:
            return int(self._columns["row_of_id"][place])
        return None

    def ids(self, rows: Array) -> Array:
        """The listing ids of rows."""
        ids: Array = self._columns["id"][rows]
        return ids

    def place(self, row: int, crs: Crs = "wgs84") -> tuple[float, float]:
        """(lon, lat) of a row in degrees."""
        lon, lat = self._columns[f"lon_{crs}"][row], self._columns[f"lat_{crs}"][row]
        return float(lon), float(lat)

    def counts(self, vocabulary: str) -> dict[str, int]:
        """How many places each filter value of ``kind``, ``theme``, ``district`` or
        ``facility`` finds."""
        terms = {
            "kind": self.city.kinds,
            "theme": self.city.themes,
            "district": self.city.districts,
            "facility": self.city.facilities,
        }[vocabulary]
        return {term.code: self._finder.size(f"{vocabulary}:{term.code}") for term in terms}

    def changes(self, since: int) -> list[Change]:
        """What has changed after edition ``since``, oldest change first."""
        ids, changed = self._columns["id"], self._columns["changed_in"]
        rows = np.flatnonzero(changed > since)
        found = [Change(int(changed[row]), int(ids[row]), "site", row=int(row)) for row in rows]
        found += [
            Change(record["changed_in"], record["id"], type_, record=record)
            for type_, records in (("hotline", self.hotlines), ("notice", self.notices))
            for record in records
            if record["changed_in"] > since
        ]
        routes = zip(self.route_ids, self._columns["route_changed_in"].tolist(), strict=True)
        found += [
            Change(changed_in, id_, "bus_route", row=row)
            for row, (id_, changed_in) in enumerate(routes)
            if changed_in > since
        ]
        found += [
            Change(stone.changed_in, stone.id, stone.type, tombstone=stone)
            for stone in self.tombstones.values()
            if stone.changed_in > since
        ]
        return sorted(found, key=lambda change: change[:2])

    # School lines

    @property
    def route_ids(self) -> list[int]:
        """The listing ids of the school lines, ascending."""
        ids: list[int] = self._columns["route_ids"].tolist()
        return ids

    @cached_property
    def routes(self) -> list[tuple[int, BusRoute]]:
        """The school lines' documents with their listing ids, for what needs them whole."""
        documents = self._blobs["route_documents"].take(np.arange(len(self.route_ids)))
        return [
            (id_, BusRoute.model_validate_json(document))
            for id_, document in zip(self.route_ids, documents, strict=True)
        ]

    def shape(self, route: int, direction: Direction) -> list[tuple[float, float]]:
        """The way driven, (lon, lat) points; empty where it is not known, or no such route."""
        row = self.route_row(route)
        if row is None:
            return []
        document = self._blobs["route_documents"].take(np.array([row]))[0]
        points = orjson.loads(document)["shapes"].get(direction, ())
        return [(lon, lat) for lon, lat in points]

    def gtfs(self) -> bytes:
        """All school lines as a GTFS feed."""
        return self._gtfs.read_bytes()

    def route_row(self, id_: int) -> int | None:
        """The place of a school line in ``route_ids`` by its listing id."""
        return self.timetable.route_rows.get(id_)

    def routes_of(self, school_code: str) -> list[int]:
        """The listing ids of a school's lines; none for a code that no line has."""
        routes = self.timetable.columns.routes
        return [routes[row].id for row in self.timetable.schools.get(school_code, ())]

    def notice_records(self, ids: Iterable[int]) -> list[Mapping[str, Any]]:
        """The public form of notices by their listing ids, each once."""
        wanted = set(ids)
        return [notice for notice in self.notices if notice["id"] in wanted]

    def route_record(self, row: int, crs: Crs) -> bytes:
        """A school line as a JSON ``RouteRecord``, by its place in ``route_ids``."""
        return self._blobs[f"routes_{crs}"].take(np.array([row]))[0]

    # Answers, encoded

    def moment(self, minute: int) -> Moment:
        """The opening states of the places at a minute since 1970-01-01T00:00Z."""
        return self._moments.at_minute(minute)

    def items(
        self,
        rows: Array,
        crs: Crs,
        minute: int,
        metres: Array | None = None,
    ) -> list[bytes]:
        """Each row as a JSON ``SiteItem``."""
        told_open = self._moments.at_minute(minute).encoded
        hours = self._columns["hours"].take(rows).tolist()
        cores = self._blobs[f"items_{crs}"].take(rows)
        if metres is None:
            return [
                b'%b,"open":%b}' % (core, told_open[h])
                for core, h in zip(cores, hours, strict=True)
            ]
        return [
            b'%b,"distance_m":%d,"open":%b}' % (core, far, told_open[h])
            for core, far, h in zip(
                cores, np.rint(metres).astype(np.int64).tolist(), hours, strict=True
            )
        ]

    def records(self, rows: Array, crs: Crs) -> list[bytes]:
        """Each row as a JSON ``PlacedRecord``."""
        return self._blobs[f"records_{crs}"].take(rows)

    def detail(self, row: int, crs: Crs, at: datetime) -> bytes:
        """One place as a JSON ``SiteDetail`` at a moment; the days count from Shanghai's today."""
        (record,) = self.records(np.array([row]), crs)
        hours = self._moments.hours[int(self._columns["hours"][row])]
        rest = {
            "open": told(hours.state(at)),
            "hours": [
                {"date": day.date, "ranges": day.ranges, "note": day.note, "known": day.known}
                for day in hours.week(at.astimezone(SHANGHAI).date())
            ],
            "edition": self.number,
            "crs": crs,
        }
        return record[:-1] + b"," + orjson.dumps(rest)[1:]

    def hotline_items(self, at: datetime) -> bytes:
        """All lines as a JSON array of ``HotlineItem``."""
        encoded = self._hotline_moments.at_minute(minute_of(at)).encoded
        return b"[%b]" % b",".join(
            b'%b,"open":%b}' % (core, encoded[place])
            for place, core in enumerate(self._hotline_cores)
        )

    def bundle(self, crs: Crs, coding: str) -> bytes:
        """Everything public in one document; ``coding`` is ``json`` or one of ENCODINGS."""
        return self._bundles[crs, coding].read_bytes()

    def bundle_digest(self, crs: Crs) -> str:
        """The uncompressed bundle's digest as a structured field, ``sha-256=:…:``."""
        return f"sha-256=:{self._bundle_digests[crs]}:"


def _check(folder: Path) -> None:
    try:
        wrong = manifest.damaged(folder)
    except (OSError, ValueError) as error:
        raise DamagedEdition(f"{folder.name}: {manifest.NAME}: {error}") from error
    if wrong:
        raise DamagedEdition(f"{folder.name}: {', '.join(wrong)}: missing or altered")


def _named(columns: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    """The columns whose names begin so, without that beginning."""
    return {
        name.removeprefix(prefix): array
        for name, array in columns.items()
        if name.startswith(prefix)
    }


def _partitions(columns: Mapping[str, Array], table: Iterable[Any]) -> dict[str, Partition]:
    parts = {}
    row = cell = 0
    for name, length, shape, grid in table:
        size = shape[0] * shape[1]
        parts[name] = Partition(
            rows=columns["part_rows"][row : row + length],
            xyz=columns["part_xyz"][:, row : row + length],
            starts=columns["part_starts"][cell : cell + size].reshape(shape),
            grid=tuple(grid),
        )
        row, cell = row + length, cell + size
    return parts
