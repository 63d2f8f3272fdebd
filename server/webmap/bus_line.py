"""One school line on one day: stops, runs with their states, what comes next. No Flask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson

from geo.atlas import Atlas
from geo.bus_answers import Call, RouteDay, Run
from geo.crs import Crs
from geo.opening_text import clock
from geo.run_state import RunState
from geo.transit import Direction
from server.notice_words import Told
from server.webmap.bus_news import LOOKED_AT, News
from server.webmap.bus_query import LineQuery
from server.webmap.bus_words import (
    DIRECTIONS,
    MOODS,
    RUNS,
    Next,
    day_title,
    grades_text,
    notices_of,
    runs_text,
)

COMING = 4
"""Departures shown of the chosen stop."""


class Day(NamedTuple):
    """A day to choose."""

    date: date
    name: str
    day: str
    text: str
    mood: str
    reason: str
    chosen: bool


class StopLine(NamedTuple):
    """A stop of the line; its position is in the system that was asked for."""

    id: str
    name: str
    note: str
    lat: float
    lon: float
    example: bool
    chosen: bool


class RunHead(NamedTuple):
    """A run as the head of a column; ``name`` holds its number where it has none."""

    name: str
    departs: str
    grades: str
    state: str
    mood: str
    example: bool
    served: bool


class Cell(NamedTuple):
    """A run's call at a stop; ``remark`` says what a notice makes of it."""

    clock: str
    about: bool
    remark: str


class Row(NamedTuple):
    """A stop with the times of all runs; None where a run doesn't call."""

    stop: str
    name: str
    chosen: bool
    cells: list[Cell | None]


class Table(NamedTuple):
    """The runs of a day in one direction."""

    title: str
    runs: list[RunHead]
    rows: list[Row]


@dataclass(frozen=True)
class LinePage:
    """All that the page shows."""

    record: Mapping[str, Any]
    """The ``geo.public_bus.RouteRecord``, positions in the system that was asked for."""
    today: str
    mood: str
    tomorrow: str
    tomorrow_mood: str
    days: list[Day]
    day: Day
    tables: list[Table]
    stops: list[StopLine]
    stop: StopLine | None
    coming: list[Next]
    nothing: str
    """Why nothing comes at the stop; empty if something does."""
    notices: list[Told]
    shape: list[list[float]]
    example: bool
    """Any of its times or positions is made up."""


def line_page(atlas: Atlas, id_: int, query: LineQuery, news: News, crs: Crs) -> LinePage:
    """The line with that listing id, which must be there."""
    at = news.at
    timetable = atlas.timetable
    row = timetable.route_row(id_)
    record = orjson.loads(atlas.route_record(row, crs))
    told = timetable.route_overview(id_, at)
    chosen_day = query.date or at.date()
    picked = news.day(id_, timetable.route_day(id_, chosen_day, at))
    days = [news.day(id_, day) for day in told.days]
    runs = timetable.runs_of(id_, chosen_day, at)
    chosen = _stop_id(atlas, id_, record, query.stop, at)
    stops = [_stop(stop, chosen) for stop in record["stops"]]
    coming, nothing = news.coming(chosen, COMING, id_) if chosen else ([], "")
    return LinePage(
        record=record,
        today=runs_text("今天", days[0]),
        mood=MOODS[days[0].runs],
        tomorrow=runs_text("明天", days[1]),
        tomorrow_mood=MOODS[days[1].runs],
        days=[_day(day, at.date(), chosen_day) for day in days],
        day=_day(picked, at.date(), chosen_day),
        tables=_tables(runs, news, chosen),
        stops=stops,
        stop=next((stop for stop in stops if stop.chosen), None),
        coming=coming,
        nothing=nothing,
        notices=notices_of(atlas, told.notices),
        shape=_shape(record),
        example=_has_examples(record),
    )


def stop_of(atlas: Atlas, id_: int, stop: str | None) -> str | None:
    """The stop, if the line has it."""
    known = {one.id for route, document in atlas.routes if route == id_ for one in document.stops}
    return stop if stop in known else None


