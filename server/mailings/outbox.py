"""The messages of a mailing: which is next, and what became of it. Each is sent once.

Public names: ``Claim``, ``Claiming``, ``in_doubt``, ``claim_again``, ``next_claim``, ``settle``,
``heard_sent``, ``open_messages``, ``forget``, ``End``.

WeChat takes no key by which it would know a message again, so a message is marked as being sent
before WeChat is asked, one at a time. What a killed run leaves so marked, at most one message, is
in doubt: it may have arrived or not. So is one whose answer never came. What is then done:

- WeChat pushed that it was sent: it was.
- The person has no other consent left: it is sent again. A consent is good for one message, so if
  the first arrived, WeChat refuses the second, which tells that it had arrived.
- The person has more consents: a second one would arrive as well. WeChat's push is waited for
  (``PUSH_WAIT``); without it the message is given up as uncertain and never sent again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.orm import aliased

from server.db import AnySession, now
from server.mailings import consents
from server.mailings.resting import due
from server.models import BusSubscription, Mailing, Message, Person
from server.people.keys import KeyLost, KeyRing
from server.people.persons import SignedOut, hold

PUSH_WAIT = timedelta(minutes=10)
"""How long WeChat may take to push that a message was sent, its repetitions included."""

End = Literal["sent", "refused", "failed", "uncertain"]
COLUMNS: Mapping[End, Any] = {
    "sent": Mailing.sent,
    "refused": Mailing.refused,
    "failed": Mailing.failed,
    "uncertain": Mailing.failed,
}
"""Where a mailing counts its messages by their end."""


@dataclass(frozen=True)
class Claim:
    """A message that is marked as being sent: WeChat is to be asked now."""

    message_id: int
    person_id: int
    template: str
    route_id: int
    openid: str = field(repr=False)
    again: bool
    """It may have arrived before: see above."""


@dataclass(frozen=True)
class Claiming:
    """What it takes to claim a mailing's messages."""

    mailing_id: int
    template: str
    lines: Collection[int]
    """Of the map, those that the notice is about."""
    ring: KeyRing
    pushed: bool
    """Whether WeChat pushes to us what it sent."""
    began: datetime
    """When the run did: what is due then is sent by it."""


def in_doubt(session: AnySession, mailing_id: int) -> Sequence[int]:
    """The messages of a mailing of which nobody knows whether WeChat had them.

    To be asked by the mailing's only run, while it is not sending one itself.
    """
    left = select(Message.id).where(Message.mailing_id == mailing_id, Message.state == "sending")
    return session.scalars(left.order_by(Message.id)).all()


def claim_again(session: AnySession, claiming: Claiming, message_id: int) -> Claim | None:
    """Mark a message in doubt as being sent once more, if that can't give anybody two.

    Within ``server.revisions.writing``, which is to be committed before WeChat is asked. Else it
    is left in doubt, or given up when WeChat won't tell any more.
    """
    person_id = session.scalar(select(Message.person_id).where(Message.id == message_id))
    held = _held(session, message_id, person_id, "sending")
    if held is None:
        return None
    message, person = held
    openid = _openid(claiming.ring, person)
    wanted = openid is not None and _own_route(session, claiming.lines, message) is not None
    if openid is not None and wanted and _is_last_consent(session, claiming, message):
        return _claimed(session, claiming, message, openid, again=True)
    told_by = (message.attempted_at or now()) + PUSH_WAIT
    if not claiming.pushed or told_by < now():
        _finish(session, message.id, "uncertain", message.errcode)
    return None


def next_claim(session: AnySession, claiming: Claiming) -> Claim | Literal["dealt with", "none"]:
    """Mark the next message that waits and is due, or deal with it without asking WeChat.

    Within ``server.revisions.writing``, which is to be committed before WeChat is asked.
    """
    found = session.execute(
        select(Message.id, Message.person_id)
        .where(
            Message.mailing_id == claiming.mailing_id,
            Message.state == "waiting",
            due(claiming.began),
            _going_on(),
        )
        .order_by(Message.attempts, Message.id)
        .limit(1)
    ).first()
    if found is None:
        return "none"
    id_, person_id = found
    held = _held(session, id_, person_id, "waiting")
    if held is None:
        return "dealt with"
    message, person = held
    route = _own_route(session, claiming.lines, message)
    openid = _openid(claiming.ring, person)
    if route is None:
        session.delete(message)
    elif openid is None:
        _finish(session, id_, "failed", None)
    elif not consents.reserve(session, person.id, claiming.template):
        _finish(session, id_, "refused", None)
    else:
        message.route_id = route
        return _claimed(session, claiming, message, openid, again=False)
    return "dealt with"


