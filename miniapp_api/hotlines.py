"""Telephone lines: always all of them, whatever else was asked."""

from datetime import datetime

from geo.atlas import Atlas
from geo.opening import SHANGHAI
from geo.public import HotlineItem, Public
from miniapp_api.query import Timed
from miniapp_api.reads import Answer, PublicBlueprint

hotlines = PublicBlueprint("hotlines", __name__, tag="热线")


class HotlinesQuery(Timed):
    """When they are to be called."""


class Hotlines(Public):
    """All lines."""

    items: list[HotlineItem]
    total: int
    edition: int


@hotlines.read("/hotlines", HotlinesQuery, Hotlines, summary="热线", responses=[422, 503])
def list_hotlines(atlas: Atlas, query: HotlinesQuery, now: float) -> Answer:
    """名称、可直接拨打的号码、服务对象、接听时间和此刻能否接通。"""
    at = query.at or datetime.fromtimestamp(now, SHANGHAI)
    body = b'{"items":%b,"total":%d,"edition":%d}' % (
        atlas.hotline_items(at),
        len(atlas.hotlines),
        atlas.number,
    )
    return Answer(body)


def with_hotlines(body: bytes, total: int, atlas: Atlas, minute: int) -> bytes:
    """A list as an encoded object; one without matches (``total`` 0) carries the hotlines.

    Whoever searches and finds nothing may be the one who needs them.
    """
    if total:
        return body
    at = datetime.fromtimestamp(minute * 60, SHANGHAI)
    return body[:-1] + b',"hotlines":' + atlas.hotline_items(at) + b"}"
