"""Is every unit reminded of what it owes, once, and does the office learn when it was not?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from geo.opening import SHANGHAI
from server import accounts
from server.db import db
from server.ledger import closings, group_robot, reminders
from server.ledger.reminder_words import digests
from server.ledger.reminders import offset, remind
from server.models import AuditEvent, LedgerReminder
from server.revisions import writing
from tests.server.ledger import robot as robots
from tests.server.ledger.desk import BUREAU, OFFICE_HEAD, PROGRAMME, SCHOOLS, accept, hand_in
from tests.server.ledger.robot import KEY, Robot

Q1 = PROGRAMME.period("2023Q1")
WEEK_BEFORE = datetime(2023, 3, 24, 8, tzinfo=SHANGHAI)
DAY_AFTER = datetime(2023, 4, 1, 8, tzinfo=SHANGHAI)


@pytest.fixture
def robot() -> Iterator[Robot]:
    with robots.running() as standing:
        yield standing


def rows(channel: str = "inbox", unit: str | None = None) -> list[LedgerReminder]:
    db.session.rollback()
    query = select(LedgerReminder).where(LedgerReminder.channel == channel)
    found = db.session.scalars(query.order_by(LedgerReminder.id)).all()
    return [row for row in found if unit in (None, row.unit)]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(15, None), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 1), (-1, -1), (-6, -1), (-7, -7),
     (-14, -14), (-21, -14), (-22, None), (-900, None)],
)  # fmt: skip
def test_which_reminder_has_its_turn(days: int, expected: int | None) -> None:
    assert offset(days) == expected


def test_is_each_unit_reminded_once_of_what_is_missing_alone(app: Flask) -> None:
    hand_in(SCHOOLS)
    for _ in range(2):
        remind([PROGRAMME], None, WEEK_BEFORE)
    assert len(rows()) == len(PROGRAMME.units)
    (row,) = rows(unit=BUREAU)
    assert (row.days, row.period) == (7, "2023Q1")
    assert row.missing == [4, 7], "action 1 is handed in"
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "reminder.made")).all()
    assert len(told) == 1
    remind([PROGRAMME], None, DAY_AFTER)
    assert [row.days for row in rows(unit=BUREAU)] == [7, -1]


def test_is_nobody_reminded_of_a_closed_quarter_or_one_far_away(app: Flask) -> None:
    remind([PROGRAMME], None, datetime(2023, 1, 5, tzinfo=SHANGHAI))
    with writing(db.session):
        closings.close(db.session, OFFICE_HEAD, Q1)
    remind([PROGRAMME], None, WEEK_BEFORE)
    assert rows() == []


def test_is_the_group_told_and_told_once(app: Flask, robot: Robot) -> None:
    for minutes in (0, 5, 30):
        remind([PROGRAMME], robot.url, WEEK_BEFORE + timedelta(minutes=minutes))
    (said,) = robot.said
    assert "2023 年第一季度" in said
    assert "还有 7 天截止" in said
    assert f"> {BUREAU}：第 1、4、7 项" in said
    assert {row.failure for row in rows("webhook")} == {""}


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [(93000, "地址无效"), (45009, "太快"), (40001, "代码 40001"), ("html", "看不懂"),
     ("list", "看不懂"), ("elsewhere", "看不懂"), ("slow", "没有及时回答")],
)  # fmt: skip
def test_is_a_failure_entered_and_tried_again(
    app: Flask,
    robot: Robot,
    behaviour: int | str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(group_robot, "SECONDS", 0.3)
    robot.behaviour = behaviour
    remind([PROGRAMME], robot.url, WEEK_BEFORE)
    failed = reminders.failures(db.session, PROGRAMME)
    assert len(failed) == len(PROGRAMME.units)
    assert said in failed[0].failure
    told = "".join(capfd.readouterr())
    assert KEY not in told + "".join(row.failure for row in failed)
    robot.behaviour = 0
    robot.said.clear()
    remind([PROGRAMME], robot.url, WEEK_BEFORE + timedelta(minutes=5))
    assert robot.said == [], "not at once"
    remind([PROGRAMME], robot.url, WEEK_BEFORE + timedelta(minutes=16))
    assert len(robot.said) == 1
    assert reminders.failures(db.session, PROGRAMME) == []


def test_is_a_robot_that_is_away_no_error(app: Flask, robot: Robot) -> None:
    robot.server.server_close()
    remind([PROGRAMME], robot.url, WEEK_BEFORE)
    assert "连不上" in reminders.failures(db.session, PROGRAMME)[0].failure


def test_what_was_being_sent_when_its_consumer_died_is_sent(
    app: Flask, robot: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Death(BaseException):
        pass

    def die(*_: object) -> None:
        raise Death

    with monkeypatch.context() as patched:
        patched.setattr(group_robot, "send", die)
        with pytest.raises(Death):
            remind([PROGRAMME], robot.url, WEEK_BEFORE)
    hand_in(SCHOOLS)
    remind([PROGRAMME], robot.url, WEEK_BEFORE + timedelta(minutes=20))
    (said,) = robot.said
    assert f"> {BUREAU}：第 4、7 项" in said, "what was handed in meanwhile is not asked for"


def test_do_two_consumers_remind_once(app: Flask, robot: Robot) -> None:
    def consume(_: int) -> None:
        with app.app_context():
            remind([PROGRAMME], robot.url, WEEK_BEFORE)

    with ThreadPoolExecutor(4) as consumers:
        list(consumers.map(consume, range(4)))
    assert len(robot.said) == 1
    assert len(rows()) == len(rows("webhook")) == len(PROGRAMME.units)


def test_which_units_can_nobody_be_reached_for(app: Flask) -> None:
    for login, role, unit in (("a", "reporter", BUREAU), ("b", "leader", None)):
        account, _ = accounts.create_account(login, role, login)
        account.unit = unit
    invited = accounts.add_account("c", "reporter", "c")
    invited.unit = "市妇联"
    db.session.commit()
    alone = reminders.unreachable(db.session, PROGRAMME.units)
    assert BUREAU not in alone
    assert "市妇联" in alone, "who was invited has not come yet"
    assert len(alone) == len(PROGRAMME.units) - 1


def test_is_what_was_accepted_missing_no_more(app: Flask) -> None:
    hand_in(SCHOOLS)
    accept(SCHOOLS)
    owing = reminders.missing(db.session, PROGRAMME, Q1, DAY_AFTER.date())
    assert (BUREAU, (4, 7)) in owing


def test_are_long_messages_told_in_parts() -> None:
    units = [f"{unit}第{n}处" for n in range(9) for unit in PROGRAMME.units]
    owing = [reminders.Missing(unit, (1, 2)) for unit in units]
    parts = list(digests(PROGRAMME, Q1, 7, owing))
    assert len(parts) > 1
    assert all(len(text.encode()) <= group_robot.LONGEST for text, _ in parts)
    assert [unit for _, named in parts for unit in named] == units
    assert all("2023 年第一季度" in text for text, _ in parts)
