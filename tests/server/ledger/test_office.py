"""Does the office see who has reported what, what waits for it, and what is wrong?"""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event

from geo.calendar import Calendar, CalendarDay
from geo.opening import SHANGHAI
from server.db import db
from server.ledger import matrix, queue, reports, totals
from server.ledger.attention import Matter, attention
from server.ledger.cells import ReportKey
from server.ledger.comparing import compared, texts
from server.ledger.indicators import Year, expected, newest_begun, year
from server.ledger.matrix import Square
from server.ledger.seen import Seen
from server.ledger.states import Standing, Work
from server.ledger.working_days import working_day_after
from server.revisions import writing
from tests.server.ledger.desk import (
    BUSES,
    CITY,
    IN_TIME,
    LATE,
    PROGRAMME,
    SCHOOLS,
    TOWN,
    Clerk,
    accept,
    filled,
    form,
    hand_in,
    save,
    send_back,
)

APRIL = date(2023, 4, 20)
Q1, Q2 = PROGRAMME.periods[:2]
SCHOOLS_Q2 = SCHOOLS._replace(period="2023Q2")


def square(key: ReportKey, today: date = APRIL) -> Square:
    return next(s for s in matrix.squares(db.session, PROGRAMME, today) if s.key == key)


def _year() -> Year:
    return year(db.session, PROGRAMME, CITY)


def matters(today: date = APRIL, seen: dict[str, Seen] | None = None) -> list[Matter]:
    squares = matrix.squares(db.session, PROGRAMME, today)
    return attention(db.session, _year(), squares, seen or {}, Q1, today)


def test_does_the_matrix_hold_every_report_that_is_owed(app: Flask) -> None:
    squares = matrix.squares(db.session, PROGRAMME, APRIL)
    assert len(squares) == len(PROGRAMME.owed) * 4
    lines = matrix.lines(PROGRAMME, squares)
    assert [line.unit for line in lines] == list(PROGRAMME.units)
    assert all(len(line.quarters) == 4 and all(line.quarters) for line in lines)
    counts = matrix.tally(squares, "2023Q1")
    assert counts["all"] == counts["overdue"] == counts["not_started"] == len(PROGRAMME.owed)
    third = matrix.tally(squares, "2023Q3")
    assert (third["not_due"], third["late"]) == (len(PROGRAMME.owed), 0)


def test_does_a_square_tell_work_and_standing_apart(app: Flask) -> None:
    assert square(SCHOOLS)[2:5] == (Work.NOT_STARTED, Standing.OVERDUE, True)
    save(SCHOOLS, filled(SCHOOLS))
    assert square(SCHOOLS)[2:5] == (Work.DRAFT, Standing.OVERDUE, True)
    hand_in(SCHOOLS, at=LATE)
    assert square(SCHOOLS)[2:5] == (Work.SUBMITTED, Standing.FILED, True)
    send_back(SCHOOLS, c1_1="数字与上月调度不符")
    found = square(SCHOOLS)
    assert found[2:5] == (Work.RETURNED, Standing.FILED, True)
    assert (found.resubmit_by, found.resubmit_late) == (date(2023, 4, 10), True)
    assert square(SCHOOLS_Q2)[2:5] == (Work.NOT_STARTED, Standing.NOT_DUE, False)
    assert not square(SCHOOLS._replace(period="2023Q3")).begun


def test_does_the_matrix_cost_one_question(app: Flask) -> None:
    hand_in(SCHOOLS)
    hand_in(TOWN)
    asked: list[str] = []

    def note(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        matrix.squares(db.session, PROGRAMME, APRIL)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len([statement for statement in asked if "SELECT" in statement]) == 1
    assert "draft" not in asked[-1], "what is typed stays where it is"


def test_does_the_queue_serve_first_who_came_first(app: Flask) -> None:
    hand_in(TOWN, at=LATE)
    hand_in(SCHOOLS, at=IN_TIME)
    hand_in(BUSES, at=LATE + timedelta(hours=1))
    waiting = queue.queue(db.session)
    assert [one.key for one in waiting] == [SCHOOLS, TOWN, BUSES]
    assert [one.late for one in waiting] == [False, True, True]
    assert not any(one.sealed for one in waiting)
    following = [queue.after(waiting, key) for key in (SCHOOLS, BUSES)]
    assert [one.key for one in following if one] == [TOWN, SCHOOLS]
    accept(TOWN)
    send_back(BUSES, general="没有加盖公章")
    assert queue.waiting(db.session) == len(queue.queue(db.session)) == 1
    assert queue.after(queue.queue(db.session), SCHOOLS) is None


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [("2023-04-03", 5, "2023-04-11"), ("2023-04-21", 1, "2023-04-23"),
     ("2023-04-28", 1, "2023-05-04"), ("2031-04-04", 2, "2031-04-08")],
)  # fmt: skip
def test_which_day_is_so_many_working_days_away(day: str, count: int, expected: str) -> None:
    days = [("2023-04-05", "holiday", "清明节"), ("2023-04-23", "makeup_workday", "调休上班")]
    days += [
        (f"2023-{d}", "holiday", "劳动节") for d in ("04-29", "04-30", "05-01", "05-02", "05-03")
    ]
    calendar = Calendar([CalendarDay(date=d, kind=k, name=n) for d, k, n in days])  # type: ignore[arg-type]
    assert working_day_after(calendar, date.fromisoformat(day), count).isoformat() == expected


