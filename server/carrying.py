"""Unapproved work, put on top of what went live past it. Plain functions.

Public names: ``Carried``, ``carried_on``.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from server.merging import merge
from server.models import Revision

Json = Mapping[str, Any]


class Carried(NamedTuple):
    """What becomes of unapproved work: it follows what went live, or it stays behind."""

    follower: Revision | None
    left_behind: bool = False
    """The two conflict: its author has to choose (``server.editing.left_behind``)."""


def carried_on(former: Revision, mine: Json, base: Json, live: Revision) -> Carried:
    """The unapproved revision ``former`` as it reads on top of ``live``, standing where it stood.

    ``mine`` is what it says, ``base`` what was approved before ``live``, both in full. Nothing
    follows if ``former`` is approved or says nothing more.
    """
    if former.state == "approved":
        return Carried(None)
    merged = merge(base, live.document, mine)
    if merged.conflicts:
        return Carried(None, left_behind=True)
    if merged.document == live.document:
        return Carried(None)
    return Carried(_follower(former, merged.document, live))


def _follower(former: Revision, document: dict[str, Any], live: Revision) -> Revision:
    return Revision(
        listing_id=former.listing_id,
        document=document,
        state=former.state,
        origin=former.origin,
        based_on_id=live.id,
        author_id=former.author_id,
        note=former.note,
        submitted_at=former.submitted_at,
        decided_by=former.decided_by,
        decided_at=former.decided_at,
        decision_note=former.decision_note,
    )
