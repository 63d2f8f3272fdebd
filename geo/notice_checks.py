"""What keeps a notice from being published, and what routes say differently of the same thing.

Public names: ``implausible_notice``, ``inconsistent``, ``Inconsistent``.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from geo.sphere import distance_m
from geo.transit import BusRoute, Notice, Stop
from geo.trip_checks import Implausible

__all__ = ["Inconsistent", "implausible_notice", "inconsistent"]

SAME_PLACE_M = 50
"""How far apart two routes may put the same stop."""


def implausible_notice(
    notice: Notice, routes: Mapping[int, BusRoute], now: datetime
) -> list[Implausible]:
    """All that can't be right in a notice; ``routes`` are those of the edition by listing id.

    A suspension has to say what families can do instead or whom they can call; a change of time
    by how much. That the end comes after the start, the model makes sure of.
    """
    return [*_content(notice), *_period(notice, now), *_touched(notice, routes)]


def _content(notice: Notice) -> Iterator[Implausible]:
    if not notice.text:
        yield Implausible("text", "公告没有正文")
    if notice.effect == "suspension" and not notice.replacement and notice.phone is None:
        yield Implausible("replacement", "停运公告须写明替代办法或咨询电话")
    if notice.effect == "time_change" and not notice.delay_minutes:
        yield Implausible("delay_minutes", "时间调整的公告须写明推迟或提前多少分钟")
    if notice.effect != "time_change" and notice.delay_minutes is not None:
        yield Implausible("delay_minutes", "只有时间调整的公告才写推迟或提前多少分钟")


def _period(notice: Notice, now: datetime) -> Iterator[Implausible]:
    if notice.end is None:
        return
    if notice.end <= now:
        yield Implausible("end", "公告已经过期")
    elif notice.announced_at >= notice.end:
        yield Implausible("announced_at", "公告的发布时间不早于结束时间，不会有人看到")


def _touched(notice: Notice, routes: Mapping[int, BusRoute]) -> Iterator[Implausible]:
    for number, id_ in enumerate(notice.routes):
        if id_ not in routes:
            yield Implausible(f"routes.{number}", f"没有编号为 {id_} 的线路")
    some = [routes[id_] for id_ in notice.routes or routes if id_ in routes]
    trips = {trip.id for route in some for trip in route.trips}
    stops = {stop.id for route in some for stop in route.stops}
    for number, trip in enumerate(notice.trips):
        if trip not in trips:
            yield Implausible(f"trips.{number}", f"公告的线路没有班次“{trip}”")
    for number, stop in enumerate(notice.stops):
        if stop not in stops:
            yield Implausible(f"stops.{number}", f"公告的线路没有站点“{stop}”")


class Inconsistent(NamedTuple):
    """What a route says against an earlier one: its listing id, the field's path, a message in
    Chinese."""

    route: int
    path: str
    message: str


def inconsistent(routes: Iterable[tuple[int, BusRoute]]) -> list[Inconsistent]:
    """Stops of one id in two places or with two names, and trip ids used by two routes.

    Routes come with their listing ids; of two that differ, the later one is told of.
    """
    stops: dict[str, tuple[BusRoute, Stop]] = {}
    trips: dict[str, BusRoute] = {}
    found: list[Inconsistent] = []
    for id_, route in routes:
        for number, stop in enumerate(route.stops):
            other, known = stops.setdefault(stop.id, (route, stop))
            path = f"stops.{number}"
            found += [
                Inconsistent(id_, f"{path}.{field}", f"{message}（见“{other.name}”）")
                for field, message in (_differences(known, stop) if other is not route else ())
            ]
        for number, trip in enumerate(route.trips):
            first = trips.setdefault(trip.id, route)
            if first is not route:
                message = f"班次编号“{trip.id}”已被“{first.name}”使用"
                found.append(Inconsistent(id_, f"trips.{number}.id", message))
    return found


def _differences(known: Stop, stop: Stop) -> Iterator[tuple[str, str]]:
    if known.name != stop.name:
        yield "name", f"站点“{stop.id}”在另一条线路上叫“{known.name}”，这里叫“{stop.name}”"
    far = distance_m(known.lon, known.lat, stop.lon, stop.lat)
    if far > SAME_PLACE_M:
        yield "lon", f"站点“{stop.name}”（{stop.id}）的位置与另一条线路相差 {far:.0f} 米"
