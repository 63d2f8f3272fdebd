"""Completions for the search box."""

from typing import Annotated, Literal

import orjson
from pydantic import Field

from geo.atlas import Atlas
from geo.public import HotlineItem, Public
from miniapp_api.hotlines import with_hotlines
from miniapp_api.query import Timed
from miniapp_api.query_types import Int, Words
from miniapp_api.reads import Answer, PublicBlueprint

suggest = PublicBlueprint("suggest", __name__, tag="地点")

Matched = Literal["name", "alias", "pinyin", "initials", "word", "address"]


class SuggestQuery(Timed):
    """What has been typed so far."""

    q: Words
    limit: Annotated[Int, Field(ge=1, le=10, description="最多几条")] = 10


class Suggestion(Public):
    """One completion."""

    id: int
    name: str
    matched: Matched = Field(description="与所输入内容相符的是哪一项")


class Suggestions(Public):
    """Completions, best first."""

    items: list[Suggestion]
    edition: int
    hotlines: list[HotlineItem] | None = Field(
        default=None, description="没有可提示的地点时附上的热线"
    )


@suggest.read("/suggest", SuggestQuery, Suggestions, summary="搜索提示", responses=[422, 503])
def completions(atlas: Atlas, query: SuggestQuery, now: float) -> Answer:
    """边输入边提示：汉字、全拼、首字母皆可。"""
    found = atlas.suggest(query.q, query.limit)
    items = [{"id": id_, "name": name, "matched": matched} for id_, name, matched in found]
    body = orjson.dumps({"items": items, "edition": atlas.number})
    return Answer(with_hotlines(body, len(items), atlas, query.minute(now)))
