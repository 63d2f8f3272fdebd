"""The same timetable for machines: GTFS, and GTFS-Realtime alerts."""

from pydantic import BaseModel

from geo.atlas import Atlas
from geo.gtfs_realtime import alerts
from miniapp_api.bus import moment
from miniapp_api.media_types import PROTOBUF, ZIP
from miniapp_api.query import Empty, Timed
from miniapp_api.reads import Answer, PublicBlueprint

bus_feeds = PublicBlueprint("bus_feeds", __name__, tag="助学专线")


class FeedQuery(Empty):
    """No parameters."""


class AlertsQuery(Timed):
    """As of when."""


@bus_feeds.read(
    "/bus/gtfs.zip",
    FeedQuery,
    BaseModel,
    content_type=ZIP,
    codings=(),
    summary="GTFS",
    responses=[422, 503],
)
def bus_gtfs(atlas: Atlas, query: FeedQuery, now: float) -> Answer:
    """全部线路的 GTFS 静态数据（WGS-84，中文名称）；示例数据在名称中标明。"""
    name = f'attachment; filename="zibo-school-lines-{atlas.number}.zip"'
    return Answer(atlas.gtfs(), ZIP, headers=(("Content-Disposition", name),))


@bus_feeds.read(
    "/bus/gtfs-rt/alerts.pb",
    AlertsQuery,
    BaseModel,
    content_type=PROTOBUF,
    codings=(),
    summary="GTFS-Realtime 公告",
    responses=[422, 503],
)
def bus_alerts(atlas: Atlas, query: AlertsQuery, now: float) -> Answer:
    """生效中和已预告的公告（Service Alerts）。"""
    at = moment(query, now)
    told = atlas.timetable.notices(at)
    return Answer(alerts(told, atlas.routes, at, atlas.number), PROTOBUF)
