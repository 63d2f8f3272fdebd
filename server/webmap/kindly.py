"""The addresses of pages, read kindly: what makes no sense is left out and said so.

A link that was shortened, mistyped or decorated by an app still opens; the API, whose callers
are programs, refuses the same mistakes.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from werkzeug.datastructures import MultiDict

from geo.opening import SHANGHAI
from geo.text import fold

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")

IGNORED = {
    "q": "搜索词应有可以搜索的字，不超过 50 个，已忽略。",
    "lat": "位置不完整或不正确，已忽略。",
    "lon": "位置不完整或不正确，已忽略。",
    "at": "时间的写法不对，已按现在显示。",
}
"""What is said when a parameter that many pages have is left out."""

OTHERWISE = "网址里有一项不正确，已忽略。"

Address = dict[str, str | list[str]]
"""The parameters of a page's address, as ``url_for`` takes them."""


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
"""A moment; without a zone it is that of Shanghai."""

SearchWords = Annotated[
    str, BeforeValidator(_words), Field(max_length=50), AfterValidator(_searchable)
]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class PageQuery(BaseModel):
    """A page that tells what is open or coming; ``at`` stands in for now."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    at: At | None = None

    def moment(self) -> datetime:
        """The moment that the page is about, Asia/Shanghai."""
        return self.at or datetime.now(SHANGHAI)


class PlacedQuery(PageQuery):
    """A page that may know where someone is; WGS-84 degrees, as browsers give them."""

    lat: Latitude | None = None
    lon: Longitude | None = None

    @property
    def centre(self) -> tuple[float, float] | None:
        """(lon, lat), if both are given."""
        return None if self.lat is None or self.lon is None else (self.lon, self.lat)


Query = TypeVar("Query", bound=PageQuery)


def read_kindly(
    model: type[Query],
    arguments: Mapping[str, str],
    said_of: Mapping[str, str] = IGNORED,
    context: Mapping[str, Any] | None = None,
    repeatable: Iterable[str] = (),
) -> tuple[Query, list[str]]:
    """The query of a page, and a Chinese sentence for each thing left out.

    Unknown parameters are left out in silence: messengers append their own to shared links. Of
    a parameter that is given twice the first counts, unless it is ``repeatable``.
    """
    given: dict[str, Any] = {name: value for name, value in arguments.items() if value.strip()}
    for name in repeatable:
        if name in given and isinstance(arguments, MultiDict):
            given[name] = [value for value in arguments.getlist(name) if value.strip()]
    try:
        return _placed(model.model_validate(given, context=context), [])
    except ValidationError as error:
        wrong = list(dict.fromkeys(str(d["loc"][0]) for d in error.errors(include_url=False)))
    sound = {name: value for name, value in given.items() if name not in wrong}
    query = model.model_validate(sound, context=context)
    return _placed(query, [said_of.get(name, OTHERWISE) for name in wrong])


def _placed(query: Query, said: list[str]) -> tuple[Query, list[str]]:
    """Half a position is none."""
    if isinstance(query, PlacedQuery) and (query.lat is None) != (query.lon is None):
        query = query.model_copy(update={"lat": None, "lon": None})
        said.append(IGNORED["lat"])
    return query, list(dict.fromkeys(said))


def read_moment(arguments: Mapping[str, str]) -> tuple[PageQuery, list[str]]:
    """The query of a page that knows ``at`` alone."""
    return read_kindly(PageQuery, arguments)
