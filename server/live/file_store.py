"""Live data in files, for one machine without Redis.

::

    live/vehicles                  on which route each vehicle is
    live/positions/<route>         the route's vehicles, and when each trip was last heard of
    live/runs/<date>/<route>.json  what operators said of the route's runs that day

One file a route: a report rewrites some kilobytes, and a poller whose route is quiet pays one
``stat``. Positions stay in the system's memory and reach the disk when it has time; what was said
of runs is on the disk before the answer. A file of positions that a dying writer left damaged
counts as empty until the next report, a second later.
"""

import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from geo.opening import SHANGHAI
from geo.vehicle_rules import ACCEPTED, Position, Track, judge
from server.live.contact import Contact
from server.live.json_files import OverwrittenFiles, ReplacedFiles, WriteLock
from server.live.store import (
    MOST_ON_ROUTE,
    NOTHING_SAID,
    SIGHTED_S,
    Change,
    Health,
    Put,
    RunRecord,
    RunRecords,
    Snapshot,
    StoreAway,
    kept_until,
    run_record_of,
    track_of,
)

MOST_KNOWN = 5000
"""Vehicles in the index from which on those that are gone are left out."""


@dataclass(frozen=True, slots=True)
class OnRoute:
    """A route's file."""

    tracks: dict[str, Track] = field(default_factory=dict)
    sighted: dict[str, float] = field(default_factory=dict)

    def without(self, key: str) -> "OnRoute":
        """After a vehicle has left for another route."""
        return OnRoute({k: t for k, t in self.tracks.items() if k != key}, self.sighted)

    def with_track(self, key: str, track: Track, now: float) -> "OnRoute":
        """After a report; what no longer counts is left out."""
        tracks = {k: t for k, t in self.tracks.items() if t.latest.is_fresh(now)}
        return OnRoute(tracks | {key: track}, self.sighted)

    def with_sighting(self, position: Position) -> "OnRoute":
        """After a vehicle was heard of on a trip."""
        if position.trip is None:
            return self
        now = position.received_at
        sighted = {trip: at for trip, at in self.sighted.items() if now - at < SIGHTED_S}
        return OnRoute(self.tracks, sighted | {position.trip: position.seen_at})


