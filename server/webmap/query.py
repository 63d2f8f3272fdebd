"""What a list of places is asked for, in its address."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from geo.city import City
from geo.moment import minute_of
from geo.question import Question
from geo.sphere import Box
from server.vocabulary import known_in
from server.webmap.kindly import (
    IGNORED,
    Address,
    Latitude,
    Longitude,
    PlacedQuery,
    SearchWords,
    read_kindly,
)

LEFT_OUT = IGNORED | {
    "district": "没有这个区县，已按全市查找。",
    "theme": "没有这个主题，已按全部主题查找。",
    "kind": "没有这个类别，已按全部类别查找。",
    "facility": "没有这种设施，已忽略。",
    "age": "孩子的年龄应是 0 到 18 的整数，已不按年龄查找。",
    "open": "“现在开放”的写法不对，已忽略。",
    "free": "“免费”的写法不对，已忽略。",
    "sort": "没有这种排序方式，已用默认排序。",
    "bbox": "地图范围不完整或不正确，已按全市查找。",
    "page": "没有这一页，已显示第 1 页。",
}
"""What is said when a parameter is left out."""

MORNING = 10
"""The hour for which "open tomorrow" asks: when a family that sets out in the morning is there."""

NO_PLACE = "按距离排序需要位置，已按名称排序。"


def _parts(text: object) -> object:
    return tuple(text.split(",")) if isinstance(text, str) else text


def _in_order(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    if west > east or south > north:
        raise ValueError(box)
    return box


def _each_once(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))


Facility = Annotated[str, known_in("facilities")]


class ListQuery(PlacedQuery):
    """What a list of places is asked for; ``bbox`` is west, south, east, north, WGS-84."""

    q: SearchWords | None = None
    district: Annotated[str, known_in("districts")] | None = None
    theme: Annotated[str, known_in("themes")] | None = None
    kind: Annotated[str, known_in("kinds")] | None = None
    facility: Annotated[tuple[Facility, ...], Field(max_length=30), AfterValidator(_each_once)] = ()
    age: Annotated[int, Field(ge=0, le=18)] | None = None
    open: Literal["now", "tomorrow"] | None = None
    free: Literal["true"] | None = None
    bbox: (
        Annotated[
            tuple[Longitude, Latitude, Longitude, Latitude],
            BeforeValidator(_parts),
            AfterValidator(_in_order),
        ]
        | None
    ) = None
    sort: Literal["name", "distance"] | None = None
    page: Annotated[int, Field(ge=1, le=100_000)] = 1

    def question(self, kind: str | None = None) -> Question:
        """The same as a question to the atlas; ``kind`` is that of a page that shows one alone."""
        return Question(
            kind=kind or self.kind,
            theme=self.theme,
            district=self.district,
            age=self.age,
            free=True if self.free else None,
            facilities=self.facility,
            open_minute=self._open_minute(),
            q=self.q,
            centre=self.centre,
            box=Box(*self.bbox) if self.bbox else None,
            sort=self.sort,
        )

    def _open_minute(self) -> int | None:
        if self.open is None:
            return None
        at = self.moment()
        if self.open == "tomorrow":
            at = (at + timedelta(days=1)).replace(hour=MORNING, minute=0)
        return minute_of(at)

    def address(self, **changes: object) -> Address:
        """The parameters of this page's address with ``changes``; None takes one out.

        Any change but that of the page leads to page 1.
        """
        kept = self.model_dump(mode="json", exclude_defaults=True) | {"page": 1} | changes
        return {
            name: _written(name, value)
            for name, value in kept.items()
            if value not in (None, [], ()) and (name, value) != ("page", 1)
        }


def _written(name: str, value: Any) -> str | list[str]:
    if name == "facility":
        return [str(one) for one in value]
    return ",".join(map(str, value)) if name == "bbox" else str(value)


def read(arguments: Mapping[str, str], city: City) -> tuple[ListQuery, list[str]]:
    """The query of a list, and a Chinese sentence for each thing left out."""
    query, said = read_kindly(ListQuery, arguments, LEFT_OUT, {"city": city}, ("facility",))
    if query.sort == "distance" and query.lat is None:
        query = query.model_copy(update={"sort": None})
        said.append(NO_PLACE)
    return query, said
