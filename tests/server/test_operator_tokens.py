"""Do operators' tokens let in just whom they should, whatever becomes of the database?"""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from server import operators as module
from server.db import db, start_writing
from server.models import OperatorToken
from server.operator_cli import operators as commands
from server.operators import CannotChange, TokenBook, TokensUnknown, add_token, revoke_token

BUS = "淄博市公共交通有限公司"


class Clock:
    """Stands in for the monotonic clock."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def book(app: Flask, clock: Clock) -> TokenBook:
    return TokenBook(app)


def new_token(*arguments: Any) -> tuple[int, str]:
    token, text = add_token(*arguments)
    id_ = token.id
    db.session.commit()
    return id_, text


def revoke(id_: int) -> None:
    start_writing(db.session)
    revoke_token(id_)
    db.session.commit()


def settle() -> None:
    """Wait for what the book does aside."""
    for thread in threading.enumerate():
        if thread.name == "operator-tokens":
            thread.join(10)


def counted(app: Flask) -> list[str]:
    """Grows with each statement that the database is sent."""
    statements: list[str] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]), named=False
    )
    return statements


@pytest.fixture
def away(app: Flask) -> Callable[[bool], None]:
    """Takes the database away and gives it back."""
    state = {"away": False}

    def fail(*_: object) -> None:
        if state["away"]:
            raise OperationalError("connect", {}, Exception("gone"))

    event.listen(db.engine, "engine_connect", fail)

    def switch(away: bool) -> None:
        state["away"] = away

    return switch


def test_a_token_is_random_and_kept_as_a_hash(app: Flask) -> None:
    _, one = new_token(BUS)
    _, other = new_token(BUS)
    assert one != other
    assert len(one) > 40
    rows = db.session.scalars(select(OperatorToken)).all()
    for row in rows:
        assert re.fullmatch("[0-9a-f]{64}", row.sha256)
        assert one not in repr(vars(row))
        assert row.routes is None


def test_only_its_own_token_opens(book: TokenBook) -> None:
    id_, text = new_token(BUS)
    _, limited = new_token("旅游公司", [103, 101, 101])
    found = book.operator(text)
    assert found is not None
    assert (found.token_id, found.name, found.routes) == (id_, BUS, None)
    assert found.may_speak_for(5, BUS)
    assert not found.may_speak_for(5, "旅游公司")
    found = book.operator(limited)
    assert found is not None
    assert found.routes == frozenset({101, 103})
    assert found.may_speak_for(101, BUS)
    assert not found.may_speak_for(5, "旅游公司")
    for wrong in ("", "x", text[:-1], text + "x", text.upper(), "令牌"):
        assert book.operator(wrong) is None


def test_a_new_token_works_within_a_second(book: TokenBook, clock: Clock) -> None:
    assert book.operator("x") is None
    _, text = new_token(BUS)
    clock.now += 1.1
    assert book.operator(text)


def test_a_revoked_token_is_refused_within_thirty_seconds(book: TokenBook, clock: Clock) -> None:
    id_, text = new_token(BUS)
    assert book.operator(text)
    settle()
    revoke(id_)
    for _ in range(30):
        clock.now += 1
        book.operator(text)
        settle()
    assert book.operator(text) is None


def test_a_revoked_token_is_refused_after_a_quiet_time(book: TokenBook, clock: Clock) -> None:
    id_, text = new_token(BUS)
    assert book.operator(text)
    settle()
    revoke(id_)
    clock.now += 31
    assert book.operator(text) is None


def test_reports_and_guesses_do_not_ask_the_database(
    app: Flask, book: TokenBook, clock: Clock
) -> None:
    _, text = new_token(BUS)
    assert book.operator(text)
    settle()
    statements = counted(app)
    for n in range(200):
        assert book.operator(text)
        assert book.operator(f"guess{n}") is None
    assert statements == []
    clock.now += 1.1
    for n in range(200):
        assert book.operator(f"guess{n}") is None
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_use_is_noted_once_an_hour(app: Flask, book: TokenBook, clock: Clock) -> None:
    id_, text = new_token(BUS)

    def noted() -> Any:
        settle()
        db.session.rollback()  # or SQLite would go on showing what it showed before
        token = db.session.get(OperatorToken, id_)
        assert token is not None
        return token.last_used_at

    assert noted() is None
    book.operator(text)
    first = noted()
    assert first is not None
    clock.now += 3000
    book.operator(text)
    assert noted() == first
    clock.now += 700
    book.operator(text)
    assert noted() > first


def test_while_the_database_is_away_known_tokens_work(
    book: TokenBook, clock: Clock, away: Callable[[bool], None]
) -> None:
    _, text = new_token(BUS)
    _, later = new_token(BUS)
    db.session.remove()
    assert book.operator(text)
    settle()
    away(True)
    for _ in range(8):
        clock.now += 15
        assert book.operator(text)
        settle()
        with pytest.raises(TokensUnknown):
            book.operator("never seen")
    away(False)
    clock.now += 31
    assert book.operator(later)
    settle()
    assert book.operator("never seen") is None


def test_a_book_that_never_saw_the_database_knows_nothing(
    book: TokenBook, clock: Clock, away: Callable[[bool], None]
) -> None:
    _, text = new_token(BUS)
    db.session.remove()
    away(True)
    with pytest.raises(TokensUnknown):
        book.operator(text)
    away(False)
    with pytest.raises(TokensUnknown):
        book.operator(text)  # it was away a moment ago
    clock.now += 11
    assert book.operator(text)


@pytest.mark.parametrize(("name", "routes"), [("", None), ("  ", None), ("长" * 61, None)])
def test_what_cannot_be_an_operator_is_refused(app: Flask, name: str, routes: None) -> None:
    with pytest.raises(CannotChange):
        add_token(name, routes)


def test_the_commands_make_list_and_revoke(app: Flask) -> None:
    app.cli.add_command(commands)
    run = app.test_cli_runner().invoke

    def said(*arguments: str, code: int = 0) -> str:
        done = run(args=["operator", *arguments])
        db.session.remove()  # as if each were a process of its own
        assert done.exit_code == code, done.output
        return str(done.output)

    assert "还没有" in said("list")
    made = said("add", BUS)
    (text,) = re.findall(r"tongyou_[\w-]{43}", made)
    assert "只显示这一次" in made
    assert "线路 101、103" in said("add", "旅游公司", "--routes", "103，101")
    listed = said("list")
    assert text not in listed
    assert BUS in listed
    assert "从未使用" in listed
    book = TokenBook(app)
    assert book.operator(text)
    settle()
    assert "已吊销" in said("revoke", "1")
    assert "早已吊销" in said("revoke", "1", code=1)
    assert "没有编号为 9" in said("revoke", "9", code=1)
    assert "线路编号有误" in said("add", BUS, "--routes", "1,x", code=1)
    assert "线路编号应为" in said("add", BUS, "--routes", "0", code=1)
    assert "名称" in said("add", " ", code=1)
    assert re.search("已于 .* 吊销", said("list"))
    assert TokenBook(app).operator(text) is None
