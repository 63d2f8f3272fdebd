"""Today's state of a run: what was said, what was seen, and never silence taken for consent.

Public names: ``Planned``, ``planned``, ``Said``, ``Sighting``, ``RunState``, ``run_state``,
``said_state``, ``as_planned``.

A cancellation said by the operator stands whatever is seen. Otherwise the newest word counts:
the operator's, a notice's that suspends the run, or that of a vehicle on the run whose delay is
known. Where nobody has said anything, a run is *scheduled* (计划) before its time and *not
confirmed* (尚未确认) from then on; so it is where what was said was said too long before.
Source of the states: GTFS Realtime, TripDescriptor.schedule_relationship; "not confirmed" is ours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from geo import opening_text as say
from geo.bus_answers import Effect, Run
from geo.opening import SHANGHAI

__all__ = [
    "Planned",
    "RunState",
    "Said",
    "Sighting",
    "as_planned",
    "planned",
    "run_state",
    "said_state",
]

LATE_S = 180
"""From this delay on a run is called late: less is within what a timetable in minutes promises."""
EARLY_S = 120
"""From this on it is said that a bus is early: who comes on time may miss it."""

SAID_AHEAD = timedelta(minutes=60)
"""What was said longer than this before a bus was to set out tells of a plan, and not of this bus:
that it broke down or has no driver shows when it is got ready. It holds until then."""

LAST_STOPS = timedelta(minutes=10)
"""After so long a bus that was near its last stop has likely reached it."""

BY_VEHICLE = "车辆位置"

NO_EFFECT = Effect()

State = Literal["scheduled", "normal", "late", "cancelled", "replaced", "not_confirmed"]
Source = Literal["timetable", "operator", "vehicle", "notice"]
SaidState = Literal["normal", "late", "cancelled", "replaced"]


@dataclass(frozen=True, slots=True)
class Planned:
    """When a run leaves its first stop and reaches its last, as expected without live news."""

    departure: datetime
    arrival: datetime
    effect: Effect = NO_EFFECT
    """What notices make of it; its change of time is in the two moments already."""
    suspended_at: datetime | None = None
    """When the notice was announced that suspends it; None where none does or that is not known."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an operator said of one run on one day. ``said_by`` is its name, not a person's."""

    state: SaidState
    said_by: str
    said_at: datetime
    minutes: int | None = None
    """By how much it is late."""
    replacement: str = ""
    phone: str | None = None
    note: str = ""

    def same_news(self, other: "Said") -> bool:
        """Whether the two differ in nothing but when they were said."""
        return self._news() == other._news()

    def _news(self) -> tuple[object, ...]:
        return self.state, self.said_by, self.minutes, self.replacement, self.phone, self.note


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a vehicle was last heard of on the run.

    ``current`` says that its position still counts; ``delay_seconds`` is None where it could not
    be told (off the route, or at a place that the route passes twice). ``near_end``: it had at most
    two stops before it.
    """

    at: datetime
    current: bool
    delay_seconds: int | None = None
    near_end: bool = False


@dataclass(slots=True)
class RunState:
    """The state of a run, ready to be shown. ``text`` is Chinese, for parents.

    Not to be changed once made; freezing it would treble the time that making it takes.

    ``minutes`` is the delay (negative: early), 0 where it is on time, None where that is not
    known; of a run that is not confirmed, the delay told last. ``said_by`` is the operator,
    车辆位置 or 公告; empty and ``said_at`` None where nobody said anything.
    """

    state: State
    text: str
    source: Source
    minutes: int | None = None
    replacement: str = ""
    phone: str | None = None
    said_by: str = ""
    said_at: datetime | None = None


def planned(run: Run) -> Planned:
    """The expected times of a timetable's run."""
    shift = timedelta(minutes=run.effect.delay_minutes)
    return Planned(run.calls[0].departure + shift, run.calls[-1].arrival + shift, run.effect)


def run_state(
    plan: Planned,
    now: datetime,
    said: Said | None = None,
    seen: Sighting | None = None,
    *,
    degraded: bool = False,
) -> RunState:
    """The state of a run at a moment.

    ``degraded`` says that what was said and seen can't be looked up at present, so that silence
    means nothing.
    """
    if said is not None and not _takes_place(said):
        return _as_said(said)
    if not plan.effect.served and (said is None or _was_before_suspension(said, plan)):
        return as_planned(plan)
    standing = None if said is None or _is_outdated(said, plan, now) else said
    if seen is not None and seen.current and (standing is None or _newer(seen, standing)):
        return _as_seen(seen)
    if standing is not None:
        return _as_said(standing)
    if said is not None:
        return _as_said_once(said, seen, degraded)
    return _unsaid(plan, now, seen, degraded)


def said_state(plan: Planned, said: Said | None, *, degraded: bool = False) -> RunState:
    """The state of a run by what was said of it alone: for another moment than now, at which
    nobody can have seen the bus and the clock makes nothing doubtful."""
    if said is None and degraded and plan.effect.served:
        return _unheard()
    suspended = not plan.effect.served
    if said is None or (suspended and _takes_place(said) and _was_before_suspension(said, plan)):
        return as_planned(plan)
    return _as_said(said)


