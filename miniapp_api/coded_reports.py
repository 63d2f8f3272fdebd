"""What is wrong with a listing, said with one tap, by nobody in particular."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from flask import current_app
from pydantic import Field

from geo.atlas import Atlas
from geo.opening import SHANGHAI
from geo.public import Public
from miniapp_api.body import Body
from miniapp_api.calls import CallBlueprint, Refusal
from server import coded_reports as rules
from server.db import db
from server.limits import REPORTS
from server.listed import listed
from server.models import CodedReport
from server.revisions import Refused, writing

coded_reports = CallBlueprint("coded_reports", __name__, tag="报告问题", rules=(REPORTS,))

What = Literal["did_not_come", "left_early", "late", "wrong_position", "wrong_phone", "closed"]
State = Literal["received", "checking", "changed", "declined"]

_STATUS: Mapping[type[Refused], int] = {rules.NotThere: 404, rules.Gone: 410}


class NewReport(Body):
    """What is wrong, and with which listing. There is no room for words."""

    listing_id: int = Field(ge=1, le=2**31 - 1, description="地点、线路或热线的编号")
    what: What = Field(
        description="did_not_come 没来，left_early 早走，late 晚点（线路）；"
        "wrong_position 位置错，wrong_phone 电话错，closed 已关闭"
    )


class ToldReport(Public):
    """What was said, and what became of it."""

    receipt: str = Field(description="回执编号，凭它查询；大小写和短横不限")
    listing_id: int
    name: str
    what: What
    made_at: datetime
    state: State = Field(
        description="received 收到，checking 核实中，changed 已改，declined 不改（有原因）"
    )
    reason: str = Field(description="改了什么，或为什么不改")
    decided_at: datetime | None


@coded_reports.call(
    "POST",
    "/reports",
    summary="报告问题",
    body=NewReport,
    output=ToldReport,
    signed_in=False,
    problems=(404, 409, 410),
)
def report(body: NewReport) -> ToldReport:
    """点一下就好：不用登录，不用写字，也不记是谁报的。回执编号可以查处理到哪一步。"""
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    try:
        one = rules.meant(atlas, body.listing_id)
        with writing(db.session):
            return _told(rules.receive(db.session, one.id, one.type, body.what), one.name)
    except Refused as refused:
        raise Refusal(_STATUS.get(type(refused), 409), f"{refused}。") from None


@coded_reports.call(
    "GET",
    "/reports/<receipt>",
    summary="查处理结果",
    output=ToldReport,
    signed_in=False,
    problems=(404,),
)
def report_state(receipt: str) -> ToldReport:
    """凭回执编号查：收到、核实中、已改，或不改和原因。"""
    found = rules.look_up(db.session, receipt[:40])
    if found is None:
        raise Refusal(404, "没有这个回执编号，请核对。")
    one = listed(current_app.extensions["atlas_keeper"].atlas, found.listing_id)
    return _told(found, one.name if one else "")


def _told(row: CodedReport, name: str) -> ToldReport:
    decided = row.decided_at.astimezone(SHANGHAI) if row.decided_at else None
    return ToldReport.model_validate(
        {
            "receipt": rules.spoken(row),
            "listing_id": row.listing_id,
            "name": name,
            "what": row.what,
            "made_at": row.made_at.astimezone(SHANGHAI),
            "state": row.state,
            "reason": row.reason,
            "decided_at": decided,
        }
    )