class FileStore:
    """See ``LiveStore``."""

    def __init__(self, folder: Path) -> None:
        self._positions = folder / "positions"
        self._runs = folder / "runs"
        self._index_path = folder / "vehicles"
        self._index: OverwrittenFiles[dict[str, int]] = OverwrittenFiles(_index_of, dict)
        self._routes: OverwrittenFiles[OnRoute] = OverwrittenFiles(_on_route_of, OnRoute)
        self._records: ReplacedFiles[dict[str, RunRecord]] = ReplacedFiles(_records_of, dict)
        self._position_lock = WriteLock(folder / ".positions.lock")
        self._run_lock = WriteLock(folder / ".runs.lock")
        self._contact = Contact("files", OSError)

    def health(self) -> Health:
        """See ``LiveStore``."""
        return self._contact.health

    # Positions

    def put(self, position: Position, *, within_city: bool) -> Put:
        """See ``LiveStore``."""
        with self._contact.held(), self._position_lock.held():
            key, now = position.key, position.received_at
            former = self._index.read(self._index_path).value.get(key)
            before = self._on_route(former) if former is not None else OnRoute()
            track = before.tracks.get(key)
            result, after = judge(track, position, within_city)
            if after is None or after is track:
                return result
            if result not in ACCEPTED:
                self._keep(after.latest.route, before.with_track(key, after, now))
                return result
            target = before if former == position.route else self._on_route(position.route)
            kept = target.with_track(key, after, now).with_sighting(position)
            if len(kept.tracks) > MOST_ON_ROUTE:
                return "too_many"
            if former != position.route:
                # First off its old route: killed in between, it is shown nowhere for a second,
                # which is better than in two places.
                if former is not None and key in before.tracks:
                    self._keep(former, before.without(key))
                self._index.write(self._index_path, self._index_with(key, position.route))
            self._keep(position.route, kept)
            return result

    def vehicles(self, route: int, now: float) -> Snapshot:
        """See ``LiveStore``."""
        read = self._routes.read(self._path(route))
        self._contact.note("down" if read.failed else "up")
        fresh = [t.latest for t in read.value.tracks.values() if t.latest.is_fresh(now)]
        return Snapshot(tuple(fresh), read.value.sighted, read.failed)

    def all_vehicles(self, now: float) -> Snapshot:
        """See ``LiveStore``."""
        try:
            names = [path.name for path in self._positions.iterdir()]
        except FileNotFoundError:  # nothing was ever reported
            names = []
        except OSError:
            self._contact.note("down")
            return Snapshot(degraded=True)
        self._contact.note("up")
        routes = sorted(int(name) for name in names if name.isdecimal())
        found = [self.vehicles(route, now) for route in routes]
        return Snapshot(
            tuple(position for one in found for position in one.positions),
            degraded=any(one.degraded for one in found),
        )

    def _index_with(self, key: str, route: int) -> dict[str, int]:
        index = self._index.read(self._index_path).value
        if len(index) >= MOST_KNOWN:
            index = {k: r for k, r in index.items() if k in self._on_route(r).tracks}
        return index | {key: route}

    def _on_route(self, route: int) -> OnRoute:
        return self._routes.read(self._path(route)).value

    def _keep(self, route: int, content: OnRoute) -> None:
        self._routes.write(self._path(route), content)

    def _path(self, route: int) -> Path:
        return self._positions / str(route)

    # Runs

    def change_run(self, route: int, trip: str, day: date, change: Change) -> None:
        """See ``LiveStore``."""
        path = self._runs / day.isoformat() / f"{route}.json"
        with self._contact.held(), self._run_lock.held():
            self._forget_old_days()
            records = self._records.read(path)
            if records.failed:
                raise StoreAway("what was said before can't be read")
            record = records.value.get(trip, NOTHING_SAID).with_change(change)
            self._records.write(path, records.value | {trip: record})

    def runs(self, route: int, day: date) -> RunRecords:
        """See ``LiveStore``."""
        read = self._records.read(self._runs / day.isoformat() / f"{route}.json")
        self._contact.note("down" if read.failed else "up")
        return RunRecords(read.value, read.failed)

    def routes_spoken_of(self, day: date) -> frozenset[int] | None:
        """See ``LiveStore``."""
        return _routes_in(self._runs / day.isoformat())

    def routes_seen(self, now: float) -> frozenset[int] | None:
        """See ``LiveStore``: a file stays, so that all that were ever seen are among them."""
        return _routes_in(self._positions)

    def _forget_old_days(self) -> None:
        now = datetime.now(SHANGHAI)
        for folder in self._runs.glob("????-??-??"):
            with suppress(ValueError):
                if kept_until(date.fromisoformat(folder.name)) <= now:
                    shutil.rmtree(folder, ignore_errors=True)


def _routes_in(folder: Path) -> frozenset[int] | None:
    """The routes that have files in a folder."""
    try:
        stems = [path.name.removesuffix(".json") for path in folder.iterdir()]
    except FileNotFoundError:  # nothing was ever said
        return frozenset()
    except OSError:
        return None
    return frozenset([int(stem) for stem in stems if stem.isdecimal()])


def _index_of(content: Any) -> dict[str, int]:
    return {str(key): int(route) for key, route in content.items()}


def _on_route_of(content: Any) -> OnRoute:
    tracks = {key: track_of(fields) for key, fields in content["tracks"].items()}
    return OnRoute(tracks, {trip: float(at) for trip, at in content["sighted"].items()})


def _records_of(content: Any) -> dict[str, RunRecord]:
    return {trip: run_record_of(fields) for trip, fields in content.items()}
