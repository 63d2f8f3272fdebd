"""Live data in Redis, for many machines.

Keys below ``tongyou:live:``

- ``vehicle:<operator>/<vehicle>``  its track; expires when its position no longer counts
- ``route:<route>``, ``vehicles``   sorted sets of vehicles by when they were last seen
- ``sighted:<route>``               hash: trip -> when a vehicle was last heard of on it
- ``routes``                        sorted set of routes by when a vehicle was last seen there
- ``runs:<date>:<route>``           hash: trip -> what operators said; expires a day after
- ``spoken:<date>``                 set of the routes of whose runs that day they said anything

What was said of runs is as lasting as Redis is told to be (``appendonly yes``).

While Redis is away nobody waits for it: after a failure it is left alone for ``PAUSE`` seconds.
Readers get what they were last told, as far as it still counts.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Generic, TypeVar

import orjson
import redis
import structlog
from pydantic import SecretStr
from redis.backoff import NoBackoff
from redis.retry import Retry

from geo.vehicle_rules import ACCEPTED, FRESH_S, Position, Track, judge
from server.live.contact import Contact
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
    decode_track,
    encode_track,
    kept_until,
    run_record_of,
)

log = structlog.get_logger()

PREFIX = "tongyou:live:"
EVERYWHERE = f"{PREFIX}vehicles"
SEEN_ROUTES = f"{PREFIX}routes"

TIMEOUT = 0.5
"""Seconds for one exchange with Redis. The worker answers nobody meanwhile."""
PAUSE = 2.0
"""Seconds after a failure in which Redis is not asked again."""
FRESH_ENOUGH = 0.5
"""Seconds for which a process repeats what Redis told it: so a thousand pollers cost Redis what
one costs, and positions come once a second at most."""
TRIES = 20
"""Attempts at a change that another process keeps interrupting with one to the same thing."""
REMEMBERED = 4096

T = TypeVar("T")


class RedisStore:
    """See ``LiveStore``."""

    def __init__(self, url: SecretStr) -> None:
        # A connection that Redis closed meanwhile fails once; hence one more attempt, at once.
        self._client = redis.Redis.from_url(
            url.get_secret_value(),
            socket_connect_timeout=TIMEOUT,
            socket_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 1),
        )
        self._positions = _Remembered[tuple[list[Track], dict[str, float]]](([], {}))
        self._records = _Remembered[dict[str, RunRecord]]({})
        self._routes = _Remembered[frozenset[int]](frozenset())
        self._contact = Contact("redis", redis.RedisError, OSError)
        self._leave_until = 0.0

    def health(self) -> Health:
        """See ``LiveStore``."""
        return self._contact.health

    # Positions

    def put(self, position: Position, *, within_city: bool) -> Put:
        """See ``LiveStore``."""
        name = f"{PREFIX}vehicle:{position.key}"
        with self._asking():
            for _ in range(TRIES):
                with self._client.pipeline() as pipe:
                    pipe.watch(name)  # type: ignore[no-untyped-call]
                    track = decode_track(pipe.get(name))  # type: ignore[arg-type]
                    result, after = judge(track, position, within_city)
                    if after is None or after is track:
                        return result
                    moved = track is None or track.latest.route != position.route
                    if result in ACCEPTED and moved and self._is_full(position):
                        return "too_many"
                    pipe.multi()
                    _queue(pipe, name, track, after, position, accepted=result in ACCEPTED)
                    try:
                        pipe.execute()
                    except redis.WatchError:
                        continue
                    return result
        raise StoreAway("the vehicle's track keeps changing")

    def _is_full(self, position: Position) -> bool:
        route = f"{PREFIX}route:{position.route}"
        oldest = position.received_at - FRESH_S
        return int(self._client.zcount(route, oldest, "+inf")) >= MOST_ON_ROUTE

    def vehicles(self, route: int, now: float) -> Snapshot:
        """See ``LiveStore``."""
        (tracks, sighted), degraded = self._positions.get(
            route, lambda: self._tracks(f"{PREFIX}route:{route}", now, route)
        )
        fresh = [t.latest for t in tracks if t.latest.route == route and t.latest.is_fresh(now)]
        return Snapshot(tuple(fresh), sighted, degraded)

    def all_vehicles(self, now: float) -> Snapshot:
        """See ``LiveStore``."""
        (tracks, _), degraded = self._positions.get(
            EVERYWHERE, lambda: self._tracks(EVERYWHERE, now, None)
        )
        fresh = tuple(t.latest for t in tracks if t.latest.is_fresh(now))
        return Snapshot(fresh, degraded=degraded)

    def _tracks(
        self, group: str, now: float, route: int | None
    ) -> tuple[list[Track], dict[str, float]]:
        with self._asking():
            with self._client.pipeline(transaction=False) as pipe:
                pipe.zrangebyscore(group, now - FRESH_S, "+inf")
                if route is not None:
                    pipe.hgetall(f"{PREFIX}sighted:{route}")
                keys, *rest = pipe.execute()
            names = [f"{PREFIX}vehicle:".encode() + key for key in keys]
            bodies: Any = self._client.mget(names) if names else []
        sighted = {trip.decode(): float(at) for trip, at in rest[0].items()} if rest else {}
        return [track for body in bodies if (track := decode_track(body))], sighted

    # Runs

    def change_run(self, route: int, trip: str, day: date, change: Change) -> None:
        """See ``LiveStore``."""
        name = _runs_name(route, day)
        with self._asking():
            for _ in range(TRIES):
                with self._client.pipeline() as pipe:
                    pipe.watch(name)  # type: ignore[no-untyped-call]
                    body: Any = pipe.hget(name, trip)
                    record = (_record(body) or NOTHING_SAID).with_change(change)
                    pipe.multi()
                    pipe.hset(name, trip, orjson.dumps(record).decode())
                    pipe.sadd(_spoken_name(day), route)
                    for key in (name, _spoken_name(day)):
                        pipe.expireat(key, int(kept_until(day).timestamp()))
                    try:
                        pipe.execute()
                    except redis.WatchError:
                        continue
                    self._records.forget(name)
                    self._routes.forget(_spoken_name(day))
                    return
        raise StoreAway("the run's record keeps changing")

    def runs(self, route: int, day: date) -> RunRecords:
        """See ``LiveStore``."""
        name = _runs_name(route, day)
        records, degraded = self._records.get(name, lambda: self._ask_runs(name))
        return RunRecords(records, degraded)

    def routes_spoken_of(self, day: date) -> frozenset[int] | None:
        """See ``LiveStore``."""
        name = _spoken_name(day)
        return self._routes_in(name, lambda: self._client.smembers(name))

    def routes_seen(self, now: float) -> frozenset[int] | None:
        """See ``LiveStore``."""
        since = now - SIGHTED_S
        return self._routes_in(
            SEEN_ROUTES, lambda: self._client.zrangebyscore(SEEN_ROUTES, since, "+inf")
        )

    def _routes_in(self, name: str, members: Callable[[], Any]) -> frozenset[int] | None:
        def ask() -> frozenset[int]:
            with self._asking():
                return frozenset([int(route) for route in members()])

        routes, degraded = self._routes.get(name, ask)
        return None if degraded else routes

    def _ask_runs(self, name: str) -> dict[str, RunRecord]:
        with self._asking():
            bodies: Any = self._client.hgetall(name)
        return {t.decode(): record for t, body in bodies.items() if (record := _record(body))}

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if time.monotonic() < self._leave_until:
            raise StoreAway("Redis was away a moment ago")
        try:
            with self._contact.held():
                yield
        except StoreAway:
            self._leave_until = time.monotonic() + PAUSE
            raise


class _Remembered(Generic[T]):
    """What was asked lately, and what to say while nobody can be asked."""

    def __init__(self, nothing: T) -> None:
        self._nothing = nothing
        self._known: dict[object, tuple[T, float]] = {}
        self._lock = threading.Lock()

    def get(self, key: object, ask: Callable[[], T]) -> tuple[T, bool]:
        """The value, and whether it is old because nobody can be asked."""
        known = self._known.get(key)
        now = time.monotonic()
        if known is not None and now - known[1] < FRESH_ENOUGH:
            return known[0], False
        try:
            value = ask()
        except StoreAway:
            return (known[0] if known else self._nothing), True
        with self._lock:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = (value, now)
        return value, False

    def forget(self, key: object) -> None:
        """Ask again next time."""
        self._known.pop(key, None)


def _queue(
    pipe: Any, name: str, before: Track | None, after: Track, new: Position, *, accepted: bool
) -> None:
    """Queue the commands that keep a judged position."""
    left = max(1, round((after.latest.seen_at + FRESH_S - new.received_at) * 1000))
    pipe.set(name, encode_track(after), px=left)
    if not accepted:
        return
    route, key, oldest = f"{PREFIX}route:{new.route}", new.key, new.received_at - FRESH_S
    for group in (route, EVERYWHERE):
        pipe.zadd(group, {key: new.seen_at})
        pipe.zremrangebyscore(group, "-inf", f"({oldest}")
        pipe.expire(group, round(FRESH_S * 2))
    pipe.zadd(SEEN_ROUTES, {str(new.route): new.seen_at})
    pipe.zremrangebyscore(SEEN_ROUTES, "-inf", f"({new.received_at - SIGHTED_S}")
    pipe.expire(SEEN_ROUTES, round(SIGHTED_S))
    if before is not None and before.latest.route != new.route:
        pipe.zrem(f"{PREFIX}route:{before.latest.route}", key)
    if new.trip is not None:
        pipe.hset(f"{PREFIX}sighted:{new.route}", new.trip, str(new.seen_at))
        pipe.expire(f"{PREFIX}sighted:{new.route}", round(SIGHTED_S))


def _runs_name(route: int, day: date) -> str:
    return f"{PREFIX}runs:{day.isoformat()}:{route}"


def _spoken_name(day: date) -> str:
    return f"{PREFIX}spoken:{day.isoformat()}"


def _record(body: bytes | None) -> RunRecord | None:
    if body is None:
        return None
    try:
        return run_record_of(orjson.loads(body))
    except (ValueError, TypeError, KeyError) as error:
        log.warning("live_record_damaged", error=type(error).__name__)
        return None
