"""Can what was done be found again, and does the chain's state show?"""

import ast
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from config.settings import ROOT
from server import audit
from server.audit_search import PAGE
from server.db import db
from server.staff import audit_words
from tests.server.pages import Page
from tests.server.staff.people import Person, somebody


@pytest.fixture
def reader(console: Flask) -> Person:
    return somebody(console, "publisher")


def record(app: Flask, *events: tuple[str, str, int | None, dict[str, object]]) -> None:
    with app.app_context():
        for actor, action, listing, detail in events:
            audit.record(db.session, actor, action, "listing" if listing else "", listing, detail)
        db.session.commit()


def rows(person: Person, query: str = "") -> list[str]:
    """What is done in the rows that are shown, as the page has it."""
    answer = person.get(f"/staff/audit{query}")
    assert answer.status_code == 200, answer.text
    page = Page(answer.text.partition("<tbody>")[2].partition("</tbody>")[0])
    numbers = [e["title"] for e in page.all("span") if (e.get("title") or "").startswith("摘要")]
    return [page.text] if numbers else []


def shown(person: Person, query: str = "") -> str:
    return " ".join(rows(person, query))


def test_is_every_event_told_in_chinese_and_an_unknown_one_as_it_is(
    console: Flask, reader: Person
) -> None:
    record(
        console,
        ("cli", "revision.approved", 7, {"name": "甲<b>馆", "revision": 12}),
        ("system", "something.new", None, {"strange": [1, 2], "empty": None}),
    )
    answer = reader.get("/staff/audit")
    assert "<b>" not in answer.text
    told = Page(answer.text).text
    assert "命令行 审核通过" in told
    assert "名称：甲<b>馆；版本：12" in told
    assert "系统 something.new" in told
    assert "strange：1、2" in told
    assert "empty" not in told
    assert "publisher 登录" in told


def test_are_events_found_by_what_is_asked(console: Flask, reader: Person) -> None:
    record(
        console,
        ("cli", "revision.saved", 7, {"name": "陶瓷馆"}),
        ("system", "revision.saved", 8, {"name": "100%_\\馆"}),
        ("cli", "revision.returned", 8, {"reason": "Photo 太暗"}),
    )
    for query, found, not_found in (
        ("?person=system", "100%", "陶瓷馆"),
        ("?action=revision.returned", "太暗", "陶瓷馆"),
        ("?listing=7", "陶瓷馆", "太暗"),
        ("?text=陶瓷", "陶瓷馆", "太暗"),
        ("?text=PHOTO", "太暗", "陶瓷馆"),
        ("?text=100%25_%5C", "100%", "陶瓷馆"),
        ("?text=publisher", "登录", "陶瓷馆"),
        ("?listing=8&person=cli", "太暗", "100%"),
    ):
        told = shown(reader, query)
        assert found in told, query
        assert not_found not in told, query
    assert shown(reader, "?text=%25") == shown(reader, "?text=100%25_")
    assert shown(reader, "?text=没有这样的") == ""


def test_are_days_those_of_the_city(console: Flask, reader: Person) -> None:
    with console.app_context():
        event = audit.record(db.session, "cli", "late", detail={})
        db.session.rollback()
    assert event.action == "late"
    record(console, ("cli", "today", None, {}))
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    day = timedelta(days=1)
    assert "today" in shown(reader, f"?since={today}&until={today}")
    assert shown(reader, f"?since={today + day}") == ""
    assert shown(reader, f"?until={today - day}") == ""
    assert "today" in shown(reader, "?until=9999-12-31")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=yesterday", "日期应写作"),
        ("until=2026-13-01", "日期应写作"),
        ("listing=abc", "条目编号应为数字"),
        ("listing=99999999999999999999", "条目编号应为数字"),
        ("before=x", "页码有误"),
        ("since=2026-11-02&until=2026-11-01", "起始日期在截止日期之后"),
    ],
)
def test_is_a_question_that_makes_no_sense_told(reader: Person, query: str, said: str) -> None:
    answer = reader.get(f"/staff/audit?{query}")
    assert (answer.status_code, said in answer.text) == (400, True)


