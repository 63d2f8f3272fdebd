"""What waits for one member of staff, each with the place where it is dealt with.

Public names: ``Item``, ``Section``, ``sections``, ``waiting``.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, false, func, select
from sqlalchemy.orm import aliased

from geo.opening import SHANGHAI
from server.db import AnySession, now
from server.feedback import queue as feedback
from server.listing_rows import Row
from server.mailings import overview as mailings
from server.models import (
    CalendarDayRow,
    Feedback,
    Job,
    Listing,
    Revision,
    ScheduledPublishing,
    VerificationRound,
    WorkingCopy,
)
from server.permissions import Action, may, within_bounds
from server.review_queue import handed_in_by_others
from server.revisions import EDITED_BY, Member, within_reach
from server.scheduled import unanswered

DRAFT_DAYS = 7
NUMBER_DAYS = 30
ENDING_DAYS = 7
JOB_DAYS = 14
SHOWN = 20
"""Items of a section that are listed; the rest are counted."""

CALENDAR_DUE = (12, 1)
"""Month and day from which next year's holidays should be known: they are announced in November."""


class Item(NamedTuple):
    """One thing to be done. ``kind`` says which page deals with what ``id`` names."""

    kind: str
    id: int
    title: str
    detail: str


class Section(NamedTuple):
    """Things of one kind; ``urgent`` ones count in the menu."""

    key: str
    title: str
    items: list[Item]
    total: int
    urgent: bool = False


def waiting(session: AnySession, by: Member) -> int:
    """How many things ask for this person now; one question to the database."""
    counts = [_count(Revision.id, _returned_to(by)), _count(Revision.id, _overtaken(by))]
    if may(by, Action.REVIEW):
        counts.append(_count(Revision.id, handed_in_by_others(by)))
        counts.append(_count(Revision.id, _to_check(by)))
    if may(by, Action.EDIT):
        counts.append(_count(Feedback.id, feedback.waiting(by)))
    if may(by, Action.PUBLISH):
        counts.append(_count(ScheduledPublishing.id, unanswered()))
    counts.append(_count(Job.id, _failed_of(by)))
    return sum(session.execute(select(*counts)).one())


def sections(session: AnySession, by: Member, rows: list[Row], today: date) -> list[Section]:
    """All that waits, the urgent first; a section with nothing in it is left out."""
    bounded = [
        row for row in rows if row.state == "active" and within_bounds(by, row.says.placed, row.id)
    ]
    found = [
        _section("returned", "退回给我的", _revisions(session, _returned_to(by)), urgent=True),
        _section(
            "overtaken", "我提交后又有了新版本", _revisions(session, _overtaken(by)), urgent=True
        ),
    ]
    if may(by, Action.REVIEW):
        in_queue = _reviewable(session, by, handed_in_by_others(by))
        live = _reviewable(session, by, _to_check(by))
        found.append(_section("review", "等我审核", in_queue, urgent=True))
        found.append(_section("check", "已经生效，等我复核", live, urgent=True))
    if may(by, Action.EDIT):
        found.append(_feedback(session, by))
    if may(by, Action.NOTIFY):
        found.append(_section("mailings", "没有全部发出去的公告消息", _mailings(session, by)))
    if may(by, Action.PUBLISH):
        found.append(_section("schedules", "没有成功的排期发布", _schedules(session), urgent=True))
    found.append(_section("jobs", "没有成功的任务", _jobs(session, by), urgent=True))
    found.append(_section("copies", "还没有保存的内容", _copies(session, by)))
    found.append(_section("drafts", f"放了 {DRAFT_DAYS} 天以上的草稿", _drafts(rows, by, today)))
    found.append(_section("rounds", "进行中的核实轮次", _rounds(session, today)))
    found.append(_section("notices", "快要结束或已经结束的公告", _notices(bounded, by, today)))
    found.append(
        _section("numbers", f"{NUMBER_DAYS} 天没有确认的热线号码", _numbers(bounded, by, today))
    )
    found.append(_section("stale", "180 天没有确认的条目", _stale(bounded, by, today)))
    found.append(_section("calendar", "节假日", _calendar(session, today)))
    return [section for section in found if section.total]


def _section(key: str, title: str, items: Iterable[Item], *, urgent: bool = False) -> Section:
    every = list(items)
    return Section(key, title, every[:SHOWN], len(every), urgent)


def _count(column: Any, which: ColumnElement[bool]) -> Any:
    return select(func.count(column)).where(which).scalar_subquery()


def _newer(*which: Any) -> ColumnElement[bool]:
    newer = aliased(Revision)
    return exists().where(
        newer.listing_id == Revision.listing_id,
        newer.id > Revision.id,
        *(newer.author_id == account for account in which),
    )


def _active() -> ColumnElement[bool]:
    return exists().where(Listing.id == Revision.listing_id, Listing.state == "active")


def _returned_to(by: Member) -> ColumnElement[bool]:
    mine = (Revision.state == "returned") & (Revision.author_id == by.account_id)
    return mine & ~_newer() & _active()


def _overtaken(by: Member) -> ColumnElement[bool]:
    """Handed in by the person, then overtaken (by an emergency, say), and not taken up again.

    What was returned counts as long as nothing but what went live at once has overtaken it.
    """
    mine = Revision.author_id == by.account_id
    waits = (Revision.state == "submitted") | (Revision.state == "returned") & ~_newer_work()
    return mine & waits & _newer() & ~_newer(by.account_id) & _active()


def _newer_work() -> ColumnElement[bool]:
    """Something newer that did not go live at once: a draft, or what a reviewer approved."""
    newer = aliased(Revision)
    at_once = (newer.state == "approved") & (newer.decided_by == newer.author_id)
    return exists().where(
        newer.listing_id == Revision.listing_id,
        newer.id > Revision.id,
        ~func.coalesce(at_once, false()),
    )


