"""Reports by the API: list, read, write, hand in, return, accept."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

import orjson
from flask import Response, current_app
from pydantic import Field
from sqlalchemy import select

from config.programmes import Programme
from server.db import db, now
from server.ledger import reports
from server.ledger.cells import ReportKey, cells
from server.ledger.content import Draft
from server.ledger.people import Unseen, refuse_unseen
from server.ledger.reports import Overtaken
from server.ledger.states import Work
from server.ledger.tokens import Machine
from server.models import Report
from server.permissions import of_their_own
from server.problem import Mistake
from server.progress.api import answered, in_json, ledger_api, programme_of
from server.progress.api_answers import told_line, told_report
from server.progress.api_requests import Body, Problem, Query, edit_matched, machine, queried
from server.progress.api_requests import read_body as read
from server.revisions import writing

ONE = "/reports/<unit>/<int:action>/<period>"

Period = Annotated[str, Field(pattern=r"^[0-9]{4}Q[1-4]$")]


class ReportsAsked(Query):
    """Which reports."""

    period: Period
    unit: str | None = None
    action: int | None = None
    state: Work | None = None


class Acceptance(Body):
    """Which version is accepted."""

    number: Annotated[int, Field(ge=1)]
    unsealed: Annotated[str, Field(max_length=500)] = ""
    """Why without a stamped scan."""


class Return(Body):
    """Which version is returned, and why."""

    number: Annotated[int, Field(ge=1)]
    reasons: Annotated[dict[str, str], Field(min_length=1, max_length=200)]
    resubmit_by: date


@ledger_api.get("/reports")
@answered
def api_reports() -> Response:
    """All reports that are owed for a quarter, as far as the token's unit may see them."""
    by, asked = machine("read"), queried(ReportsAsked)
    programme = programme_of(int(asked.period[:4]))
    if asked.unit is not None:
        if asked.unit not in programme.units:
            raise Problem(422, "参数有误：unit", [Mistake("unit", "方案里没有这个单位")])
        refuse_unseen(by, asked.unit)
    rows = db.session.scalars(select(Report).where(Report.period == asked.period))
    found = {(row.unit, row.action): row for row in rows}
    at = now()
    lines = [
        told_line(programme, ReportKey(unit, action, asked.period), found.get((unit, action)), at)
        for unit, action in programme.owed
        if of_their_own(by, unit) and asked.unit in (None, unit) and asked.action in (None, action)
    ]
    items = [line for line in lines if asked.state in (None, line["state"])]
    return in_json({"items": items, "total": len(items)})


@ledger_api.get(ONE)
@answered
def api_report(unit: str, action: int, period: str) -> Response:
    """One report."""
    by = machine("read")
    programme, key = owed_report(by, unit, action, period)
    return _told(programme, by, key)


@ledger_api.put(ONE)
@answered
def api_save(unit: str, action: int, period: str) -> Response:
    """Keep what is typed."""
    by = machine("write")
    programme, key = owed_report(by, unit, action, period)
    edit, draft = edit_matched(), read(Draft)
    _refuse_strange(programme, key, draft)
    with _overtaken(programme, by, key), writing(db.session):
        reports.save(db.session, by, programme, key, draft, edit, now())
    return _told(programme, by, key)


@ledger_api.post(f"{ONE}/submit")
@answered
def api_submit(unit: str, action: int, period: str) -> Response:
    """Hand in what is typed."""
    by = machine("write")
    programme, key = owed_report(by, unit, action, period)
    edit, city = edit_matched(), current_app.extensions["city"]
    with _overtaken(programme, by, key), writing(db.session):
        reports.submit(db.session, by, programme, key, edit, city, now())
    return _told(programme, by, key)


@ledger_api.post(f"{ONE}/accept")
@answered
def api_accept(unit: str, action: int, period: str) -> Response:
    """Accept the version that waits."""
    by = machine("review")
    programme, key = owed_report(by, unit, action, period)
    edit, said = edit_matched(), read(Acceptance)
    with _overtaken(programme, by, key), writing(db.session):
        _refuse_overtaken(key, edit)
        reports.accept(db.session, by, programme, key, said.number, now(), said.unsealed)
    return _told(programme, by, key)


@ledger_api.post(f"{ONE}/return")
@answered
def api_return(unit: str, action: int, period: str) -> Response:
    """Return the version that waits."""
    by = machine("review")
    programme, key = owed_report(by, unit, action, period)
    edit, said = edit_matched(), read(Return)
    args = (said.number, said.reasons, said.resubmit_by)
    with _overtaken(programme, by, key), writing(db.session):
        _refuse_overtaken(key, edit)
        reports.send_back(db.session, by, programme, key, *args, now())
    return _told(programme, by, key)


def owed_report(by: Machine, unit: str, action: int, period: str) -> tuple[Programme, ReportKey]:
    """The report that a path names, if it is the token's to see."""
    year = period[:4]
    programme = programme_of(int(year) if year.isascii() and year.isdecimal() else 0)
    key = ReportKey(unit, action, period)
    try:
        reports.owed(programme, key)
    except Unseen as error:
        raise Problem(404, f"{error}。") from None
    refuse_unseen(by, unit)
    return programme, key


def _refuse_strange(programme: Programme, key: ReportKey, draft: Draft) -> None:
    """Say what the report has no cells for, rather than keep what nobody would see."""
    form = cells(programme.action(key.action), current_app.extensions["city"])
    strange = sorted(draft.cells.keys() - {cell.key for cell in form})
    if strange:
        found = [Mistake(f"cells.{name[:40]}", "这份报表里没有这一栏") for name in strange]
        raise Problem(422, f"内容有误：{'、'.join(name[:40] for name in strange)[:200]}", found)


def _told(programme: Programme, by: Machine, key: ReportKey) -> Response:
    # What was written is read back as it stands.
    db.session.expire_all()
    if "read" in by.scopes:
        told = told_report(programme, by, key, now())
    else:
        told = told_line(programme, key, reports.find(db.session, key), now())
    return in_json(told, ETag=f'"{told["edit"]}"')


@contextmanager
def _overtaken(programme: Programme, by: Machine, key: ReportKey) -> Iterator[None]:
    """Answer whoever comes second with what stands now, if they may read it."""
    try:
        yield
    except Overtaken:
        current = told_report(programme, by, key, now())
        extra = b'"current":' + orjson.dumps(current) if "read" in by.scopes else b""
        told = "这份报表刚刚被别人改过，没有保存；现在的内容见 current。"
        raise Problem(412, told, extra=extra, ETag=f'"{current["edit"]}"') from None


def _refuse_overtaken(key: ReportKey, edit: int) -> None:
    report = reports.find(db.session, key, lock=True)
    if report is not None and report.edit != edit:
        raise Overtaken(report)
