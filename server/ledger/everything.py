"""All that the ledger holds of a year, as plain tables: for CSV, and for one JSON document.

Public names: ``Asked``, ``rows``, ``as_csv``, ``as_json``. Those of a unit get their own unit's
rows. Numbers are text in JSON, so that no program rounds them; moments are UTC.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select

from config.programmes import Programme
from geo.city import City
from server import audit
from server.db import AnySession
from server.ledger.cells import cells
from server.ledger.content import Statement, report_number
from server.ledger.demo_mark import MARK, is_demo
from server.ledger.everything_columns import TABLES
from server.ledger.people import LedgerPerson, refuse_unless
from server.models import AuditEvent, ImportantMatter, ListedItem, Report, ReportVersion
from server.permissions import Action, of_their_own
from server.sheets.writing import Cell, delimited

LEDGER_SUBJECTS = ("report", "item", "matter", "totals", "period", "programme")


class Asked(NamedTuple):
    """Whose rows of which year."""

    session: AnySession
    by: LedgerPerson
    programme: Programme
    city: City


Row = tuple[Any, ...]


def rows(name: str, asked: Asked) -> Iterator[Row]:
    """A table's rows, in the order of its columns.

    Raises:
        Refused: the person may not see the ledger.
    """
    refuse_unless(asked.by, Action.VIEW_LEDGER)
    return _ROWS[name](asked)


def as_csv(name: str, asked: Asked) -> Iterator[bytes]:
    """A table as CSV with a byte-order mark, in which nothing is a formula."""
    _, columns = TABLES[name]
    told = ([_cell(value) for value in row] for row in rows(name, asked))
    return iter(delimited([column.heading for column in columns], told))


def as_json(asked: Asked) -> bytes:
    """All tables as one document."""
    head = audit.head(asked.session)
    year = asked.programme.year
    told: dict[str, Any] = {
        "year": year,
        "title": asked.programme.title,
        "document": asked.programme.document,
        "unit": asked.by.unit,
        "demo": MARK if is_demo(asked.session, year) else None,
        "audit_head": {"number": head.number, "hash": head.hash},
    }
    for name, (_, columns) in TABLES.items():
        names = [column.name for column in columns]
        told[name] = [dict(zip(names, row, strict=True)) for row in rows(name, asked)]
    return orjson.dumps(told, default=_plain, option=orjson.OPT_INDENT_2)


def _reports(asked: Asked) -> Iterator[Row]:
    for one in _own_reports(asked):
        yield (
            *(one.unit, one.action, one.period, one.state, one.edit, one.filed_at),
            *(one.without_progress, one.newest_number, one.accepted_number, one.resubmit_by),
            *(one.correction, one.draft),
        )


def _versions(asked: Asked) -> Iterator[Row]:
    for report, version, says in _own_versions(asked):
        units = asked.programme.action(report.action).units
        place = units.index(report.unit) + 1
        yield (
            *(report.unit, report.action, report.period, version.number),
            report_number(report.period, report.action, place, version.number),
            *(version.digest, version.submitted_at, version.late, version.outcome),
            *(version.decided_at, version.reasons, says.kind, says.progress, says.problems),
            *(says.next_steps, says.nothing_reason, says.filled_by, says.phone, says.signed_by),
            says.correction,
        )


def _values(asked: Asked) -> Iterator[Row]:
    forms = {
        action.number: {cell.key: cell for cell in cells(action, asked.city)}
        for action in asked.programme.actions
    }
    for report, version, says in _own_versions(asked):
        form = forms[report.action]
        for key, said in says.cells.items():
            cell = form.get(key)
            yield (
                *(report.unit, report.action, report.period, version.number, version.outcome),
                *(key, cell.title if cell else "", said.value),
                *(cell.indicator.unit if cell else "", said.done, said.numerator),
                *(said.denominator, said.not_ours),
                *(None if said.items is None else len(said.items), said.note, said.reason),
            )


def _items(asked: Asked) -> Iterator[Row]:
    query = select(ListedItem).where(ListedItem.year == asked.programme.year)
    for one in asked.session.scalars(query.order_by(ListedItem.id)):
        if of_their_own(asked.by, one.unit):
            yield (
                *(one.id, one.unit, one.indicator, one.district, one.period, one.name, one.place),
                *(one.evidence, one.listing_id, one.created_at, one.removed_at),
            )


def _matters(asked: Asked) -> Iterator[Row]:
    query = select(ImportantMatter).where(ImportantMatter.year == asked.programme.year)
    for one in asked.session.scalars(query.order_by(ImportantMatter.id)):
        if of_their_own(asked.by, one.unit):
            yield (
                *(one.id, one.unit, one.action, one.title, one.body, len(one.files)),
                *(one.told_at, one.seen_at, one.answer),
            )


def _events(asked: Asked) -> Iterator[Row]:
    query = select(AuditEvent).where(AuditEvent.subject_type.in_(LEDGER_SUBJECTS))
    for one in asked.session.scalars(query.order_by(AuditEvent.id)):
        own = of_their_own(asked.by, one.detail.get("unit", ""))
        if own and _year_of(one) == asked.programme.year:
            yield (
                *(one.id, one.at, one.actor, one.action, one.subject_type, one.subject_id),
                *(one.detail, one.hash),
            )


def _year_of(event: AuditEvent) -> int:
    if event.subject_type == "programme":
        return event.subject_id or 0
    return int(event.detail.get("year") or event.detail["period"][:4])


def _own_reports(asked: Asked) -> Iterator[Report]:
    query = select(Report).where(Report.period.startswith(str(asked.programme.year)))
    for one in asked.session.scalars(query.order_by(Report.period, Report.action, Report.id)):
        if of_their_own(asked.by, one.unit):
            yield one


def _own_versions(asked: Asked) -> Iterator[tuple[Report, ReportVersion, Statement]]:
    query = (
        select(Report, ReportVersion)
        .join(ReportVersion, ReportVersion.report_id == Report.id)
        .where(Report.period.startswith(str(asked.programme.year)))
        .order_by(Report.period, Report.action, Report.id, ReportVersion.number)
    )
    for report, version in asked.session.execute(query):
        if of_their_own(asked.by, report.unit):
            yield report, version, Statement.model_validate(version.content)


_ROWS: Mapping[str, Callable[[Asked], Iterator[Row]]] = {
    "reports": _reports,
    "versions": _versions,
    "values": _values,
    "items": _items,
    "matters": _matters,
    "events": _events,
}


def _cell(value: Any) -> Cell:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case int() | str():
            return value
        case Decimal():
            return f"{value:f}"
        case datetime() | date():
            return value.isoformat()
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(type(value).__name__)
