"""What is wrong with a listing, said with one tap, by nobody in particular."""

from datetime import datetime
from typing import Literal

from flask import current_app
from pydantic import Field

from geo.opening import SHANGHAI
from geo.public import Public
from miniapp_api.body import Body
from miniapp_api.calls import CallBlueprint, Refusal
from miniapp_api.listed import Listed, listed
from server import coded_reports as rules
from server.db import db
from server.limits import Rule, by_address
from server.models import CodedReport
from server.revisions import Refused, writing

coded_reports = CallBlueprint(
    "coded_reports",
    __name__,
    tag="报告问题",
    rules=(
        Rule(
            "coded-reports",
            lambda settings: f"{settings.reports_per_address}/hour",
            by_address,
            methods=("POST",),
        ),
    ),
)

What = Literal["did_not_come", "left_early", "late", "wrong_position", "wrong_phone", "closed"]
State = Literal["received", "checking", "changed", "declined"]


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
    problems=(301, 404, 409, 410),
)
def report(body: NewReport) -> ToldReport:
    """点一下就好：不用登录，不用写字，也不记是谁报的。回执编号可以查处理到哪一步。"""
    one = _on_the_map(body.listing_id)
    with writing(db.session):
        try:
            made = rules.receive(db.session, one.id, one.type, body.what)
        except Refused as refused:
            raise Refusal(409, f"{refused}。") from None
        return _told(made, one.name)


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


def _on_the_map(id_: int) -> Listed:
    """The listing that is meant.

    Raises:
        Refusal: 404 there is none, 410 it was retired, 301 it is another now.
    """
    one = listed(current_app.extensions["atlas_keeper"].atlas, id_)
    if one is None:
        raise Refusal(404, "没有这个条目。")
    if one.merged_into is not None:
        raise Refusal(301, f"“{one.name}”已并入编号 {one.merged_into} 的条目。")
    if one.state == "retired":
        raise Refusal(410, f"“{one.name}”已撤下，不用再报了。")
    return one


def _told(row: CodedReport, name: str) -> ToldReport:
    decided = row.decided_at.astimezone(SHANGHAI) if row.decided_at else None
    return ToldReport.model_validate(
        {
            "receipt": f"{row.receipt[:5]}-{row.receipt[5:]}",
            "listing_id": row.listing_id,
            "name": name,
            "what": row.what,
            "made_at": row.made_at.astimezone(SHANGHAI),
            "state": row.state,
            "reason": row.reason,
            "decided_at": decided,
        }
    )
