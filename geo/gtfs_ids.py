"""The ids of our routes, trips, services, shapes and stops in a GTFS feed.

A route is ``r`` and its listing's number. Trips, services and shapes are told apart within one
route only, so theirs begin with the route's: ``r12/morning``; the slash occurs in none of our own
ids. Stops of the same id on several routes are one stop and keep their id. Where a later route
says something else of it, that route's stop is another one: ``r12/gate``.
Source: GTFS Schedule Reference, "Unique ID"; GTFS Realtime refers to the same ids.
"""

from collections.abc import Iterable, Sequence

from geo.transit import BusRoute, Direction, Stop

EXAMPLE = "（示例）"
"""Ends the name of whatever is made up to show how it looks; kept by readers of the tables."""
EXAMPLE_PLACE = "（位置为示例）"
"""Ends the description of a stop whose position is made up."""

FIRST_SEQUENCE = 1
"""The stop_sequence of a trip's first stop."""

Routes = Sequence[tuple[int, BusRoute]]
"""Routes with the ids of their listings."""


def route_id(listing_id: int) -> str:
    """``r12``."""
    return f"r{listing_id}"


def inner_id(listing_id: int, own: str) -> str:
    """Of a trip or a service of the route."""
    return f"{route_id(listing_id)}/{own}"


def shape_id(listing_id: int, direction: Direction) -> str:
    """``r12/to_school``."""
    return inner_id(listing_id, direction)


class StopIds:
    """The stops of all routes, each once, with their ids in the feed."""

    def __init__(self, routes: Iterable[tuple[int, BusRoute]]) -> None:
        self.stops: dict[str, Stop] = {}
        """By the id in the feed."""
        self._ids: dict[tuple[int, str], str] = {}
        for listing_id, route in sorted(routes, key=lambda pair: pair[0]):
            for stop in route.stops:
                self._add(listing_id, stop)

    def _add(self, listing_id: int, stop: Stop) -> None:
        if (listing_id, stop.id) in self._ids:
            return
        shared = self.stops.setdefault(stop.id, stop)
        feed_id = stop.id if shared == stop else inner_id(listing_id, stop.id)
        self.stops[feed_id] = stop
        self._ids[listing_id, stop.id] = feed_id

    def of(self, listing_id: int, stop: str) -> str | None:
        """The id in the feed of a route's stop; None if the route has no such stop."""
        return self._ids.get((listing_id, stop))
