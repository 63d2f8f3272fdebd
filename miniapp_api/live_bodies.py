"""What operators' programs send and are answered: the models of ``miniapp_api.live``."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from geo.crs import Crs
from geo.listing_base import Dialable, Line
from geo.public import Public
from geo.transit import TransitId
from miniapp_api.body import Body
from miniapp_api.query import FieldError, Query
from miniapp_api.query_types import Int

VEHICLE_ID = r"^[^\W_][\w.:-]{0,31}$"
"""Number plates begin with a Chinese character."""

MAX_ID = 2**53 - 1
"""The greatest number that every program reads from JSON as it is written."""

RouteId = Annotated[int, Field(ge=1, le=MAX_ID, description="线路的编号", examples=[121])]


class PositionReport(Body):
    """A vehicle's position. GTFS Realtime's VehiclePosition in flat JSON."""

    route: RouteId
    trip: TransitId | None = Field(default=None, description="班次；不在班次上为 null")
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] = Field(examples=[118.05])
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] = Field(examples=[36.8])
    at: AwareDatetime = Field(
        description="定位的时刻，须注明时区", examples=["2026-11-24T07:05:30+08:00"]
    )
    bearing: Annotated[float, Field(ge=0, le=360, allow_inf_nan=False)] | None = Field(
        default=None, description="车头方向，从正北顺时针的度数"
    )
    speed: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = Field(
        default=None, description="车速，米/秒"
    )
    crs: Crs = Field(default="wgs84", description="lon、lat 的坐标系")


class RunStatement(Body):
    """What an operator says of one run on one day."""

    state: Literal["normal", "late", "cancelled", "replaced"]
    minutes: Annotated[int, Field(ge=1, le=240)] | None = Field(
        default=None, description="晚点的分钟数；只用于 late，且必填"
    )
    replacement: Line = Field(
        default="", description="替代的车或办法；取消或替代时，与电话至少填一项"
    )
    phone: Dialable | None = Field(default=None, description="可以询问的电话")
    note: Line = Field(default="", description="给家长的补充说明")

    @model_validator(mode="after")
    def _says_what_it_must(self) -> "RunStatement":
        if self.state == "late" and self.minutes is None:
            raise FieldError("minutes", "晚点要说明多少分钟")
        if self.state != "late" and self.minutes is not None:
            raise FieldError("minutes", "只用于晚点（late）")
        if self.state == "replaced" and not self.replacement:
            raise FieldError("replacement", "要说明由什么替代")
        if self.state == "cancelled" and not (self.replacement or self.phone):
            raise FieldError("replacement", "取消的班次要有替代办法或可以询问的电话")
        return self


class RunQuery(Query):
    """Whose trip is meant: trips of several routes may have the same id."""

    route: Annotated[Int, Field(ge=1, le=MAX_ID, description="线路的编号", examples=[121])]


class PositionAnswer(Public):
    """What became of a position."""

    result: Literal["accepted", "ignored"]
    ignored: Literal["duplicate", "out_of_order", "stale", "implausible"] | None = Field(
        description="没有采用的原因；采用了为 null"
    )
    detail: str = Field(description="给人看的一句话", examples=["已采用。"])


class RunAnswer(Public):
    """What was kept of a statement."""

    route: int
    trip: str
    date: date
    state: Literal["normal", "late", "cancelled", "replaced"]
    said_by: str = Field(description="运营方名称")
    said_at: datetime
