"""What people have typed and not saved: one copy a person and form, kept until it is saved.

Public names: ``TOO_LARGE``, ``is_new_key``, ``keep``, ``find``, ``unsaved_new``, ``at_work``,
``forget``, ``settled``, ``settle``.
Run what changes something within ``server.revisions.writing``. A copy is nobody's business but its
author's: it is no change of data, and the audit trail doesn't tell of it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from server.db import AnySession, now
from server.models import Revision, StaffAccount, WorkingCopy
from server.revisions import Refused
from server.row_ids import row_id

TOO_LARGE = 200_000
"""Characters of all inputs together."""
MOST_NEW = 20
"""Forms of listings that are not there yet, a person; the oldest give way."""

LATELY = timedelta(minutes=30)
REMEMBERED = timedelta(days=1)
"""How long the form of a new listing, sent once more, is known to have made it."""

_NEW = re.compile("new-[0-9a-f]{16}")


def is_new_key(key: str) -> bool:
    """Whether it is a key of the form of a listing that is not there yet: ``new-…``."""
    return _NEW.fullmatch(key) is not None


def keep(
    session: AnySession,
    account_id: int,
    key: str,
    type_: str,
    fields: Mapping[str, str],
    based_on: int | None,
) -> WorkingCopy:
    """Put the copy in the place of the one before it. ``key``: a listing's id, or ``new-…``.

    Raises:
        Refused: it is too large, or the key is none.
    """
    if sum(len(name) + len(text) for name, text in fields.items()) > TOO_LARGE:
        raise Refused("内容太长，没有自动保存")
    number = row_id(key)
    if number is None and not is_new_key(key):
        raise Refused("没有这个表单")
    # Two tabs of one person take turns.
    session.get_one(StaffAccount, account_id, with_for_update={"key_share": True})
    copy, base = find(session, account_id, key), None
    listing_id = number or (copy and copy.listing_id)
    if based_on is not None and (found := session.get(Revision, based_on)):
        base = found.id if found.listing_id == listing_id else None
    if copy is None:
        copy = WorkingCopy(account_id=account_id, key=key, listing_id=listing_id)
        session.add(copy)
    copy.type, copy.fields, copy.based_on_id, copy.saved_at = type_, dict(fields), base, now()
    session.flush()
    for old in unsaved_new(session, account_id)[MOST_NEW:]:
        session.delete(old)
    return copy


def find(session: AnySession, account_id: int, key: str) -> WorkingCopy | None:
    """The person's copy of a form."""
    return session.scalars(
        select(WorkingCopy).where(WorkingCopy.account_id == account_id, WorkingCopy.key == key)
    ).first()


def unsaved_new(
    session: AnySession, account_id: int, type_: str | None = None
) -> Sequence[WorkingCopy]:
    """The person's copies of listings that are not there yet, the latest first."""
    query = select(WorkingCopy).where(
        WorkingCopy.account_id == account_id, WorkingCopy.listing_id.is_(None)
    )
    if type_ is not None:
        query = query.where(WorkingCopy.type == type_)
    return session.scalars(query.order_by(WorkingCopy.saved_at.desc())).all()


def at_work(
    session: AnySession, listing_id: int, but: int
) -> Sequence[tuple[StaffAccount, datetime]]:
    """Who else has typed something into a listing's form lately and not saved it, and when."""
    query = (
        select(StaffAccount, WorkingCopy.saved_at)
        .join(WorkingCopy, WorkingCopy.account_id == StaffAccount.id)
        .where(
            WorkingCopy.key == str(listing_id),
            WorkingCopy.account_id != but,
            WorkingCopy.saved_at > now() - LATELY,
        )
        .order_by(WorkingCopy.saved_at.desc())
    )
    return [(account, at) for account, at in session.execute(query)]


def forget(session: AnySession, account_id: int, key: str) -> None:
    """Drop the copy: it was saved, or thrown away."""
    session.execute(
        delete(WorkingCopy).where(WorkingCopy.account_id == account_id, WorkingCopy.key == key)
    )


def settled(session: AnySession, account_id: int, key: str) -> int | None:
    """The listing that the form of a new one has made already."""
    copy = find(session, account_id, key) if is_new_key(key) else None
    return copy.listing_id if copy else None


def settle(session: AnySession, account_id: int, key: str, made: Revision) -> None:
    """Remember, for a while, that the form has made its listing."""
    session.execute(
        delete(WorkingCopy).where(
            WorkingCopy.account_id == account_id,
            WorkingCopy.key.startswith("new-"),
            WorkingCopy.listing_id.is_not(None),
            WorkingCopy.saved_at < now() - REMEMBERED,
        )
    )
    copy = keep(session, account_id, key, made.document["type"], {}, None)
    copy.listing_id = made.listing_id
