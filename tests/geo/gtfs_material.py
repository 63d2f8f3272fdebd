"""Feeds to read and lines to export: small ones by hand, one of another city's agency."""

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import date
from typing import Any

from geo.calendar import Calendar, CalendarDay
from geo.gtfs_export import FeedInfo
from geo.transit import Agency, BusRoute, School, Service, Stop, StopTime, Trip

CALENDAR = Calendar(
    [
        CalendarDay(date=date(2026, 10, 1), kind="holiday", name="国庆节"),
        CalendarDay(date=date(2026, 10, 2), kind="holiday", name="国庆节"),
        CalendarDay(date=date(2026, 10, 10), kind="makeup_workday", name="国庆节调休上班"),
        CalendarDay(date=date(2026, 7, 10), kind="school_holiday", name="暑假"),
    ]
)
FEED = FeedInfo("童友图", "https://example.cn/", "7", contact="bus@example.cn")


def line(**given: Any) -> BusRoute:
    """A line with one morning run and one afternoon run; name what matters."""
    rest: dict[str, Any] = {
        "name": "张店八中一号线",
        "school": School(code="zd8", name="张店八中", lon=118.05, lat=36.8),
        "agency": Agency(name="淄博公交", phone="0533-1234567"),
        "stops": (
            Stop(id="a", name="甲站", lon=118.0, lat=36.8),
            Stop(id="b", name="乙站", lon=118.02, lat=36.8, example=True, note="路东"),
            Stop(id="gate", name="张店八中南门", lon=118.05, lat=36.8),
        ),
        "services": (
            Service(id="wk", weekdays="1111100", start=date(2026, 9, 1), end=date(2027, 1, 20)),
        ),
        "trips": (
            Trip(
                id="m",
                direction="to_school",
                service="wk",
                name="早班",
                grades=(1, 2),
                stop_times=(
                    StopTime(stop="a", arrival="06:50"),
                    StopTime(stop="b", arrival="06:54", timepoint=False),
                    StopTime(stop="gate", arrival="07:10"),
                ),
            ),
            Trip(
                id="e",
                direction="to_home",
                service="wk",
                stop_times=(
                    StopTime(stop="gate", arrival="17:30", departure="17:31:30"),
                    StopTime(stop="a", arrival="17:50"),
                ),
            ),
        ),
        "shapes": {"to_school": ((118.0, 36.8), (118.05, 36.8))},
    }
    return BusRoute.model_validate(rest | given)


SMALL: dict[str, str] = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n"
    "1,潍坊公交,http://example.com,Asia/Shanghai\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
    "s1,火车站,36.70,119.10\ns2,人民广场,36.70,119.12\ns3,实验小学,36.70,119.16\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\n"
    "10,1,10路,火车站—实验小学,3\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\n10,wd,t1,0\n10,wd,t2,1\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t1,7:05:00,7:05:00,s1,1\nt1,,,s2,2\nt1,7:35:00,7:35:00,s3,3\n"
    "t2,25:10:00,25:10:00,s3,1\nt2,25:30:00,25:30:00,s1,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    "start_date,end_date\nwd,1,1,1,1,1,0,0,20260901,20270131\n",
}
"""A whole feed of another city: one route, two trips."""


def zipped(files: Mapping[str, str | bytes], folder: str = "", encoding: str = "utf-8") -> bytes:
    """A zip file of these."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            body = content if isinstance(content, bytes) else content.encode(encoding)
            archive.writestr(folder + name, body)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(data: bytes, name: str) -> list[dict[str, str]]:
    """The rows of a table in a feed."""
    return list(csv.DictReader(io.StringIO(unzipped(data)[name].decode(), newline="")))


def changed(file: str, old: str, new: str) -> bytes:
    """The small feed with a piece of one file replaced."""
    assert old in SMALL[file]
    return zipped(SMALL | {file: SMALL[file].replace(old, new)})


def another_city() -> dict[str, str]:
    """500 stops, 25 routes of 20 stops each way, frequencies, calendar_dates only, and more."""
    stops = ["stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,zone_id"]
    stops.append("hall,总站站房,36.5,119.0,1,,A")
    routes = ["route_id,agency_id,route_short_name,route_long_name,route_type"]
    trips = ["route_id,service_id,trip_id,direction_id,trip_headsign"]
    times = ["trip_id,arrival_time,departure_time,stop_id,stop_sequence"]
    often = ["trip_id,start_time,end_time,headway_secs,exact_times"]
    for r in range(25):
        routes.append(f"线{r},公交,{r}路,第{r}条线路,{3 if r else 700}")
        for k in range(20):
            stop = f"{r * 20 + k:03}"
            parent = "hall" if k == 0 else ""
            stops.append(f"{stop},站{stop},{36.5 + r / 100:.4f},{119 + k / 200:.4f},0,{parent},A")
        for direction in (0, 1):
            trips.append(f"线{r},日历,线{r}-{direction},{direction},往返")
            often.append(f"线{r}-{direction},06:00:00,08:00:00,1800,{direction}")
            for k in reversed(range(20)):  # out of order on purpose
                stop = f"{r * 20 + (19 - k if direction else k):03}"
                at = f"0{5 + k // 15}:{k % 15 * 4:02}:00"
                times.append(f"线{r}-{direction},{at},{at},{stop},{k * 10}")
    routes.append("metro,公交,M1,地铁一号线,1")
    trips.append("metro,日历,m1,0,")
    times.append("m1,06:00:00,06:00:00,000,1")
    dates = [f"日历,202609{day:02},1" for day in range(1, 31)]
    return {
        "agency.txt": "agency_id,agency_name,agency_url,agency_timezone,agency_phone\n"
        "公交,某市公交集团,http://example.com,Asia/Shanghai,(0536) 123\n",
        "stops.txt": "\n".join(stops),
        "routes.txt": "\r\n".join(routes),
        "trips.txt": "\n".join(trips),
        "stop_times.txt": "\n".join(times),
        "frequencies.txt": "\n".join(often),
        "calendar_dates.txt": "\n".join(["service_id,date,exception_type", *dates]),
        "fare_attributes.txt": "fare_id,price\nf,2\n",
        "readme.doc": "?",
    }
