"""Whose own content a revision holds: what nobody may decide on alone.

Public names: ``wrote``, ``is_own``.

An editor who opens somebody's draft, changes a word and hands it in is its last author, not its
only one. So everybody counts who has written since somebody else last approved; and whoever
uploaded the table from which it was imported, whoever applied that.
"""

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from server.db import AnySession
from server.models import ImportBatch, ImportRow, Revision
from server.revisions import Member


def wrote(account_id: int) -> ColumnElement[bool]:
    """Of ``Revision``: the account has written it, or unapproved work that it may build on."""
    earlier = aliased(Revision)
    before = exists().where(
        earlier.listing_id == Revision.listing_id,
        earlier.id < Revision.id,
        earlier.state != "approved",
        earlier.author_id == account_id,
        ~_reviewed_since(earlier),
    )
    by_account = func.coalesce(Revision.author_id, 0) == account_id
    return by_account | ((Revision.state != "approved") & before)


def is_own(session: AnySession, by: Member, revision: Revision) -> bool:
    """Whether the person may not decide on a revision, for having had a hand in it."""
    if revision.author_id == by.account_id:
        return True
    own = wrote(by.account_id) | _uploaded(by.account_id)
    found = select(Revision.id).where(Revision.id == revision.id, own)
    return session.scalar(found) is not None


def _reviewed_since(earlier: Any) -> ColumnElement[bool]:
    """What went live at once holds no drafts, and is carried under them: it ends nothing."""
    approved = aliased(Revision)
    return exists().where(
        approved.listing_id == Revision.listing_id,
        approved.state == "approved",
        approved.id > earlier.id,
        approved.id < Revision.id,
        func.coalesce(approved.decided_by, -1) != func.coalesce(approved.author_id, 0),
    )


def _uploaded(account_id: int) -> ColumnElement[bool]:
    """Whether it, or what it builds on, came from a table of theirs that others applied."""
    made = aliased(Revision)
    return exists().where(
        made.listing_id == Revision.listing_id,
        made.id <= Revision.id,
        made.origin == "import",
        (made.state != "approved") | (made.id == Revision.id),
        ~_reviewed_since(made),
        ImportRow.listing_id == made.listing_id,
        ImportRow.based_on_id.is_not_distinct_from(made.based_on_id),
        ImportBatch.id == ImportRow.batch_id,
        ImportBatch.state == "applied",
        ImportBatch.created_by == account_id,
    )
