"""Taking listings off the map and bringing them back. Plain functions on a session.

Public names: ``retire``, ``bring_back``, ``in_hand``. Run them within
``server.revisions.writing``; the public sees the change with the next publishing.
"""

from datetime import datetime

from sqlalchemy import select

from geo.opening import SHANGHAI
from server import audit
from server.db import AnySession
from server.models import Listing, Revision
from server.permissions import Action, may
from server.revisions import Member, Refused, newest, within_reach

LONGEST_REASON = 200


def retire(session: AnySession, by: Member, listing_id: int, reason: str) -> Listing:
    """Take a listing off the map; the public is told the reason."""
    listing, name = _within_reach(session, by, listing_id)
    said = reason.strip()
    if not said:
        raise Refused("请写明撤下的原因，家长打开旧链接时会看到")
    if len(said) > LONGEST_REASON or not said.isprintable():
        raise Refused(f"原因写成一行，不超过 {LONGEST_REASON} 个字")
    if listing.state != "active":
        raise Refused("这个条目已经不在用了")
    listing.state, listing.retire_reason = "retired", said
    listing.retired_on = datetime.now(SHANGHAI).date()
    told = {"name": name, "reason": said}
    audit.record(session, by, "listing.retired", "listing", listing_id, told)
    return listing


def bring_back(session: AnySession, by: Member, listing_id: int) -> Listing:
    """Put a retired listing back; it shows what was approved last."""
    listing, name = _within_reach(session, by, listing_id)
    if listing.state == "merged":
        raise Refused(f"这个条目已并入编号 {listing.merged_into_id}，不能单独恢复")
    if listing.state == "active":
        raise Refused("这个条目在用，不需要恢复")
    listing.state, listing.retired_on, listing.retire_reason = "active", None, ""
    audit.record(session, by, "listing.brought_back", "listing", listing_id, {"name": name})
    return listing


def _within_reach(session: AnySession, by: Member, listing_id: int) -> tuple[Listing, str]:
    listing, last = in_hand(session, by, listing_id, "您的角色不能撤下或恢复条目")
    return listing, str(last.document.get("name", ""))


def in_hand(
    session: AnySession, by: Member, listing_id: int, otherwise: str
) -> tuple[Listing, Revision]:
    """A listing to take off the map, bring back or merge, locked; and its newest revision.

    Raises:
        Refused: it is not there, out of the person's reach, or (``otherwise``) not for their role.
    """
    listing = session.scalars(
        select(Listing).where(Listing.id == listing_id).with_for_update()
    ).first()
    last = newest(session, listing_id)
    if listing is None or last is None:
        raise Refused(f"没有编号为 {listing_id} 的条目")
    if not may(by, Action.RETIRE):
        raise Refused(otherwise)
    if not within_reach(session, by, last):
        raise Refused("这个条目不在您负责的范围内")
    return listing, last
