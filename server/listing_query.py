"""What the console's list of listings is asked for: the state of its filters, one typed model.

Public names: ``ListingsQuery``, ``read``, ``STATES``, ``SORTS``, ``MISSABLE``. The same model is
the address of the page, what a round of verification was started over, and what is exported.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from geo.city import City
from server.completeness import EXPECTED
from server.vocabulary import known_in

PAGE = 50

STATES = {
    "draft": "有草稿",
    "submitted": "待审核",
    "returned": "已退回",
    "unpublished": "没有公布过",
    "retired": "已撤下",
    "all": "全部（含已撤下）",
}
"""Without one: all that are in use."""

SORTS = {
    "changed": "最近改动",
    "name": "名称",
    "stale": "最久没有确认",
    "complete": "最不完整",
}

MISSABLE = tuple(dict.fromkeys(field for fields in EXPECTED.values() for field in fields))

MINE = {"bounds": "我负责的", "author": "我最近改的"}

_SAID = {
    "q": "搜索词不超过 50 个字，已忽略。",
    "type": "没有这种类型，已忽略。",
    "state": "没有这种状态，已忽略。",
    "district": "没有这个区县，已忽略。",
    "theme": "没有这个主题，已忽略。",
    "kind": "没有这个类别，已忽略。",
    "missing": "没有这个字段，已忽略。",
    "mine": "“我的”写法不对，已忽略。",
    "sort": "没有这种排序方式，已用默认排序。",
    "page": "没有这一页，已显示第 1 页。",
}
_OTHERWISE = "网址里的“{}”写法不对，已忽略。"
_UNKNOWN = "网址里的“{}”不是筛选条件，已忽略。"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


def _among(known: Mapping[str, str] | tuple[str, ...]) -> AfterValidator:
    def check(code: str) -> str:
        if code not in known:
            raise ValueError(code)
        return code

    return AfterValidator(check)


def _words(text: object) -> object:
    return _CONTROLS.sub(" ", text).strip() if isinstance(text, str) else text


Yes = Literal["true"]


class ListingsQuery(BaseModel):
    """The filters, all of which a listing must pass; None lets everything pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[str, BeforeValidator(_words), Field(max_length=50)] | None = None
    """Words in name, other names, address or number, or the id; names also by pinyin."""
    type: Literal["site", "hotline", "bus_route", "notice"] | None = None
    state: Annotated[str, _among(STATES)] | None = None
    district: Annotated[str, known_in("districts")] | None = None
    kind: Annotated[str, known_in("kinds")] | None = None
    theme: Annotated[str, known_in("themes")] | None = None
    unverified: Yes | None = None
    stale: Yes | None = None
    missing: Annotated[str, _among(MISSABLE)] | None = None
    mine: Annotated[str, _among(MINE)] | None = None
    sort: Annotated[str, _among(SORTS)] | None = None
    page: Annotated[int, Field(ge=1, le=100_000)] = 1

    def address(self, **changes: object) -> dict[str, str]:
        """The parameters of the page's address with ``changes``; None takes one out.

        Any change but that of the page leads to page 1.
        """
        kept = self.model_dump(mode="json", exclude_none=True) | {"page": 1} | changes
        return {
            name: str(value)
            for name, value in kept.items()
            if value not in (None, "") and (name, value) != ("page", 1)
        }

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list: neither its order nor its page."""
        return self.address(sort=None)


def read(arguments: Mapping[str, str], city: City) -> tuple[ListingsQuery, list[str]]:
    """The query of an address, and a Chinese sentence for each thing left out."""
    given: dict[str, Any] = {name: value for name, value in arguments.items() if value.strip()}
    context = {"city": city}
    try:
        return ListingsQuery.model_validate(given, context=context), []
    except ValidationError as error:
        wrong = list(dict.fromkeys(str(d["loc"][0]) for d in error.errors(include_url=False)))
    sound = {name: value for name, value in given.items() if name not in wrong}
    return ListingsQuery.model_validate(sound, context=context), [_said(name) for name in wrong]


def _said(name: str) -> str:
    if name not in ListingsQuery.model_fields:
        return _UNKNOWN.format(name[:20])
    return _SAID.get(name, _OTHERWISE.format(name))
