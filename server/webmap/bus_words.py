"""School lines in a parent's words. No Flask."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from geo.atlas import Atlas
from geo.bus_answers import RouteDay
from geo.opening_text import WEEKDAYS
from geo.transit import Direction
from server.live.answers import DepartureNow
from server.notice_words import Told, told

DIRECTIONS: dict[Direction, str] = {"to_school": "上学", "to_home": "放学"}

RUNS = {"yes": "运行", "no": "不运行", "not_announced": "待定"}
"""Whether a line runs on a day."""

MOODS = {"yes": "good", "no": "off", "not_announced": ""}

FAR_MINUTES = 12 * 60
"""Nobody waits for longer."""


class Next(NamedTuple):
    """A departure at a stop as a page shows it."""

    route: int
    line: str
    direction: str
    headsign: str
    day: str
    clock: str
    about: bool
    """The time is an estimate."""
    at: datetime
    wait: str
    """How long until then; empty where it is too far off to wait for."""
    grades: str
    remark: str
    """What a notice makes of it, or that it ends here; mostly empty."""
    served: bool
    past: bool
    """Its time is over, but it may still be on its way."""
    example: bool


def next_of(departure: DepartureNow) -> Next:
    """A departure in words, with how its run stands."""
    state, past = departure.run_state, departure.minutes < 0
    remark = departure.state_text
    if not remark and (past or state.source in ("operator", "vehicle")):
        remark = state.text
    elif not remark and departure.ends_here:
        remark = "到站时刻，车到此为止"
    return Next(
        route=departure.route,
        line=departure.route_name,
        direction=DIRECTIONS[departure.direction],
        headsign=departure.headsign,
        day=departure.day,
        clock=departure.clock,
        about=not departure.exact,
        at=departure.expected,
        wait="" if past else wait_text(departure.minutes),
        grades=grades_text(departure.grades),
        remark=remark,
        served=departure.served and state.state != "cancelled",
        past=past,
        example=departure.example,
    )


def wait_text(minutes: int) -> str:
    """还有 6 分钟; the page's script counts on in the same words (``web/src/countdown.ts``)."""
    if minutes < 1:
        return "即将到站"
    if minutes < 60:
        return f"还有 {minutes} 分钟"
    if minutes > FAR_MINUTES:
        return ""
    rest = f" {minutes % 60} 分钟" if minutes % 60 else ""
    return f"还有 {minutes // 60} 小时{rest}"


_GRADES = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "高一", "高二", "高三")


def grades_text(grades: Iterable[int]) -> str:
    """七、八年级; empty for all."""
    names = [_GRADES[grade] for grade in grades]
    if not names:
        return ""
    return "、".join(names) + ("" if names[-1].startswith("高") else "年级")


def runs_text(name: str, day: RouteDay) -> str:
    """今天运行; 明天不运行：国庆节假期不运行. An ordinary day needs no reason."""
    head = {"yes": "运行", "no": "不运行", "not_announced": "是否运行待定"}[day.runs]
    return (
        f"{name}{head}"
        if day.code == "weekday" and day.runs == "yes"
        else (f"{name}{head}：{day.reason}")
    )


def day_title(day: date, today: date) -> tuple[str, str]:
    """(今天, 11月24日), (周四, 11月26日)."""
    ahead = (day - today).days
    name = {0: "今天", 1: "明天"}.get(ahead, WEEKDAYS[day.weekday()])
    return name, f"{day.month}月{day.day}日"


def notices_of(atlas: Atlas, ids: Iterable[int]) -> list[Told]:
    """Notices by their listing ids."""
    return [told(record) for record in atlas.notice_records(ids)]
