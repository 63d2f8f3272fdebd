"""The ways from door to door that a family has, by what is known of the buses.

Public names: ``ways_now``, ``JourneysNow``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from geo.journey_answers import Journey, Journeys, Unavailable
from server.live.answers import RunStates

__all__ = ["JourneysNow", "ways_now"]

MOST_WAYS = 30
"""Ways among which those with runs that are not cancelled are looked for."""


@dataclass
class JourneysNow:
    """The best ways with runs that are not cancelled, those that are not to be had, and a line.

    The rest is as ``by_timetable`` says. Not to be changed once made.
    """

    options: tuple[Journey, ...]
    unavailable: tuple[Unavailable, ...]
    text: str
    by_timetable: Journeys


def ways_now(
    states: RunStates,
    ask: Callable[[datetime, int], Journeys],
    routes: Iterable[int],
    limit: int,
    by: datetime | None = None,
) -> JourneysNow:
    """As many ways as are wanted with runs of ``routes`` that can be met and arrive in time.

    ``ask`` gives so many ways by the timetable for setting out at a moment: one before that of
    ``states`` where runs are late, as the bus of 6:56 can still be met at 7:01.
    """
    wanted, since = limit, states.at - states.longest_delay(routes)
    while True:
        found = ask(since, wanted)
        told = [_told(states, one) for one in found.options]
        kept = [one for one in told if _is_met(states, one, by)]
        lacking = limit - len(kept)
        if lacking <= 0 or len(told) < wanted or wanted >= MOST_WAYS:
            break
        wanted += lacking
    if by is None:
        kept.sort(key=_arrives)
    kept = kept[:limit]
    gone = [
        _unavailable(one)
        for one in told
        if one.ride.run_state.state == "cancelled" or _is_late(one, by)
    ]
    text = found.text
    if kept:
        text = _in_a_line(kept[0])
    elif gone:
        text = f"{gone[0].text} 的班次{gone[0].reason}"
    return JourneysNow(tuple(kept), (*gone, *found.unavailable), text, found)


def _told(states: RunStates, one: Journey) -> Journey:
    """A way as it stands: the same where the timetable has told all there is to know."""
    ride = one.ride
    state = states.of(ride.route, ride.trip, ride.service_date)
    if state is ride.run_state:
        return one
    expected = states.expected(ride.board, state)
    return replace(one, ride=replace(ride, run_state=state, live_expected=expected))


def _is_met(states: RunStates, one: Journey, by: datetime | None) -> bool:
    """Whether a family that sets out now meets the bus, and arrives in time."""
    ride = one.ride
    if ride.run_state.state == "cancelled" or _is_late(one, by):
        return False
    if states.called(ride.route, ride.trip, ride.service_date, ride.board_sequence):
        return False
    walk = one.first_walk.ends - one.first_walk.starts
    return (ride.live_expected or ride.board) - walk >= states.minute


def _arrives(one: Journey) -> datetime:
    """When one arrives, by what is known of the bus."""
    ride = one.ride
    if ride.live_expected is None:
        return one.arrives
    return one.arrives + (ride.live_expected - ride.board)


def _is_late(one: Journey, by: datetime | None) -> bool:
    return by is not None and _arrives(one) > by


def _in_a_line(one: Journey) -> str:
    """The way in a line, with what is known of its bus."""
    state = one.ride.run_state
    return one.text if state.source not in ("operator", "vehicle") else f"{one.text}；{state.text}"


def _unavailable(one: Journey) -> Unavailable:
    ride, state = one.ride, one.ride.run_state
    about = "" if ride.board_exact else "约"
    return Unavailable(
        route=ride.route,
        route_name=ride.route_name,
        trip=ride.trip,
        trip_name=ride.trip_name,
        service_date=ride.service_date,
        scheduled=ride.board - timedelta(minutes=ride.delay_minutes),
        text=f"{one.day}{about} {ride.board_clock}",
        reason=state.text,
        replacement=state.replacement,
        phone=state.phone,
        notices=ride.notices,
    )
