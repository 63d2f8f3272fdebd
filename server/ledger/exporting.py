"""Exports of the ledger, and the note in the audit trail that one was made.

Public names: ``FORMS``, ``Exported``, ``form_of``, ``briefing_of``, ``document_of``,
``table_of``, ``note``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from config.programmes import Period, Programme
from geo.city import City
from server import audit
from server.db import AnySession
from server.ledger.briefing import briefing
from server.ledger.everything import Asked, as_csv, as_json
from server.ledger.everything_columns import TABLES
from server.ledger.people import LedgerPerson
from server.ledger.seen import Seen
from server.ledger.table import Scope, Table, table
from server.revisions import writing
from server.sheets.writing import CSV, XLSX

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

FORMS = {"xlsx": XLSX, "docx": DOCX}
"""By ending what the form is made as."""


class Exported(NamedTuple):
    """A file to be handed out."""

    name: str
    media_type: str
    body: bytes


def form_of(
    session: AnySession, by: LedgerPerson, scope: Scope, ending: str, city: City, at: datetime
) -> Exported:
    """The form as a file; that it was taken is noted in a transaction of its own.

    Raises:
        Unseen: it is more than the person may see.
    """
    made = table(session, by, scope, city, at)
    body = _written(made, ending)
    note(session, by, f"form.{ending}", scope)
    name = f"{scope.programme.year}年妇女儿童办实事进展情况报表-{scope.when}-{scope.of}"
    mark = "-示例" if made.demo else ""
    return Exported(f"{name}{mark}.{ending}".replace(" ", ""), FORMS[ending], body)


def _written(made: Table, ending: str) -> bytes:
    # What writes them takes 15 MB, which a worker that never does need not hold.
    if ending == "xlsx":
        from server.ledger.form_sheet import form_xlsx

        return form_xlsx(made)
    from server.ledger.form_document import form_docx

    return form_docx(made)


def briefing_of(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    period: Period,
    city: City,
    seen: Mapping[str, Seen],
    at: datetime,
) -> Exported:
    """A quarter's briefing as a Word document; ``seen`` is what the map shows.

    Raises:
        Unseen: the person is of a unit.
    """
    from server.ledger.briefing_document import briefing_docx

    told = briefing(session, by, programme, period, city, seen, at)
    body = briefing_docx(told)
    scope = Scope(programme, (period,))
    note(session, by, "briefing.docx", scope)
    name = f"{programme.title}工作简报-{scope.when}{'-示例' if told.demo else ''}.docx"
    return Exported(name.replace(" ", ""), DOCX, body)


def document_of(session: AnySession, asked: Asked) -> Exported:
    """All tables of a year as one JSON document."""
    body = as_json(asked)
    scope = _scope(asked)
    name = f"台账-{scope.when}-{scope.of}.json".replace(" ", "")
    note(session, asked.by, "everything.json", scope)
    return Exported(name, "application/json", body)


def table_of(session: AnySession, asked: Asked, name: str) -> Exported:
    """One table of a year as CSV."""
    body = b"".join(as_csv(name, asked))
    scope = _scope(asked)
    title, _ = TABLES[name]
    note(session, asked.by, f"{name}.csv", scope)
    return Exported(f"台账-{scope.when}-{scope.of}-{title}.csv".replace(" ", ""), CSV, body)


def _scope(asked: Asked) -> Scope:
    return Scope(asked.programme, asked.programme.periods, asked.by.unit)


def note(session: AnySession, by: LedgerPerson, form: str, scope: Scope) -> None:
    """Tell the audit trail who took what away, in a transaction of its own."""
    told = {
        "form": form,
        "period": scope.when,
        "unit": scope.unit or "",
        "action": scope.action or "",
    }
    with writing(session):
        audit.record(session, by, "ledger.exported", "programme", scope.programme.year, told)