def _stop_id(
    atlas: Atlas, id_: int, record: Mapping[str, Any], asked: str | None, at: datetime
) -> str | None:
    """The stop asked for; otherwise the one at which the next run sets out."""
    if asked is not None:
        return asked
    firsts = {trip["stop_times"][0]["stop"]: None for trip in record["trips"]}
    soonest: tuple[datetime, str] | None = None
    for stop in firsts:
        board = atlas.timetable.departures(stop, at, LOOKED_AT)
        served = (one for one in board.departures if one.route == id_ and one.served)
        first = next((one for one in served if not one.ends_here), None)
        if first is not None and (soonest is None or first.expected < soonest[0]):
            soonest = first.expected, stop
    return soonest[1] if soonest else next(iter(firsts), None)


def _stop(stop: Mapping[str, Any], chosen: str | None) -> StopLine:
    return StopLine(
        stop["id"],
        stop["name"],
        stop["note"],
        stop["lat"],
        stop["lon"],
        stop["example"],
        stop["id"] == chosen,
    )


def _day(day: RouteDay, today: date, chosen: date) -> Day:
    name, text = day_title(day.date, today)
    mood = MOODS[day.runs]
    return Day(day.date, name, text, RUNS[day.runs], mood, day.reason, day.date == chosen)


def _tables(runs: Sequence[Run], news: News, chosen: str | None) -> list[Table]:
    found = []
    for direction, title in DIRECTIONS.items():
        some = [run for run in runs if run.direction == direction]
        if some:
            found.append(_table(title, some, news, chosen))
    return found


def _table(title: str, runs: Sequence[Run], news: News, chosen: str | None) -> Table:
    states = [news.of(run.route, run.trip, run.service_date) for run in runs]
    heads = [
        _head(run, n, state) for n, (run, state) in enumerate(zip(runs, states, strict=True), 1)
    ]
    names = _in_order(runs)
    rows = [
        Row(stop, name, stop == chosen, [_cell(run, stop) for run in runs])
        for stop, name in names.items()
    ]
    return Table(title, heads, rows)


def _in_order(runs: Sequence[Run]) -> dict[str, str]:
    """The stops of all runs with their names, in the order in which the longest goes."""
    names: dict[str, str] = {}
    for run in sorted(runs, key=lambda run: -len(run.calls)):
        names |= {call.stop: call.stop_name for call in run.calls if call.stop not in names}
    return names


def _head(run: Run, number: int, state: RunState) -> RunHead:
    mood = {"late": "soon", "cancelled": "bad", "replaced": "bad", "normal": "good"}
    return RunHead(
        name=run.trip_name or f"第 {number} 班",
        departs=_clock(run, run.calls[0]),
        grades=grades_text(run.grades),
        state=state.text,
        mood=mood.get(state.state, ""),
        example=run.example,
        served=run.effect.served and state.state != "cancelled",
    )


def _cell(run: Run, stop: str) -> Cell | None:
    call = next((call for call in run.calls if call.stop == stop), None)
    return None if call is None else Cell(_clock(run, call), not call.exact, call.effect.state_text)


def _clock(run: Run, call: Call) -> str:
    last = call.sequence == len(run.calls) - 1
    when = call.arrival if last else call.departure
    shifted = when.hour * 60 + when.minute + call.effect.delay_minutes
    return clock(shifted)


def _shape(record: Mapping[str, Any]) -> list[list[float]]:
    """The way to school; where there is none, the way home."""
    ways = {way["direction"]: way["points"] for way in record["polyline"]}
    wanted: tuple[Direction, ...] = ("to_school", "to_home")
    points: list[dict[str, float]] = next((ways[way] for way in wanted if way in ways), [])
    return [[point["longitude"], point["latitude"]] for point in points]


def _has_examples(record: Mapping[str, Any]) -> bool:
    return record["example"] or any(stop["example"] for stop in record["stops"])
