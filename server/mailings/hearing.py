"""What WeChat pushes of subscription messages: yeses, withdrawals, what became of a message.

Public names: ``hear``, ``forget``. Importing this module registers it; the pushes come in at a web
worker.
"""

import hashlib
from datetime import datetime

from flask import current_app
from sqlalchemy import delete, select

from server.db import AnySession, db
from server.mailings import consents, outbox
from server.models import Person, PushedEvent
from server.people.keys import key_ring
from server.people.persons import SignedOut, hold
from server.revisions import writing
from server.wechat.errors import CONSENT_GONE
from server.wechat.events import PushEvent, TemplateNews, heard


@heard
def hear(event: PushEvent) -> None:
    """Enter an event about somebody we know, once; of others nothing is kept."""
    ring = key_ring(current_app.extensions["settings"])
    known = select(Person.id).where(Person.openid_hash.in_(ring.hashes(event.openid)))
    person_id = db.session.scalar(known)
    if person_id is None:
        return
    try:
        with writing(db.session):
            hold(db.session, person_id)
            if _is_new(event, person_id):
                for news in event.news:
                    _enter(event, news, person_id)
    except SignedOut:
        return  # erased this moment


def forget(session: AnySession, before: datetime) -> int:
    """Delete which events were entered by then; how many there were. Within ``writing``."""
    gone = delete(PushedEvent).where(PushedEvent.at < before).returning(PushedEvent.sha256)
    return len(session.scalars(gone).all())


def _is_new(event: PushEvent, person_id: int) -> bool:
    """Whether it was not entered before: written down with what is entered, or not at all."""
    # WeChat has no number for an event: who and when and what tells it from others.
    said = f"{person_id} {event.kind} {event.at} {event.news!r}"
    sha256 = hashlib.sha256(said.encode()).hexdigest()
    if db.session.get(PushedEvent, sha256) is not None:
        return False
    db.session.add(PushedEvent(sha256=sha256))
    return True


def _enter(event: PushEvent, news: TemplateNews, person_id: int) -> None:
    template = news.template_id
    if event.kind == "subscribe_msg_popup_event":
        # A no to the question takes nothing back of what was agreed to before.
        if news.accepted and _is_ours(template):
            consents.accept(db.session, person_id, [template])
    elif event.kind == "subscribe_msg_change_event":
        if news.accepted is False:
            consents.withdraw(db.session, person_id, template)
    elif news.errcode is not None:
        outbox.heard_sent(db.session, person_id, template, event.at, news.errcode)
        if news.errcode == CONSENT_GONE:
            consents.withdraw(db.session, person_id, template)


def _is_ours(template: str) -> bool:
    ours: str = current_app.extensions["settings"].wechat_bus_template
    return template == ours
