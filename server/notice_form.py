"""What a dispatcher types of a notice <-> the document of one. No Flask, no database.

Public names: ``NoticeForm``, ``PRESETS``, ``field_of``.

Times are typed as a ``datetime-local`` field has them and mean Asia/Shanghai.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from pydantic import ValidationError

from geo.opening import SHANGHAI
from geo.transit import BusRoute, Notice, seconds
from geo.wording import in_chinese

Json = dict[str, Any]
Routes = Mapping[int, BusRoute]

TEXTS = ("name", "effect", "text", "start", "end", "delay_minutes", "replacement", "phone")
"""The fields of one value each."""

PRESETS = {"suspended": "今天停运", "late": "今天晚点 20 分钟", "detour": "改道"}
LATE_MINUTES = 20
DAY_S = 86_400


@dataclass(frozen=True)
class NoticeForm:
    """What stands in the form, as typed; routes are listing ids as text."""

    texts: Mapping[str, str] = field(default_factory=dict)
    everywhere: bool = False
    routes: tuple[str, ...] = ()
    trips: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()

    @classmethod
    def read(cls, form: Any) -> "NoticeForm":
        """From a form's fields (a werkzeug ``MultiDict``)."""
        return cls(
            texts={name: form.get(name, "") for name in TEXTS},
            everywhere=bool(form.get("everywhere")),
            routes=tuple(form.getlist("routes")),
            trips=tuple(form.getlist("trips")),
            stops=tuple(form.getlist("stops")),
        )

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "NoticeForm":
        """A form that says what a notice's document says."""
        notice = Notice.model_validate(document)
        delay = notice.delay_minutes
        return cls(
            texts={
                "name": notice.name,
                "effect": notice.effect,
                "text": notice.text,
                "start": local(notice.start),
                "end": local(notice.end) if notice.end else "",
                "delay_minutes": "" if delay is None else str(delay),
                "replacement": notice.replacement,
                "phone": notice.phone or "",
            },
            everywhere=not notice.routes,
            routes=tuple(map(str, notice.routes)),
            trips=notice.trips,
            stops=notice.stops,
        )

    @classmethod
    def preset(
        cls, kind: str, now: datetime, own: Routes, chosen: Sequence[int] = ()
    ) -> "NoticeForm":
        """A form half filled in: of ``PRESETS``, or an empty one from now on.

        The only line that somebody has is theirs already.
        """
        picked = [id_ for id_ in chosen if id_ in own] or (list(own) if len(own) == 1 else [])
        some = [own[id_] for id_ in picked] or list(own.values())
        texts = {"start": local(now), "effect": "other", "phone": _phone(some)}
        if kind in PRESETS:
            texts |= {"name": PRESETS[kind], "end": local(end_of_day(now, some))}
        if kind == "suspended":
            texts |= {"effect": "suspension", "text": "今天停运。"}
        elif kind == "late":
            texts |= {
                "effect": "time_change",
                "text": f"今天晚点约 {LATE_MINUTES} 分钟。",
                "delay_minutes": str(LATE_MINUTES),
            }
        elif kind == "detour":
            texts |= {"effect": "detour"}
        return cls(texts=texts, routes=tuple(map(str, picked)))

    def document(
        self, announced_at: datetime, base: Mapping[str, Any] | None = None
    ) -> tuple[Json | None, dict[str, str]]:
        """The document, or None and by field what is wrong.

        What the form has no field for is ``base``'s: the document that it was opened with.
        """
        wrong: dict[str, str] = {}
        texts = {name: self.texts.get(name, "").strip() for name in TEXTS}
        said: Json = {
            **(base or {}),
            "type": "notice",
            **{name: texts[name] for name in ("name", "effect", "text", "replacement")},
            "phone": texts["phone"] or None,
            "routes": [] if self.everywhere else list(self.routes),
            "trips": list(self.trips),
            "stops": list(dict.fromkeys(self.stops)),
            "announced_at": (base or {}).get("announced_at") or announced_at.isoformat(),
            "start": _moment(texts["start"], "start", wrong),
            "end": _moment(texts["end"], "end", wrong) if texts["end"] else None,
            "delay_minutes": texts["delay_minutes"] or None,
        }
        if not self.everywhere and not self.routes:
            wrong["routes"] = "请选择线路"
        if not texts["name"]:
            wrong["name"] = "请填写标题"
        try:
            notice = Notice.model_validate(said)
        except ValidationError as error:
            for each in error.errors():
                # What concerns several fields together has no place: it is about the end's.
                name = str(each["loc"][0]) if each["loc"] else "end"
                wrong.setdefault(name, in_chinese(each))
            return None, wrong
        return (None if wrong else notice.model_dump(mode="json")), wrong

    def until(self, end: str) -> "NoticeForm":
        """The same with another end."""
        return replace(self, texts={**self.texts, "end": end})


def field_of(path: str) -> str:
    """The form's field that a path within the document belongs to."""
    return path.split(".")[0]


def local(at: datetime) -> str:
    """As a ``datetime-local`` field has it."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def end_of_day(now: datetime, routes: Iterable[BusRoute]) -> datetime:
    """Midnight, or when the last run has set out that belongs to the day but begins after it."""
    last = max(
        (
            seconds(trip.stop_times[0].departure or trip.stop_times[0].arrival)
            for route in routes
            for trip in route.trips
        ),
        default=0,
    )
    midnight = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    over = max(0, last + 60 - DAY_S)
    return midnight + timedelta(days=1, seconds=over)


def _phone(routes: Iterable[BusRoute]) -> str:
    """Whom to ask about these lines, if it is the same for all."""
    known = {route.phone or route.agency.phone or "" for route in routes}
    return known.pop() if len(known) == 1 else ""


def _moment(text: str, name: str, wrong: dict[str, str]) -> str | None:
    at: datetime | None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None or not 2000 <= at.year <= 2200:
        wrong[name] = "请写日期和时刻，如 2026-09-01 07:30" if text else "请填写开始时间"
        return None
    return at.replace(tzinfo=SHANGHAI).isoformat()
