"""The address of a list page, read kindly: what makes no sense is left out and said so.

A link that was shortened, mistyped or decorated by an app still opens; the API, whose callers
are programs, refuses the same mistakes.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)

from geo.city import City
from geo.moment import minute_of
from geo.opening import SHANGHAI
from geo.question import Question
from geo.text import fold

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")

IGNORED = {
    "district": "没有这个区县，已按全市查找。",
    "theme": "没有这个主题，已按全部主题查找。",
    "kind": "没有这个类别，已按全部类别查找。",
    "age": "孩子的年龄应是 0 到 18 的整数，已不按年龄查找。",
    "open": "“现在开放”的写法不对，已忽略。",
    "free": "“免费”的写法不对，已忽略。",
    "q": "搜索词应有可以搜索的字，不超过 50 个，已忽略。",
    "sort": "没有这种排序方式，已用默认排序。",
    "lat": "位置不完整或不正确，已忽略。",
    "lon": "位置不完整或不正确，已忽略。",
    "page": "没有这一页，已显示第 1 页。",
    "at": "时间的写法不对，已按现在显示。",
}
"""What is said when a parameter is left out."""

NO_PLACE = "按距离排序需要位置，已按名称排序。"


def _in(vocabulary: str) -> AfterValidator:
    def check(code: str, info: ValidationInfo) -> str:
        city: City = info.context["city"]  # type: ignore[index]
        if code not in {term.code for term in getattr(city, vocabulary)}:
            raise ValueError(code)
        return code

    return AfterValidator(check)


def _words(text: object) -> object:
    return _CONTROLS.sub(" ", text).strip() if isinstance(text, str) else text


def _searchable(text: str) -> str:
    if not fold(text):
        raise ValueError(text)
    return text


def _here(at: datetime) -> datetime:
    at = at.astimezone(SHANGHAI) if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    if not 2000 <= at.year <= 2100:
        raise ValueError(at.year)
    return at


def _unescaped(text: object) -> object:
    # An unescaped ``+08:00`` arrives with a space in place of the plus.
    return text.replace(" ", "+") if isinstance(text, str) and "T" in text else text


At = Annotated[datetime, BeforeValidator(_unescaped), AfterValidator(_here)]


class PageQuery(BaseModel):
    """A page that tells what is open; ``at`` stands in for now."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    at: At | None = None

    def moment(self) -> datetime:
        """The moment that the page is about."""
        return self.at or datetime.now(SHANGHAI)


class ListQuery(PageQuery):
    """What a list page is asked for. Positions are WGS-84 degrees, as browsers give them."""

    q: Annotated[
        str | None, BeforeValidator(_words), Field(max_length=50), AfterValidator(_searchable)
    ] = None
    district: Annotated[str, _in("districts")] | None = None
    theme: Annotated[str, _in("themes")] | None = None
    kind: Annotated[str, _in("kinds")] | None = None
    age: Annotated[int, Field(ge=0, le=18)] | None = None
    open: Literal["now"] | None = None
    free: Literal["true"] | None = None
    sort: Literal["name", "distance"] | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    page: Annotated[int, Field(ge=1, le=100_000)] = 1

    def question(self) -> Question:
        """The same as a question to the atlas."""
        centre = None
        if self.lat is not None and self.lon is not None:
            centre = (self.lon, self.lat)
        return Question(
            kind=self.kind,
            theme=self.theme,
            district=self.district,
            age=self.age,
            free=True if self.free else None,
            open_minute=minute_of(self.moment()) if self.open else None,
            q=self.q,
            centre=centre,
            sort=self.sort,
        )

    def address(self, **changes: object) -> dict[str, str]:
        """The parameters of this page's address with ``changes``; None takes one out.

        Any change but that of the page leads to page 1.
        """
        kept = self.model_dump(mode="json", exclude_none=True)
        kept |= {"page": 1} | changes
        return {k: str(v) for k, v in kept.items() if v is not None and (k, v) != ("page", 1)}


def read(arguments: Mapping[str, str], city: City) -> tuple[ListQuery, list[str]]:
    """The query of a list page, and a Chinese sentence for each thing left out.

    Unknown parameters are left out in silence: messengers append their own to shared links.
    """
    given = {name: value for name, value in arguments.items() if value.strip()}
    wrong: list[str] = []
    try:
        query = ListQuery.model_validate(given, context={"city": city})
    except ValidationError as error:
        wrong = [str(detail["loc"][0]) for detail in error.errors(include_url=False)]
        sound = {name: value for name, value in given.items() if name not in wrong}
        query = ListQuery.model_validate(sound, context={"city": city})
    said = [IGNORED[name] for name in wrong]
    if (query.lat is None) != (query.lon is None):
        query = query.model_copy(update={"lat": None, "lon": None})
        said.append(IGNORED["lat"])
    if query.sort == "distance" and query.lat is None:
        query = query.model_copy(update={"sort": None})
        said.append(NO_PLACE)
    return query, list(dict.fromkeys(said))


def read_moment(arguments: Mapping[str, str]) -> tuple[PageQuery, list[str]]:
    """The query of a page that knows ``at`` alone."""
    at = arguments.get("at", "").strip()
    try:
        return PageQuery.model_validate({"at": at} if at else {}), []
    except ValidationError:
        return PageQuery(), [IGNORED["at"]]