def as_planned(plan: Planned) -> RunState:
    """The state of a run by the timetable and its notices alone, whatever the time."""
    if not plan.effect.served:
        return _suspended(plan.effect)
    return scheduled(_clock(plan.departure))


@lru_cache(2 * 1440)
def scheduled(clock: str) -> RunState:
    """The state of a run of which nothing is known but when it sets out (``HH:MM``)."""
    return RunState("scheduled", f"计划 {clock} 发车", "timetable")


def _newer(seen: Sighting, said: Said) -> bool:
    return seen.delay_seconds is not None and seen.at > said.said_at


def _takes_place(said: Said) -> bool:
    return said.state not in ("cancelled", "replaced")


def _was_before_suspension(said: Said, plan: Planned) -> bool:
    return plan.suspended_at is not None and said.said_at < plan.suspended_at


def _is_outdated(said: Said, plan: Planned, now: datetime) -> bool:
    """Whether the bus should have set out by what was said of it, too long before."""
    late = said.minutes if said.state == "late" else None
    sets_out = plan.departure + timedelta(minutes=late or 0)
    return now >= sets_out and said.said_at < sets_out - SAID_AHEAD


def _as_said(said: Said) -> RunState:
    text = {
        "normal": "正常",
        "late": f"晚点约 {said.minutes} 分钟",
        "cancelled": "已取消",
        "replaced": "改由替代车辆或方式接送",
    }[said.state]
    if said.state in ("cancelled", "replaced"):
        text += _instead(said.replacement, said.phone)
    if said.note:
        text += f"（{said.note}）"
    minutes = {"normal": 0, "late": said.minutes}.get(said.state)
    return RunState(
        said.state,
        text,
        "operator",
        minutes,
        said.replacement,
        said.phone,
        said.said_by,
        said.said_at,
    )


def _as_said_once(said: Said, seen: Sighting | None, degraded: bool) -> RunState:
    """What was said does not tell any more whether the bus is on its way."""
    since = "此后没有消息"
    if degraded:
        since = "实时消息暂时查不到"
    elif seen is not None and seen.at > said.said_at:
        since = f"{_clock(seen.at)} 之后没有收到车辆位置"
    at, told = said.said_at.astimezone(SHANGHAI), _as_said(said)
    text = f"尚未确认：运营方 {at.month}月{at.day}日 {_clock(at)} 说{told.text}，{since}"
    minutes = told.minutes or None  # that it is on time is what nobody knows
    return RunState(
        "not_confirmed", text, "operator", minutes, said_by=said.said_by, said_at=said.said_at
    )


def _suspended(effect: Effect) -> RunState:
    text = (effect.state_text or "停运") + _instead(effect.replacement, effect.phone)
    return RunState(
        "cancelled",
        text,
        "notice",
        replacement=effect.replacement,
        phone=effect.phone,
        said_by="公告",
    )


def _instead(replacement: str, phone: str | None) -> str:
    told = f"：{replacement}" if replacement else ""
    return told + (f"，请致电 {phone}" if phone else "")


def _as_seen(seen: Sighting) -> RunState:
    delay = seen.delay_seconds
    if delay is None:
        text = f"{_clock(seen.at)} 车辆在途，晚点情况不明"
        return RunState("normal", text, "vehicle", said_by=BY_VEHICLE, said_at=seen.at)
    minutes, source = round(delay / 60), f"按 {_clock(seen.at)} 的车辆位置"
    state: State = "late" if delay >= LATE_S else "normal"
    if delay >= LATE_S:
        text = f"晚点约 {minutes} 分钟（{source}）"
    elif delay <= -EARLY_S:
        text = f"比时刻表早约 {-minutes} 分钟（{source}）"
    else:
        text, minutes = f"准点（{source}）", 0
    return RunState(state, text, "vehicle", minutes, said_by=BY_VEHICLE, said_at=seen.at)


def _unsaid(plan: Planned, now: datetime, seen: Sighting | None, degraded: bool) -> RunState:
    if degraded:
        return _unheard()
    if now < plan.departure:
        return as_planned(plan)
    if seen is not None:
        text = f"尚未确认：{_clock(seen.at)} 之后没有收到车辆位置"
        if seen.near_end and now >= max(plan.arrival, seen.at + LAST_STOPS):
            text = f"应已到终点，尚未确认：{_clock(seen.at)} 最后收到车辆位置时，车在最后两站"
        return RunState("not_confirmed", text, "vehicle", said_by=BY_VEHICLE, said_at=seen.at)
    text = "尚未确认：已过发车时间，没有收到车辆位置或运营方的消息"
    return RunState("not_confirmed", text, "timetable")


def _unheard() -> RunState:
    return RunState("not_confirmed", "实时消息暂时查不到，以运营方通知为准", "timetable")


def _clock(at: datetime) -> str:
    if at.tzinfo is not SHANGHAI:
        at = at.astimezone(SHANGHAI)
    return say.padded_clock(at.hour * 60 + at.minute)
