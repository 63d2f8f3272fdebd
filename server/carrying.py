"""Unapproved work, put on top of what went live past it. Plain functions.

Public names: ``carried_on``.
"""

from collections.abc import Mapping
from typing import Any

from server.merging import merge
from server.models import Revision


def carried_on(former: Revision, base: Mapping[str, Any], live: Revision) -> Revision | None:
    """The unapproved revision ``former`` as it reads on top of ``live``, standing where it stood.

    ``base`` is what was approved before ``live``. None if ``former`` is approved or says nothing
    more, or if the two conflict: then its author has to choose (``server.editing.left_behind``).
    """
    if former.state == "approved":
        return None
    merged = merge(base, live.document, former.document)
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
