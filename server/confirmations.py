"""Confirming that a listing is still true, without changing anything that it says.

Public names: ``HOW``, ``BUTTONS``, ``confirm``. Run it within ``server.revisions.writing``.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from geo.city import City
from geo.opening import SHANGHAI
from server.db import AnySession
from server.models import Listing, Revision
from server.permissions import may, within_bounds
from server.revisions import EDITED_BY, Member, Refused, go_live, newest, save, submit

HOW = {
    "phoned": "工作人员电话核实",
    "visited": "工作人员实地核实",
    "letter": "场馆或主管单位来函确认",
}
"""How somebody made sure of it: what the public reads as the source."""

BUTTONS = {"phoned": "电话核实", "visited": "实地核实", "letter": "来函确认"}
"""The same in the few words of a button."""

_ON_ITS_WAY = {
    "draft": "有一份还没有提交的草稿，请先提交或处理",
    "submitted": "有一份修改正在等待审核，请先审核",
    "returned": "有一份修改被退回了，请先处理",
}


def confirm(session: AnySession, by: Member, listing_id: int, how: str, city: City) -> Revision:
    """Say that all of a listing is still true today.

    A place or a line is confirmed at once. A hotline's number takes two people: the confirmation
    is handed in, and stands when somebody else has approved it.

    Raises:
        Refused: there is something newer than what was approved, it has been confirmed today, or
            the person may not edit it.
    """
    if how not in HOW:
        raise Refused("请选择是怎样核实的")
    last = _within_reach(session, by, listing_id)
    if last.state != "approved":
        raise Refused(_ON_ITS_WAY[last.state])
    document = confirmed(last.document, how)
    if document == last.document:
        raise Refused("今天已经确认过了")
    note = f"仍然属实（{HOW[how]}）"
    if document["type"] != "hotline":
        return go_live(
            session,
            by,
            listing_id,
            document,
            action="listing.confirmed",
            check_due=False,
            note=note,
        )
    if not document["number"]:
        raise Refused("还没有电话号码，不能确认")
    proposed = save(session, by, listing_id, document, last.id, note)
    return submit(session, by, proposed.id, city)


def _within_reach(session: AnySession, by: Member, listing_id: int) -> Revision:
    """The newest revision of a listing that the person may confirm, kept from others."""
    listing = session.scalars(
        select(Listing).where(Listing.id == listing_id).with_for_update()
    ).first()
    last = newest(session, listing_id)
    if listing is None or last is None:
        raise Refused(f"没有编号为 {listing_id} 的条目")
    if listing.state != "active":
        raise Refused("已撤下的条目不用确认")
    if listing.type == "notice":
        raise Refused("公告不需要核实")
    if not may(by, EDITED_BY[listing.type]):
        raise Refused("您的角色不能编辑这类条目")
    if not within_bounds(by, last.document, listing_id):
        raise Refused("这个条目不在您负责的范围内")
    return last


def confirmed(document: dict[str, Any], how: str) -> dict[str, Any]:
    """The document as it stands after somebody has made sure of it today."""
    today = datetime.now(SHANGHAI).date().isoformat()
    fact = "number" if document["type"] == "hotline" else ""
    facts = document.get("facts") or {}
    if (facts.get(fact) or {}).get("confirmed_on") == today and document.get("verified"):
        return document
    told = {"source": HOW[how], "confirmed_on": today}
    return document | {"verified": True, "facts": facts | {fact: told}}
