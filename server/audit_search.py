"""Looking things up in the audit trail.

Public names: ``Wanted``, ``Found``, ``search``, ``actors``, ``actions``, ``PAGE``.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Text, cast, or_, select

from geo.opening import SHANGHAI
from server.db import AnySession
from server.models import AuditEvent

PAGE = 50
"""Events on one page."""


@dataclass(frozen=True)
class Wanted:
    """Which events are looked for; what is empty does not matter. Days are those of the city."""

    person: str = ""
    """A login, ``cli`` or ``system``."""
    action: str = ""
    listing: int | None = None
    since: date | None = None
    until: date | None = None
    """Inclusive."""
    text: str = ""
    """Occurs in what was told, or in the login."""
    before: int | None = None
    """Only events with a lower number: the next page."""


@dataclass(frozen=True)
class Found:
    """One page, the newest event first; ``older`` begins the next page, None after the last."""

    events: list[AuditEvent]
    older: int | None


def search(session: AnySession, wanted: Wanted) -> Found:
    """The events that are wanted."""
    query = select(AuditEvent).where(*_conditions(wanted))
    events = list(session.scalars(query.order_by(AuditEvent.id.desc()).limit(PAGE + 1)))
    shown = events[:PAGE]
    return Found(shown, shown[-1].id if len(events) > PAGE else None)


def actors(session: AnySession) -> list[str]:
    """Who has done anything so far."""
    return list(session.scalars(select(AuditEvent.actor).distinct().order_by(AuditEvent.actor)))


def actions(session: AnySession) -> list[str]:
    """What has been done so far."""
    return list(session.scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action)))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    event, found = AuditEvent, []
    if wanted.person:
        found.append(event.actor == wanted.person)
    if wanted.action:
        found.append(event.action == wanted.action)
    if wanted.listing is not None:
        found += [event.subject_type == "listing", event.subject_id == wanted.listing]
    if wanted.since:
        found.append(event.at >= _midnight(wanted.since))
    if wanted.until and wanted.until < date.max:
        found.append(event.at < _midnight(wanted.until + timedelta(days=1)))
    if wanted.text:
        found.append(_mentions(wanted.text))
    if wanted.before is not None:
        found.append(event.id < wanted.before)
    return found


def _mentions(text: str) -> ColumnElement[bool]:
    # The databases keep JSON as it was written: with Chinese as escapes.
    written = json.dumps(text)[1:-1]
    return or_(
        cast(AuditEvent.detail, Text).icontains(written, autoescape=True),
        AuditEvent.actor.icontains(text, autoescape=True),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)
