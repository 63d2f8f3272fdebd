"""Unapproved work, put on top of what went live past it. Plain functions.

Public names: ``carried_on``.
"""

from collections.abc import Mapping
from typing import Any

from server.merging import merge
from server.models import Revision

Json = Mapping[str, Any]


def carried_on(former: Revision, mine: Json, base: Json, live: Revision) -> Revision | None:
    """The unapproved revision ``former`` as it reads on top of ``live``, standing where it stood.

    ``mine`` is what it says, ``base`` what was approved before ``live``, both in full. None if
    ``former`` is approved or says nothing more, or if the two conflict: then its author has to
    choose (``server.editing.left_behind``).
    """
    if former.state == "approved":
        return None
    merged = merge(base, live.document, mine)
    if merged.conflicts or merged.document == live.document:
        return None
    return Revision(
        listing_id=former.listing_id,
        document=merged.document,
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