def _to_check(by: Member) -> ColumnElement[bool]:
    others = func.coalesce(Revision.author_id, 0) != by.account_id
    return Revision.check_due & others & _active()


def _failed_of(by: Member) -> ColumnElement[bool]:
    recent = Job.finished_at > now() - timedelta(days=JOB_DAYS)
    return (Job.state == "failed") & (Job.created_by == by.account_id) & recent


def _revisions(session: AnySession, which: ColumnElement[bool]) -> Iterator[Item]:
    query = select(Revision).where(which).order_by(Revision.id).limit(200)
    for revision in session.scalars(query):
        told = revision.decision_note if revision.state == "returned" else revision.note
        name = str(revision.document.get("name", ""))
        told = f"退回原因：{told}" if revision.state == "returned" else told
        yield Item("listing", revision.listing_id, name, told)


def _schedules(session: AnySession) -> Iterator[Item]:
    query = select(ScheduledPublishing).where(unanswered()).order_by(ScheduledPublishing.at)
    for row in session.scalars(query):
        at = row.at.astimezone(SHANGHAI)
        yield Item("schedule", row.id, f"{at:%Y-%m-%d %H:%M} 的发布", row.message)


def _reviewable(session: AnySession, by: Member, which: ColumnElement[bool]) -> Iterator[Item]:
    for revision in session.scalars(select(Revision).where(which).order_by(Revision.id)):
        if within_reach(session, by, revision):
            name = str(revision.document.get("name", ""))
            yield Item("review", revision.id, name, revision.note)


def _jobs(session: AnySession, by: Member) -> Iterator[Item]:
    for job in session.scalars(select(Job).where(_failed_of(by)).order_by(Job.id.desc())):
        yield Item("job", job.id, job.title, job.message)


def _feedback(session: AnySession, by: Member) -> Section:
    found = feedback.listed(session, by, feedback.Filters())
    items = [
        Item("feedback", one.id, one.name, one.text[:60] + "…" * (len(one.text) > 60))
        for one in found.lines[:SHOWN]
    ]
    return Section("feedback", "等我答复的反馈", items, found.total, urgent=True)


def _mailings(session: AnySession, by: Member) -> Iterator[Item]:
    for id_, name, failed in mailings.troubled(session, by):
        yield Item("mailing", id_, name, f"{failed} 人没有发到")


def _copies(session: AnySession, by: Member) -> Iterator[Item]:
    query = select(WorkingCopy).where(WorkingCopy.account_id == by.account_id)
    for copy in session.scalars(query.order_by(WorkingCopy.saved_at)):
        name = str(copy.fields.get("name") or "（还没有名称）")
        at = copy.saved_at.astimezone(SHANGHAI)
        kind = "edit" if copy.listing_id else f"new:{copy.type}"
        yield Item(kind, copy.listing_id or 0, name, f"{at:%m-%d %H:%M} 自动留存")


def _drafts(rows: Iterable[Row], by: Member, today: date) -> Iterator[Item]:
    for row in rows:
        mine = row.newest_state == "draft" and row.says.author_id == by.account_id
        if mine and row.state == "active":
            days = (today - row.says.said_on).days
            if days > DRAFT_DAYS:
                yield Item("edit", row.id, row.says.name, f"{days} 天前保存，还没有提交")


def _rounds(session: AnySession, today: date) -> Iterator[Item]:
    query = select(VerificationRound).where(VerificationRound.closed_at.is_(None))
    for each in session.scalars(query.order_by(VerificationRound.due_on)):
        days = (each.due_on - today).days
        left = f"还有 {days} 天" if days > 0 else "今天到期" if days == 0 else f"已过期 {-days} 天"
        yield Item("round", each.id, each.title, f"{len(each.listings)} 条，{left}")


def _notices(rows: Iterable[Row], by: Member, today: date) -> Iterator[Item]:
    if not may(by, EDITED_BY["notice"]):
        return
    for row in rows:
        if row.type == "notice" and row.approved and row.approved.end:
            days = (row.approved.end.astimezone(SHANGHAI).date() - today).days
            if days <= ENDING_DAYS:
                told = f"{days} 天后结束" if days > 0 else "今天结束" if days == 0 else "已经结束"
                yield Item("notice", row.id, row.says.name, told)


def _numbers(rows: Iterable[Row], by: Member, today: date) -> Iterator[Item]:
    if not may(by, EDITED_BY["hotline"]):
        return
    for row in rows:
        if row.type != "hotline" or row.approved is None or row.newest_state == "submitted":
            continue
        on = row.approved.number_confirmed_on
        if on is None or (today - on).days > NUMBER_DAYS:
            told = f"上次确认 {on}" if on else "号码还没有确认过"
            yield Item("confirm", row.id, row.says.name, f"{row.approved.number}，{told}")


def _stale(rows: Iterable[Row], by: Member, today: date) -> Iterator[Item]:
    for row in rows:
        if row.type in ("hotline", "notice") or not may(by, EDITED_BY[row.type]):
            continue
        if row.is_stale(today):
            yield Item("confirm", row.id, row.says.name, f"上次确认 {row.assured_on}")


def _calendar(session: AnySession, today: date) -> Iterator[Item]:
    if (today.month, today.day) < CALENDAR_DUE:
        return
    year = today.year + 1
    known = session.scalar(
        select(func.count())
        .select_from(CalendarDayRow)
        .where(
            CalendarDayRow.kind == "holiday",
            CalendarDayRow.date.between(date(year, 1, 1), date(year, 12, 31)),
        )
    )
    if not known:
        yield Item(
            "calendar", year, f"还没有 {year} 年的节假日", "请管理员导入国务院公布的放假安排"
        )
