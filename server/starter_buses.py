"""The seven school lines that an empty database starts with: ``bus_routes.toml``.

What was published about them is entered as published; the rest is made up to show how a line
looks, and marked as an example. A made-up term has the length of a real one and holds the day on
which the data is loaded, so that an example never starts out of date.
"""

from datetime import date, timedelta
from typing import Any

from geo.listing_base import Provenance
from geo.transit import Agency, BusRoute, School, Service, Stop, StopTime, Trip

SERVICE = "schooldays"
TERMS = (((2, 16), (7, 10)), ((9, 1), (1, 31)))
"""First and last day of an example's terms, (month, day); the second ends in the next year."""


def bus_routes(table: dict[str, Any], today: date) -> list[BusRoute]:
    """The routes of the file, their term that of ``today`` or the next one.

    Raises:
        KeyError: a table or a field is missing; its name is the argument.
        ValueError: a value is not as it should be.
    """
    schools = {
        code: School(
            code=code,
            name=school["name"],
            lon=school["position"][0],
            lat=school["position"][1],
            example=True,
        )
        for code, school in table["schools"].items()
    }
    agency = Agency(**table["agency"])
    return [_route(fields, schools[fields["school"]], agency, today) for fields in table["routes"]]


def example_term(today: date) -> tuple[date, date]:
    """The term of a day, or the next one if it lies between terms or in a term's last week."""
    today += timedelta(days=7)
    (spring_start, spring_end), (autumn_start, autumn_end) = TERMS
    if today <= date(today.year, *autumn_end):
        return date(today.year - 1, *autumn_start), date(today.year, *autumn_end)
    if today <= date(today.year, *spring_end):
        return date(today.year, *spring_start), date(today.year, *spring_end)
    return date(today.year, *autumn_start), date(today.year + 1, *autumn_end)


def _route(fields: dict[str, Any], school: School, agency: Agency, today: date) -> BusRoute:
    key = fields["key"]
    stops: dict[str, Stop] = {}
    for place, (name, lon, lat, *_) in enumerate(fields["to_school"], 1):
        last = place == len(fields["to_school"])
        id_ = f"{school.code}.gate" if last else f"{key}.{place}"
        stops[name] = Stop(id=id_, name=name, lon=lon, lat=lat, example=True)
    start, end = example_term(today)
    example = fields["example"]
    trips = [
        *_trips(key, "to_school", [(r[0], r[3:]) for r in fields["to_school"]], stops, example),
        *_trips(key, "to_home", [(r[0], r[1:]) for r in fields["to_home"]], stops, example),
    ]
    return BusRoute(
        name=fields["name"],
        school=school,
        agency=agency,
        introduction=fields.get("introduction", ""),
        stops=tuple(stops.values()),
        services=(Service(id=SERVICE, weekdays="1111100", start=start, end=end),),
        trips=tuple(trips),
        facts={
            "": Provenance(source=fields["source"]),
            "services": Provenance(source="示例学期：周一至周五，节假日停开，调休上课日照开"),
        },
        example=example,
    )


def _trips(
    key: str,
    direction: Any,
    rows: list[tuple[str, list[str]]],
    stops: dict[str, Stop],
    example: bool,
) -> list[Trip]:
    """A trip for each column of times; a time after 约 is an estimate."""
    runs = len(rows[0][1])
    return [
        Trip(
            id=f"{key}.{direction}.{run + 1}",
            direction=direction,
            service=SERVICE,
            name="" if runs == 1 else f"第{'一二三四五'[run]}班",
            stop_times=tuple(
                StopTime(
                    stop=stops[name].id,
                    arrival=times[run].removeprefix("约"),
                    timepoint=not times[run].startswith("约"),
                )
                for name, times in rows
            ),
            example=example,
        )
        for run in range(runs)
    ]