def test_do_the_pages_end_where_the_events_do(console: Flask, reader: Person) -> None:
    record(console, *[("cli", "counted", None, {"n": n}) for n in range(2 * PAGE)])

    def walk(query: str) -> list[int]:
        sizes, path = [], f"/staff/audit?{query}"
        while path:
            page = Page(reader.get(path).text)
            sizes.append(sum((e.get("title") or "").startswith("摘要") for e in page.all("span")))
            older = [link for link in page.links if "before=" in link]
            path = older[0] if older else ""
        return sizes

    assert walk("action=counted") == [PAGE, PAGE]
    with console.app_context():
        others = audit.head(db.session).number - 2 * PAGE
    assert walk("") == [PAGE, PAGE, others]
    assert walk("action=nothing") == [0]


def test_is_the_chain_checked_when_asked(console: Flask, reader: Person) -> None:
    record(console, ("cli", "a", None, {}), ("cli", "b", None, {}))
    with console.app_context():
        head = audit.head(db.session)
    reader.post("/staff/audit/verify")
    told = Page(reader.get("/staff/audit").text).text
    assert f"到第 {head.number} 条为止完整" in told
    assert head.hash in told
    with console.app_context():
        db.session.execute(text("DROP TRIGGER audit_event_unchanged"))
        db.session.execute(text("UPDATE audit_event SET actor = 'admin' WHERE id = 2"))
        db.session.commit()
    reader.post("/staff/audit/verify")
    assert "第 2 条被改动过" in Page(reader.get("/staff/audit").text).text


def test_does_the_command_say_the_head_and_fail_when_broken(console: Flask) -> None:
    record(console, ("cli", "a", None, {}), ("cli", "b", None, {}))
    with console.app_context():
        last = audit.head(db.session).number
    run = console.test_cli_runner().invoke
    done = run(args=["audit", "verify"])
    assert (done.exit_code, f"到第 {last} 条为止完整" in done.output) == (0, True)
    noted = done.output.strip().rpartition("：")[2]
    assert run(args=["audit", "verify", "--expect", noted]).exit_code == 0
    assert run(args=["audit", "verify", "--expect", noted[:12]]).exit_code == 0
    assert run(args=["audit", "verify", "--expect", f"{last}:" + "0" * 64]).exit_code == 1
    assert run(args=["audit", "verify", "--expect", "nonsense"]).exit_code == 1
    with console.app_context():
        db.session.execute(text("DROP TRIGGER audit_event_kept"))
        db.session.execute(text(f"DELETE FROM audit_event WHERE id = {last}"))
        db.session.commit()
    assert run(args=["audit", "verify"]).exit_code == 0
    cut = run(args=["audit", "verify", "--expect", noted])
    assert (cut.exit_code, f"第 {last} 条及以后的被删去了" in cut.output) == (1, True)


def test_is_whoever_fails_to_sign_in_told_without_what_they_typed(console: Flask) -> None:
    somebody(console, "editor")
    client = console.test_client()
    from tests.server.staff.people import token

    for login in ("editor", "my-secret-password"):
        form = {"csrf_token": token(client), "login": login, "password": "geheim-geheim"}
        client.post("/staff/", data=form)
    told = shown(somebody(console, "publisher"), "?action=sign_in.refused")
    assert "登录名：editor" in told
    assert told.count("登录被拒") == 2
    assert "secret" not in told
    assert "geheim" not in told


RECORDING = frozenset({"record", "tell", "_tell", "_tell_of", "go_live"})
"""Functions that are given the name of an event."""


def recorded() -> set[str]:
    """The names of events that occur in the source."""
    found = set()
    for path in (ROOT / "server").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in RECORDING:
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                found |= {str(g.value) for g in given if isinstance(g, ast.Constant)}
    return {name for name in found if re.fullmatch(r"[a-z_]+\.[a-z_]+", name)}


def test_has_every_event_a_chinese_title_of_its_own() -> None:
    names = recorded()
    assert len(names) > 20
    assert names - set(audit_words.TITLES) == set()
    titles = list(audit_words.TITLES.values())
    assert len(titles) == len(set(titles))
