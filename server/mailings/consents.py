"""How many messages of a template somebody still takes, counted as WeChat counts it.

Public names: ``remaining``, ``accept``, ``withdraw``, ``reserve``, ``give_back``, ``MOST``.

Each yes to a template's question lets one message be sent. Who counts the yeses: WeChat itself
where it pushes its events to us, else the mini-program tells. Never both, as each would count the
same yes. One is reserved before WeChat is asked to send, so that what is left is never too much.
Each function but ``remaining`` runs within ``server.revisions.writing``, the person held
(``server.people.persons.hold``).
"""

from collections.abc import Iterable

from sqlalchemy import select

from server.db import AnySession
from server.models import MessageConsent

MOST = 100
"""Nobody is sent so many; more would only be somebody playing."""


def remaining(session: AnySession, person_id: int, template: str) -> int:
    """How many may still be sent to somebody."""
    found = session.scalar(
        select(MessageConsent.remaining).where(
            MessageConsent.person_id == person_id, MessageConsent.template == template
        )
    )
    return found or 0


def accept(session: AnySession, person_id: int, templates: Iterable[str]) -> None:
    """The person said yes to each of these once."""
    for template in templates:
        _change(session, person_id, template, 1)


def withdraw(session: AnySession, person_id: int, template: str) -> None:
    """The person takes no more: WeChat said so."""
    _change(session, person_id, template, -MOST)


def reserve(session: AnySession, person_id: int, template: str) -> bool:
    """Take one for a message that is about to be sent; False if there is none."""
    row = session.get(MessageConsent, (person_id, template), populate_existing=True)
    if row is None or row.remaining < 1:
        return False
    row.remaining -= 1
    return True


def give_back(session: AnySession, person_id: int, template: str) -> None:
    """The message was not sent after all, and WeChat took no consent for it."""
    _change(session, person_id, template, 1)


def _change(session: AnySession, person_id: int, template: str, by: int) -> None:
    row = session.get(MessageConsent, (person_id, template), populate_existing=True)
    if row is None:
        row = MessageConsent(person_id=person_id, template=template, remaining=0)
        session.add(row)
    row.remaining = min(max(row.remaining + by, 0), MOST)
    session.flush()
