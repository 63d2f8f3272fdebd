"""How opening hours are worded for parents: short Chinese phrases.

Moments are whole minutes counted from 0001-01-01 00:00 of the local calendar, less one day:
``date.toordinal() * 1440 + minute of the day``.
"""

import re
from datetime import date

DAY = 1440
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
TO_BE_CHECKED = "开放时间待核实"
NO_HOURS = "没有登记开放时间"
NO_END = "没有登记闭馆时间"
NOT_SOON = "近期不开放"
ALWAYS = "24 小时开放"
BY_APPOINTMENT = "需预约"
WEEKLY = "按每周开放时间"
MAKEUP = "调休上班日，按工作日开放"
MAKEUP_CLOSED = "调休上班日，按工作日安排不开放"

_APPOINTMENT = re.compile(r"(?:by|on) appointment(?: only)?|appointment(?: only)?", re.IGNORECASE)
_CLOCKS = tuple(f"{minute // 60}:{minute % 60:02}" for minute in range(DAY))
_PADDED = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(DAY))
_SHORT = 12
"""A comment longer than this many characters is given as the reason only."""


def clock(minute: int) -> str:
    """``9:00``: a time of the day, no zero before the hour."""
    return _CLOCKS[minute % DAY]


def padded_clock(minute: int) -> str:
    """``09:00``: as tables have it, so that texts compare as times do."""
    return _PADDED[minute % DAY]


def day_name(day: int, today: int) -> str:
    """今天, 明天, 周四 up to six days ahead, then 10月8日; both are date ordinals."""
    if day - today <= 1:
        return "明天" if day > today else "今天"
    when = date.fromordinal(day)
    return WEEKDAYS[when.weekday()] if day - today <= 6 else f"{when.month}月{when.day}日"


def moment(minute: int, today: int) -> str:
    """``明天 9:00``."""
    return f"{day_name(minute // DAY, today)} {clock(minute)}"


def end_moment(minute: int, today: int) -> str:
    """Like ``moment``, but midnight is 24:00 of the day that ends."""
    if minute % DAY:
        return moment(minute, today)
    return f"{day_name(minute // DAY - 1, today)} 24:00"


def open_until(end: int, today: int, *, at_least: bool) -> str:
    """今天开放至 17:00, 开放至明天 2:00; ``at_least`` where what follows isn't known."""
    day, time = end_moment(end, today).split(" ")
    verb = "至少开放至" if at_least else "开放至"
    return f"{day}{verb} {time}" if day == "今天" else f"{verb}{day} {time}"


def minutes_left(minutes: int) -> str:
    """20 分钟后闭馆."""
    return f"{minutes} 分钟后闭馆"


def comment(text: str) -> str:
    """A comment of the expression in Chinese as far as known: ``by appointment`` is 需预约."""
    return BY_APPOINTMENT if _APPOINTMENT.fullmatch(text.strip()) else text.strip()


def with_comment(text: str, remark: str) -> str:
    """``今天开放至 17:00（需预约）``; the text alone if there is no comment or a long one."""
    return f"{text}（{remark}）" if 0 < len(remark) <= _SHORT else text


def closure(reason: str) -> str:
    """临时关闭：布展."""
    return f"临时关闭：{reason}" if reason else "临时关闭"


def holiday(name: str) -> str:
    """国庆节假期."""
    return name if name.endswith("假期") else f"{name}假期"


def no_calendar(year: int) -> str:
    """Why nothing can be said: nobody has entered the year's holidays."""
    return f"{year} 年的节假日安排尚未录入，无法判断"


def no_school_calendar(year: int) -> str:
    """Why nothing can be said: nobody has entered the year's school holidays."""
    return f"{year} 年的寒暑假安排尚未录入，无法判断"
