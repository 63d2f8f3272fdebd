"""What is answered about ways from door to door: plain records, ready to be encoded as JSON.

None is to be changed once made. Those that an answer is full of are not frozen, since that would
treble the time that making them takes.

Positions are WGS-84 degrees, moments carry Asia/Shanghai. Metres are walked metres: a straight
line and the detours of streets. Texts are Chinese, for parents.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import orjson

from geo.bus_answers import CallState, Outlook, StopPlace
from geo.run_state import RunState
from geo.transit import Direction


@dataclass
class WalkLeg:
    """A walk between a door and a stop."""

    from_name: str
    to_name: str
    starts: datetime
    ends: datetime
    starts_clock: str
    ends_clock: str
    metres: int
    minutes: int


@dataclass
class RideLeg:
    """The ride. Times are as expected; ``board_exact`` and ``alight_exact`` are GTFS's timepoint.

    At ``at_stop_by`` one is at the stop: where ``board`` is an estimate, the bus may be early.
    ``delay_minutes`` is the change at the stop where one gets on; ``calls`` counts the stops
    from there on to the last, this included. ``run_state`` says how the run stands, and
    ``live_expected`` when the bus is expected where one gets on by what was said or seen last; the
    timetable knows of no more than the plan, and leaves the second None.
    """

    route: int
    route_name: str
    trip: str
    trip_name: str
    headsign: str
    grades: tuple[int, ...]
    service_date: date
    board_stop: str
    board_sequence: int
    board_name: str
    board: datetime
    board_clock: str
    board_exact: bool
    at_stop_by: datetime
    at_stop_by_clock: str
    alight_stop: str
    alight_name: str
    alight: datetime
    alight_clock: str
    alight_exact: bool
    minutes: int
    calls: int
    state: CallState
    state_text: str
    delay_minutes: int
    notices: tuple[int, ...]
    example: bool
    run_state: RunState
    live_expected: datetime | None

    def json(self) -> bytes:
        """Itself as JSON, worked out once: neighbours take the same ride."""
        return self._json

    @cached_property
    def _json(self) -> bytes:
        return orjson.dumps(self)  # which leaves out what begins with an underscore


@dataclass
class Journey:
    """Walk, ride, walk. ``day`` (今天, 周四, 10月8日) is that of boarding.

    ``minutes`` from door to door, the waiting at the stop among them; ``text`` says it in a line.
    """

    direction: Direction
    day: str
    text: str
    leaves: datetime
    arrives: datetime
    minutes: int
    walking_metres: int
    walking_minutes: int
    waiting_minutes: int
    first_walk: WalkLeg
    ride: RideLeg
    last_walk: WalkLeg


@dataclass(frozen=True)
class Unavailable:
    """A run that would have come in time, but which a notice has taken away."""

    route: int
    route_name: str
    trip: str
    trip_name: str
    service_date: date
    scheduled: datetime
    text: str
    reason: str
    replacement: str
    phone: str | None
    notices: tuple[int, ...]


@dataclass
class WalkToStop:
    """A stop and the walk to it; ``route_names`` are the lines that it is named for."""

    stop: StopPlace
    metres: int
    minutes: int
    route_names: tuple[str, ...]


@dataclass
class Journeys:
    """The best ways, and what else there is to know.

    ``within_reach`` says whether a stop of the school's lines lies within the walking distance;
    ``nearest`` is the nearest stop in either case (None: no trips in this direction). ``text``
    says in a sentence what was found, or why nothing was. ``outlook`` is None if as many ways
    were found as were asked for, all certain.
    """

    school_code: str
    school_name: str
    direction: Direction
    at: datetime
    options: tuple[Journey, ...]
    unavailable: tuple[Unavailable, ...]
    within_reach: bool
    nearest: WalkToStop | None
    text: str
    outlook: Outlook | None


@dataclass(frozen=True)
class HomeStop:
    """A line's stop nearest to a home in one direction, and when runs call there.

    ``clocks`` are the times of all trips, whatever their days, each once.
    """

    direction: Direction
    stop: str
    name: str
    lon: float
    lat: float
    metres: int
    minutes: int
    clocks: tuple[str, ...]


@dataclass(frozen=True)
class HomeLine:
    """A school line that serves a home."""

    route: int
    route_name: str
    school_code: str
    school_name: str
    stops: tuple[HomeStop, ...]


@dataclass(frozen=True)
class LinesForHome:
    """All school lines within walking distance, the shortest walk first, and a sentence on it.

    ``nearest`` is the nearest stop of any line; None if there are no lines at all.
    """

    lines: tuple[HomeLine, ...]
    nearest: WalkToStop | None
    text: str
