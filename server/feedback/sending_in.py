"""A text's way in: checked by WeChat where it can be asked, kept for staff.

Public names: ``check``, ``Verdict``, ``keep``, ``of``, ``TooMany``, ``MOST_A_DAY``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from config.settings import Settings
from server.db import AnySession, now
from server.feedback.text import plain
from server.models import Feedback, Person
from server.people.keys import KeyLost, key_ring
from server.people.persons import SignedOut, hold
from server.wechat import WeChat, WeChatError

MOST_A_DAY = 20
"""Texts that one person may send in within 24 hours."""

DAY = timedelta(days=1)


class TooMany(Exception):
    """The person has sent in as many as a day allows; ``until`` is when there may be one more."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many")
        self.until = until


class Verdict(NamedTuple):
    """What WeChat said of a text."""

    check: str
    """One of ``server.models.reports.TEXT_CHECKS``, or ``risky``."""
    label: int | None = None
    """WeChat's number for what it saw."""


def check(
    session: AnySession, settings: Settings, client: WeChat, person_id: int, text: str
) -> Verdict:
    """Ask WeChat about a person's text; outside of a transaction. Where it can't be asked, staff
    are told so: ``failed``.

    Raises:
        SignedOut: the person was erased meanwhile.
        server.outside.TooManyOutside: too many wait for WeChat already.
    """
    found = session.get(Person, person_id)
    if found is None:
        raise SignedOut
    try:
        openid = key_ring(settings).unseal(found.openid_sealed, found.key_id)
        told = client.check_text(openid, plain(text))
    except (WeChatError, KeyLost):
        return Verdict("failed")
    return Verdict(told.suggest, told.label)


def keep(
    session: AnySession, person_id: int, listing_id: int, text: str, verdict: Verdict
) -> Feedback:
    """Put a text into the queue; one that the person has there already is not put twice.

    Within ``server.revisions.writing``.

    Raises:
        TooMany: there were too many of the person's within a day.
        SignedOut: the person was erased meanwhile.
    """
    hold(session, person_id)
    row = Feedback
    recent = session.scalars(
        select(row)
        .where(row.person_id == person_id, row.made_at > now() - DAY)
        .order_by(row.made_at)
    ).all()
    for one in recent:
        if (one.listing_id, one.text, one.state) == (listing_id, text, "open"):
            return one
    if len(recent) >= MOST_A_DAY:
        raise TooMany(recent[-MOST_A_DAY].made_at + DAY)
    kept = Feedback(
        person_id=person_id,
        listing_id=listing_id,
        text=text,
        text_check=verdict.check,
        check_label=verdict.label,
    )
    session.add(kept)
    session.flush()
    return kept


def of(session: AnySession, person_id: int, limit: int = 100) -> Sequence[Feedback]:
    """Somebody's latest, the newest first."""
    mine = select(Feedback).where(Feedback.person_id == person_id)
    return session.scalars(mine.order_by(Feedback.id.desc()).limit(limit)).all()
