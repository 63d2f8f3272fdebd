"""What the mini-program's users want to find again.

Public names: ``add``, ``remove``, ``of``, ``MOST``. The caller commits.
"""

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from server.db import AnySession
from server.models import Favourite, Listing
from server.people.persons import hold
from server.revisions import Refused

MOST = 500
"""More than there are places; whoever needs more is a program."""


def add(session: AnySession, person_id: int, listing_id: int) -> None:
    """Keep a listing for somebody; once is enough. It must be one that the public sees.

    Raises:
        Refused: there are too many already, or the database is older than the map.
        SignedOut: the person was erased meanwhile.
    """
    hold(session, person_id)
    if session.get(Favourite, (person_id, listing_id)) is not None:
        return
    kept = select(func.count()).where(Favourite.person_id == person_id)
    if (session.scalar(kept) or 0) >= MOST:
        raise Refused(f"最多收藏 {MOST} 个，请先取消一些")
    if session.get(Listing, listing_id) is None:
        raise Refused("这个条目现在不能收藏，请稍后再试")
    session.add(Favourite(person_id=person_id, listing_id=listing_id))
    session.flush()


def remove(session: AnySession, person_id: int, listing_id: int) -> None:
    """Keep it no longer; nothing happens if it was not kept."""
    session.execute(
        delete(Favourite).where(
            Favourite.person_id == person_id, Favourite.listing_id == listing_id
        )
    )


def of(session: AnySession, person_id: int) -> Sequence[Favourite]:
    """Somebody's, the latest first."""
    return session.scalars(
        select(Favourite)
        .where(Favourite.person_id == person_id)
        .order_by(Favourite.made_at.desc(), Favourite.listing_id)
    ).all()
