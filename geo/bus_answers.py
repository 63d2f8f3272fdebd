"""What a timetable answers: plain records, ready to be encoded as JSON.

Positions are WGS-84 degrees, moments carry Asia/Shanghai, metres of a walk are walked metres and
minutes whole minutes. Texts are Chinese, for parents. Terms are those of the GTFS Schedule
Reference; a call is one row of stop_times.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from geo.service_days import Code, Runs
from geo.transit import Direction

CallState = Literal["scheduled", "changed", "detour", "skipped", "suspended"]
"""What notices make of a call: as planned; at another time; on another way; the bus doesn't call
at this stop; the bus doesn't come at all. The last two don't take anybody."""


@dataclass(frozen=True)
class Effect:
    """What the notices in force make of a call or a whole run.

    ``delay_minutes`` is by how much the time has changed (negative: earlier). ``notices`` are
    listing ids, ``phone`` is whom to ask, ``replacement`` what families can do instead.
    """

    state: CallState = "scheduled"
    state_text: str = ""
    delay_minutes: int = 0
    replacement: str = ""
    phone: str | None = None
    notices: tuple[int, ...] = ()

    @property
    def served(self) -> bool:
        """Whether the bus comes and takes people."""
        return self.state not in ("suspended", "skipped")


@dataclass(frozen=True)
class StopPlace:
    """A stop, with the listing ids of the routes that call there."""

    id: str
    name: str
    lon: float
    lat: float
    code: str
    note: str
    example: bool
    routes: tuple[int, ...]


@dataclass(frozen=True)
class NearStop:
    """A stop, how far it is in a straight line, and how long a child walks there."""

    stop: StopPlace
    distance_m: float
    walking_minutes: int


@dataclass
class Departure:
    """One call of a run at a stop.

    ``service_date`` is the day by whose timetable the bus runs: a run at 25:10 leaves on the
    next day. ``scheduled`` is the printed time, ``expected`` the same with a change that a
    notice announces; ``day`` (今天, 明天, 周四, 10月8日), ``clock`` (17:30), ``text`` (明天约
    17:30) and ``minutes`` from now are those of ``expected``. ``exact`` is GTFS's timepoint.
    ``stop_sequence`` is the place of the call in the run, from 0; ``ends_here``: the run ends at
    this stop, and the time is that of its arrival.

    Who waits is at the stop at ``at_stop_by``: for an estimate earlier than ``expected``.

    Not to be changed once made; freezing it would treble the time that making it takes.
    """

    route: int
    route_name: str
    trip: str
    trip_name: str
    direction: Direction
    headsign: str
    grades: tuple[int, ...]
    service_date: date
    scheduled: datetime
    expected: datetime
    day: str
    clock: str
    text: str
    minutes: int
    at_stop_by: datetime
    at_stop_by_clock: str
    exact: bool
    stop_sequence: int
    ends_here: bool
    state: CallState
    state_text: str
    delay_minutes: int
    replacement: str
    phone: str | None
    notices: tuple[int, ...]
    example: bool

    @property
    def served(self) -> bool:
        """Whether the bus comes and takes people."""
        return self.state not in ("suspended", "skipped")


@dataclass(frozen=True)
class Outlook:
    """How far an answer is complete, and why no further.

    Up to and including ``complete_until`` (a service day) nothing is missing. ``code``:
    ``not_announced``, the days after it are not certain; ``ended``, no service goes on after it;
    ``horizon``, no further day was looked at. ``reason`` is Chinese.
    """

    complete_until: date
    code: Literal["not_announced", "ended", "horizon"]
    reason: str


@dataclass(frozen=True)
class Board:
    """The next departures at a stop, soonest first.

    ``outlook`` is None if as many were found as were asked for, all of them certain to be the
    next. ``next_served`` is the first departure that takes people, which may come after those
    listed where all of these are suspended; None if none is known.
    """

    stop: StopPlace
    at: datetime
    departures: tuple[Departure, ...]
    next_served: Departure | None
    outlook: Outlook | None


@dataclass(frozen=True)
class RouteDay:
    """Whether any trip of a route runs on a service day, and why (see ``RunsOn``).

    ``notices`` are the listing ids of those that touch its trips on that day.
    """

    date: date
    runs: Runs
    code: Code
    reason: str
    rule: str
    notices: tuple[int, ...]


@dataclass(frozen=True)
class RouteDirection:
    """The runs of a route in one direction on a service day.

    ``date`` is the day asked about, or the next within 14 days on which one runs; None, if none
    does: then all trips count. ``first`` and ``last`` are clock texts of departures at the first
    stop.
    """

    direction: Direction
    date: date | None
    first: str
    last: str
    trips: int
    from_stop: str
    to_stop: str


@dataclass(frozen=True)
class RouteOverview:
    """What a list of routes shows; ``days`` are 14, from today on."""

    route: int
    name: str
    school_code: str
    school_name: str
    agency: str
    phone: str | None
    stops: int
    today: RouteDay
    days: tuple[RouteDay, ...]
    directions: tuple[RouteDirection, ...]
    notices: tuple[int, ...]
    example: bool


@dataclass(frozen=True)
class Call:
    """A run's call at a stop; ``sequence`` counts from 0. Times as scheduled; who waits is at the
    stop at ``at_stop_by``."""

    sequence: int
    stop: str
    stop_name: str
    lon: float
    lat: float
    arrival: datetime
    departure: datetime
    exact: bool
    at_stop_by: datetime
    effect: Effect


@dataclass(frozen=True)
class Run:
    """A trip on a service day. ``effect`` is that of notices on the whole run."""

    route: int
    trip: str
    trip_name: str
    direction: Direction
    headsign: str
    grades: tuple[int, ...]
    service_date: date
    effect: Effect
    calls: tuple[Call, ...]
    example: bool