def settle(
    session: AnySession, claim: Claim, end: End | None, errcode: int | None, *, taken: bool
) -> None:
    """Enter what came of a message, unless WeChat's push has told already.

    Within ``writing``. ``end`` None: it is to be tried again. ``taken``: WeChat may have taken the
    consent; else it is given back.
    """
    try:
        hold(session, claim.person_id)
    except SignedOut:
        return
    refused = end == "refused"
    if refused and claim.again:
        end = "sent"  # WeChat lets no second one through
    if end is None:
        # What may have arrived before stays in doubt.
        state = "sending" if claim.again or taken else "waiting"
        changed = _change(session, claim.message_id, state=state, errcode=errcode)
    else:
        changed = _finish(session, claim.message_id, end, errcode)
    if changed and not taken and not claim.again:
        consents.give_back(session, claim.person_id, claim.template)
    if changed and refused:
        consents.withdraw(session, claim.person_id, claim.template)


def heard_sent(
    session: AnySession, person_id: int, template: str, at: datetime, errcode: int
) -> None:
    """WeChat pushed what became of a message to this person at a moment (whole seconds).

    Within ``writing``, the person held. A message whose answer came is settled already.
    """
    id_ = session.scalar(
        select(Message.id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(
            Message.person_id == person_id,
            Mailing.template == template,
            Message.state == "sending",
            Message.attempted_at < at + timedelta(seconds=1),
        )
        .order_by(Message.attempted_at)
        .limit(1)
    )
    if id_ is not None:
        _finish(session, id_, "sent" if errcode == 0 else "failed", errcode or None)


def open_messages(session: AnySession, mailing_id: int) -> int:
    """How many are neither sent nor given up."""
    still = Message.state.in_(("waiting", "sending"))
    counted = select(func.count()).where(Message.mailing_id == mailing_id, still)
    return session.scalar(counted) or 0


def forget(session: AnySession, before: datetime) -> int:
    """Delete who got which message, of mailings that were over by then; how many there were.

    Within ``writing``. What the mailings count stays.
    """
    over = select(Mailing.id).where(Mailing.finished_at < before)
    gone = delete(Message).where(Message.mailing_id.in_(over)).returning(Message.id)
    return len(session.scalars(gone).all())


def _going_on() -> ColumnElement[bool]:
    return exists().where(Mailing.id == Message.mailing_id, Mailing.finished_at.is_(None))


def _held(
    session: AnySession, message_id: int, person_id: int | None, state: str
) -> tuple[Message, Person] | None:
    """The message, if it is still in this state, and its person, whom nobody else changes now."""
    if person_id is None:
        return None
    try:
        person = hold(session, person_id)
    except SignedOut:
        return None
    message = session.get(Message, message_id, populate_existing=True)
    return (message, person) if message is not None and message.state == state else None


def _openid(ring: KeyRing, person: Person) -> str | None:
    try:
        return ring.unseal(person.openid_sealed, person.key_id)
    except KeyLost:
        return None


def _is_last_consent(session: AnySession, claiming: Claiming, message: Message) -> bool:
    """Whether WeChat can't let a second message through: the first had the only consent."""
    if consents.remaining(session, message.person_id, claiming.template) > 0:
        return False
    other, mailing = aliased(Message), aliased(Mailing)
    beside = (
        select(other.id)
        .join(mailing, mailing.id == other.mailing_id)
        .where(
            other.person_id == message.person_id,
            other.id != message.id,
            other.state == "sending",
            mailing.template == claiming.template,
        )
    )
    return session.scalar(beside.limit(1)) is None


def _own_route(session: AnySession, lines: Collection[int], message: Message) -> int | None:
    """A line that the person still wants to hear of, the one laid out if it can be.

    None if there is none.
    """
    own = session.scalars(
        select(BusSubscription.route_id)
        .where(BusSubscription.person_id == message.person_id)
        .order_by(BusSubscription.route_id != message.route_id, BusSubscription.route_id)
    )
    return next((route for route in own if route in lines), None)


def _claimed(
    session: AnySession, claiming: Claiming, message: Message, openid: str, *, again: bool
) -> Claim:
    message.state, message.attempted_at, message.errcode = "sending", now(), None
    message.attempts += 1
    session.flush()
    return Claim(message.id, message.person_id, claiming.template, message.route_id, openid, again)


def _finish(session: AnySession, message_id: int, end: End, errcode: int | None) -> bool:
    """End a message that is open, and count it with its mailing."""
    if not _change(session, message_id, state=end, errcode=errcode):
        return False
    column = COLUMNS[end]
    of_it = select(Message.mailing_id).where(Message.id == message_id).scalar_subquery()
    session.execute(update(Mailing).where(Mailing.id == of_it).values({column: column + 1}))
    return True


def _change(session: AnySession, message_id: int, **values: Any) -> bool:
    session.flush()
    still = Message.state.in_(("waiting", "sending"))
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(Message).where(Message.id == message_id, still).values(**values)
    )
    return result.rowcount == 1
