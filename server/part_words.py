"""The parts of documents that are no plain values, in words: stops, runs, sources. Plain functions.

Public names: ``PARTS``, ``closure_text``, ``degrees``, ``direction_of``, ``stop_name``.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from geo.opening_text import WEEKDAYS
from geo.sphere import distance_m

Json = Mapping[str, Any]


def degrees(lon: float, lat: float) -> str:
    return f"东经 {lon:.6f}，北纬 {lat:.6f}"


def closure_text(closure: Json) -> str:
    days = closure["start"]
    if closure["end"] != closure["start"]:
        days += f" 至 {closure['end']}"
    return f"{days} {closure.get('reason', '')}".rstrip()


def _fact(fact: Json, _: Json) -> str:
    day = fact.get("confirmed_on")
    return f"{fact['source']}（{f'{day} 确认' if day else '没有写确认日期'}）"


def _ages(ages: Json, _: Json) -> str:
    return f"{ages['min']}–{ages['max']} 周岁"


def _school(school: Json, _: Json) -> str:
    return f"{school['name']}（{school['code']}），校门 {degrees(school['lon'], school['lat'])}"


def _agency(agency: Json, _: Json) -> str:
    return "，".join(filter(None, (agency["name"], agency.get("phone"), agency.get("url"))))


def _stop(stop: Json, _: Json) -> str:
    example = "示例位置" if stop.get("example") else ""
    told = (stop["name"], stop.get("code"), stop.get("note"), degrees(stop["lon"], stop["lat"]))
    return "，".join(filter(None, (*told, example)))


def _service(service: Json, _: Json) -> str:
    days = "、".join(
        name for name, runs in zip(WEEKDAYS, service["weekdays"], strict=True) if runs == "1"
    )
    rule = "按校历" if service.get("rule", "school") == "school" else "只按星期"
    exceptions = "".join(
        f"\n{each['date']} {'加开' if each['runs'] else '停开'} {each.get('reason', '')}".rstrip()
        for each in service.get("exceptions") or ()
    )
    return f"{days or '没有固定日子'}，{service['start']} 至 {service['end']}，{rule}{exceptions}"


def _trip(trip: Json, document: Json) -> str:
    grades = "、".join(map(str, trip.get("grades") or ()))
    head = "，".join(
        filter(
            None,
            (
                direction_of(trip),
                f"{grades} 年级" if grades else "",
                f"运行日 {trip['service']}",
                "示例" if trip.get("example") else "",
            ),
        )
    )
    calls = [_call(call, document) for call in trip["stop_times"]]
    return "\n".join([head, *calls])


def _call(call: Json, document: Json) -> str:
    about = "" if call.get("timepoint", True) else "约 "
    leaves = call.get("departure")
    times = f"{about}{call['arrival']}" + (f" 到，{leaves} 开" if leaves else "")
    return f"{times} {stop_name(document, call['stop']) or call['stop']}"


def _shape(points: Sequence[Any], _: Json) -> str:
    metres = sum(distance_m(*one, *other) for one, other in pairwise(points))
    return f"{len(points)} 个点，长 {metres / 1000:.2f} 公里"


def direction_of(trip: Json) -> str:
    return {"to_school": "上学", "to_home": "放学"}.get(str(trip["direction"]), "")


def stop_name(document: Json, key: str) -> str:
    stops = document.get("stops") or ()
    return next((s["name"] for s in stops if isinstance(s, dict) and s.get("id") == key), "")


PARTS: Mapping[str, Callable[[Any, Json], str]] = {
    "facts": _fact,
    "ages": _ages,
    "school": _school,
    "agency": _agency,
    "stops": _stop,
    "services": _service,
    "trips": _trip,
    "shapes": _shape,
}
