"""What notices make of runs and calls.

Public names: ``Notices``, ``Told``, ``local_seconds``, ``moment``.

A notice is told from ``announced_at`` on, and expired from ``end`` on. It touches a run whose
first departure, as scheduled, lies within its validity; if it names stops, it touches the calls
at these whose own scheduled time does. A suspension outweighs everything; of several changes of
time the one announced last counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from geo.bus_answers import CallState, Effect
from geo.opening import FIRST_YEAR, LAST_YEAR, SHANGHAI
from geo.transit import Notice

__all__ = ["NORMAL", "Notices", "Told", "local_seconds", "moment"]

DAY = 86_400
_EPOCH = datetime(1970, 1, 1).toordinal() * DAY + 8 * 3600  # noqa: DTZ001
"""Local seconds of 1970-01-01T00:00Z."""

_FOREVER = 1 << 62
NORMAL = Effect()


def local_seconds(at: datetime) -> int:
    """``date.toordinal() * 86400`` and the second of the day in Asia/Shanghai.

    Raises:
        ValueError: the datetime is naive, or its year lies outside 1901–9990 (Chinese message).
    """
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("a time without a zone")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间")
    return int(at.timestamp()) + _EPOCH


@lru_cache(4096)  # timetables tell the same minutes again and again
def moment(seconds: int) -> datetime:
    """The inverse of ``local_seconds``, in Asia/Shanghai."""
    return datetime.fromtimestamp(seconds - _EPOCH, SHANGHAI)


class Told(NamedTuple):
    """A notice with its moments as local seconds; ``end`` is never reached where it is open."""

    id: int
    notice: Notice
    announced: int
    start: int
    end: int
    trips: frozenset[str]
    stops: frozenset[str]

    def public(self, now: int) -> bool:
        """Whether it is announced and not expired."""
        return self.announced <= now < self.end


class Notices:
    """The notices of an edition, by the route that they touch."""

    def __init__(self, notices: Iterable[tuple[int, Notice]]) -> None:
        self._all = sorted((_told(id_, notice) for id_, notice in notices), key=_by_announcement)
        self._everywhere = [told for told in self._all if not told.notice.routes]
        by_route: dict[int, list[Told]] = {}
        for told in self._all:
            for route in told.notice.routes:
                by_route.setdefault(route, []).append(told)
        self._by_route: Mapping[int, list[Told]] = {
            route: sorted(
                {t.id: t for t in (*own, *self._everywhere)}.values(), key=_by_announcement
            )
            for route, own in by_route.items()
        }

    def __bool__(self) -> bool:
        """Whether there are any, whenever they are told."""
        return bool(self._all)

    def of(self, route: int) -> Sequence[Told]:
        """All that touch the route with that listing id, whenever; announced first, first."""
        return self._by_route.get(route, self._everywhere)

    def public(self, now: int, route: int | None = None) -> list[Told]:
        """Those announced and not expired at a local second, of one route or of all."""
        some = self._all if route is None else self.of(route)
        return [told for told in some if told.public(now)]


def _by_announcement(told: Told) -> tuple[int, int]:
    return told.announced, told.id


def _told(id_: int, notice: Notice) -> Told:
    return Told(
        id_,
        notice,
        local_seconds(notice.announced_at),
        local_seconds(notice.start),
        _FOREVER if notice.end is None else local_seconds(notice.end),
        frozenset(notice.trips),
        frozenset(notice.stops),
    )


def effect_on_run(
    notices: Sequence[Told], now: int, trip: str, begins: int, phone: str | None
) -> Effect:
    """What the notices told by ``now`` make of a whole run that begins at a local second."""
    return _effect([t for t in notices if not t.stops and _touches(t, now, trip, begins)], phone)


def effect_on_call(
    notices: Sequence[Told],
    now: int,
    trip: str,
    begins: int,
    stop: str,
    calls: int,
    phone: str | None,
) -> Effect:
    """What they make of its call at a stop, scheduled for the local second ``calls``."""
    touching = [
        t
        for t in notices
        if (not t.stops or stop in t.stops) and _touches(t, now, trip, calls if t.stops else begins)
    ]
    return _effect(touching, phone)


def _touches(told: Told, now: int, trip: str, at: int) -> bool:
    in_force = told.announced <= now and told.start <= at < told.end
    return in_force and (not told.trips or trip in told.trips)


def _effect(touching: Sequence[Told], phone: str | None) -> Effect:
    """All effects taken together; ``phone`` is the route's, where a notice has none."""
    if not touching:
        return NORMAL
    ids = tuple(told.id for told in touching)
    by_effect = {told.notice.effect: told for told in touching}  # the latest of each counts
    delay = 0
    if change := by_effect.get("time_change"):
        delay = change.notice.delay_minutes or 0
    ordered: list[tuple[CallState, Told]] = []
    if suspension := by_effect.get("suspension"):
        ordered.append(("suspended", suspension))
        delay = 0
    detours = [told for told in touching if told.notice.effect == "detour"]
    ordered += [("skipped", told) for told in reversed(detours) if told.stops]
    if change:
        ordered.append(("changed", change))
    ordered += [("detour", told) for told in reversed(detours) if not told.stops]
    if not ordered:
        return Effect(notices=ids)
    state, told = ordered[0]
    notice = told.notice
    text = _text(state, delay, notice.replacement)
    return Effect(state, text, delay, notice.replacement, notice.phone or phone, ids)


def _text(state: CallState, delay: int, replacement: str) -> str:
    word = {"suspended": "停运", "skipped": "绕行，本站不停靠", "detour": "绕行"}.get(state)
    if word is None:
        word = f"{'推迟' if delay > 0 else '提前'} {abs(delay)} 分钟" if delay else "时间有调整"
    return f"{word}；{replacement}" if replacement else word
