"""What waits for whoever is signed in, of the map and of the ledger.

Public names: ``waiting``, ``sections``.
"""

from flask import current_app

from server import inbox
from server.console.sign_in import StaffUser
from server.db import AnySession, now
from server.inbox import Section
from server.ledger import inbox as ledger_inbox
from server.ledger.states import on_the_wall
from server.listing_rows import Row
from server.permissions import Action, may


def waiting(session: AnySession, person: StaffUser) -> int:
    """How many things ask for the person now."""
    today = on_the_wall(now())
    programmes = ledger_inbox.current(current_app.extensions["programmes"], today)
    of_the_map = inbox.waiting(session, person) if may(person, Action.VIEW) else 0
    return of_the_map + ledger_inbox.waiting(session, person, programmes, today)


def sections(session: AnySession, person: StaffUser, rows: list[Row]) -> list[Section]:
    """All that waits; of the map (``rows``) for those who may see it."""
    today = on_the_wall(now())
    programmes = ledger_inbox.current(current_app.extensions["programmes"], today)
    of_the_map = inbox.sections(session, person, rows, today) if may(person, Action.VIEW) else []
    return [*ledger_inbox.sections(session, person, programmes, today), *of_the_map]