def test_how_much_is_expected_by_a_day() -> None:
    def at(code: str, day: date) -> Decimal | None:
        found = next(i for a in PROGRAMME.actions for i in a.indicators if i.code == code)
        return expected(found, day)

    assert at("1.4", date(2023, 12, 31)) == 7700
    assert at("1.4", date(2023, 3, 31)) == 1898, "7700 × 90 / 365, in whole ones"
    assert at("5.1", date(2023, 3, 31)) is None, "a rate does not begin at nothing"
    assert at("4.1", date(2023, 3, 31)) is None


def test_which_quarter_is_reported_on_now() -> None:
    assert newest_begun(PROGRAMME, date(2022, 12, 1)).code == "2023Q1"
    assert newest_begun(PROGRAMME, APRIL).code == "2023Q2"
    assert newest_begun(PROGRAMME, date(2026, 1, 1)).code == "2023Q4"


def test_does_an_indicator_grow_over_the_quarters(app: Flask) -> None:
    hand_in(SCHOOLS)
    accept(SCHOOLS)
    hand_in(SCHOOLS_Q2, filled(SCHOOLS_Q2, c1_1="29"), LATE)
    (progress,) = _year().of("1.1")
    assert [one.total.value for one in progress.quarters] == [7, 29]
    assert [one.waiting for one in progress.quarters] == [(), (SCHOOLS.unit,)]
    assert progress.reached
    assert not progress.is_behind(APRIL)
    first = progress.until(Q1)
    assert (first.value, first.reached) == (7, False)
    (alone,) = year(db.session, PROGRAMME, CITY, accepted=True).of("1.1")
    assert [one.total.value for one in alone.quarters] == [7], "what waits is not accepted"


def test_does_each_district_have_a_line_of_its_own(app: Flask) -> None:
    hand_in(ReportKey("市卫生健康委", 2, "2023Q1"))
    found = _year().of("2.2")
    assert len(found) == len([one for one in CITY.districts if one.parent is None])
    assert all(one.newest for one in found)


def test_what_needs_attention_and_what_comes_first(app: Flask) -> None:
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="3"))
    hand_in(TOWN)
    send_back(TOWN, progress="请写明做法")
    found = matters()
    assert [one.kind for one in found] == sorted(
        (one.kind for one in found), key=["overdue", "returned", "behind"].index
    )
    overdue = [one for one in found if one.kind == "overdue"]
    assert len(overdue) == len(PROGRAMME.owed) - 2
    assert overdue[0].detail == "已逾期 20 天"
    (returned,) = [one for one in found if one.kind == "returned"]
    assert returned.report == TOWN
    behind = {one.indicator for one in found if one.kind == "behind"}
    assert "1.1" in behind, "3 of 7.2"
    assert "1.4" not in behind


def test_is_a_fall_noticed(app: Flask) -> None:
    hand_in(SCHOOLS)
    hand_in(SCHOOLS_Q2, filled(SCHOOLS_Q2, c1_1={"value": "5", "reason": "两所验收未通过"}), LATE)
    squares = matrix.squares(db.session, PROGRAMME, APRIL)
    found = attention(db.session, _year(), squares, {}, Q2, APRIL)
    assert [(one.indicator, one.detail) for one in found if one.kind == "fell"] == [
        ("1.1", "7 → 5 所")
    ]


@pytest.mark.parametrize(("count", "flagged"), [(25, False), (24, True)])
def test_is_what_the_map_shows_held_against_it(app: Flask, count: int, flagged: bool) -> None:
    hand_in(TOWN)
    found = matters(seen={"3.2": Seen(count, 8), "4.2": Seen(0, 8)})
    said = [(one.indicator, one.detail) for one in found if one.kind == "map"]
    assert said == ([("3.2", "上报 25，地图上现有 24")] if flagged else [])


def test_are_totals_that_nobody_stands_for_told(app: Flask) -> None:
    for key in (TOWN, BUSES):
        hand_in(key, filled(key, c3_2={"not_ours": True}) if key == BUSES else None)
        accept(key)
    assert [one.detail for one in matters() if one.kind == "totals"] == [f"等{TOWN.unit}确认"]
    with writing(db.session):
        totals.confirm(db.session, Clerk("unit_head", TOWN.unit), PROGRAMME, 3, "2023Q1", CITY)
    assert [one for one in matters() if one.kind == "totals"] == []


def test_does_a_review_see_what_has_changed(app: Flask) -> None:
    hand_in(SCHOOLS)
    send_back(SCHOOLS, c1_1="数字与上月调度不符")
    made = hand_in(
        SCHOOLS, filled(SCHOOLS, c1_1="5", progress="已核实"), datetime(2023, 4, 4, tzinfo=SHANGHAI)
    )
    report = reports.find(db.session, SCHOOLS)
    assert report is not None
    first = reports.version(db.session, report, 1)
    assert first is not None
    now, former = reports.statement(made), reports.statement(first)
    rows = compared(form(1), now, former, now, {"1.1": Seen(4, 8)})
    assert [row.cell.key for row in rows if row.changed] == ["1.1"]
    assert [row.cell.key for row in rows if row.differs] == ["1.1"]
    assert not any(row.fell for row in rows)
    assert [text.title for text in texts(now, former, None) if text.changed] == ["进展情况"]
