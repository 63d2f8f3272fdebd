"""Does everybody see how their own work comes along, and administrators all of it?"""

from typing import Any

import pytest
from flask import Flask

from server import jobs
from server.db import db
from server.models import Job
from tests.server.staff.people import Person, somebody


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs.KINDS, "test", lambda job: {})


def ask(person: Person, title: str = "导入 <b>博山</b>.xlsx", **columns: Any) -> int:
    by = person.account_id
    with person.app.app_context():
        job = jobs.enqueue(db.session, "test", title, {}, by)
        for name, value in columns.items():
            setattr(job, name, value)
        db.session.commit()
        return job.id


def test_is_a_job_shown_to_who_asked_and_to_administrators(console: Flask) -> None:
    editor, other = somebody(console, "editor"), somebody(console, "editor", "other")
    boss = somebody(console, "administrator")
    id_ = ask(editor)
    for person, seen in ((editor, 200), (boss, 200), (other, 404)):
        assert person.get(f"/staff/jobs/{id_}").status_code == seen
        assert person.get(f"/staff/jobs/{id_}.json").status_code == seen
        page = person.get("/staff/jobs").text
        assert ("导入 &lt;b&gt;博山" in page) == (seen == 200)
        assert "<b>博山" not in page
    assert other.post(f"/staff/jobs/{id_}/cancel").status_code == 404
    assert editor.get("/staff/jobs/999").status_code == 404


def test_how_far_has_it_come(console: Flask) -> None:
    editor = somebody(console, "editor")
    id_ = ask(editor, state="running", done=30, total=120, message="第 30 行")
    page = editor.get(f"/staff/jobs/{id_}").text
    assert f'<progress data-job="{id_}" aria-label="进度" max="120" value="30">' in page
    assert "第 30 行（30/120）" in page
    assert 'http-equiv="refresh"' in page
    assert editor.get(f"/staff/jobs/{id_}.json").json == {
        "state": "running", "done": 30, "total": 120, "message": "第 30 行",
    }  # fmt: skip


def test_why_did_it_fail(console: Flask) -> None:
    editor = somebody(console, "editor")
    id_ = ask(editor, state="failed", message="第 3 行：<i>没有名称</i>")
    page = editor.get(f"/staff/jobs/{id_}").text
    assert "第 3 行：&lt;i&gt;没有名称" in page
    assert 'http-equiv="refresh"' not in page


def test_can_it_be_called_off(console: Flask) -> None:
    editor = somebody(console, "editor")
    id_ = ask(editor)
    for told in ("已取消。", "任务已经结束，没有可取消的。"):
        assert editor.post(f"/staff/jobs/{id_}/cancel").status_code == 303
        assert told in editor.get(f"/staff/jobs/{id_}").text
    assert jobs.run_waiting(console) == 0


def test_is_a_consumer_that_does_not_run_told(console: Flask) -> None:
    editor = somebody(console, "editor")
    id_ = ask(editor)
    assert "任务进程没有运行" in editor.get(f"/staff/jobs/{id_}").text
    assert "任务进程没有运行" in editor.get("/staff/jobs").text


def test_are_many_jobs_shown_page_by_page(console: Flask) -> None:
    editor = somebody(console, "editor")
    by = editor.account_id
    with console.app_context():
        db.session.add_all(
            Job(kind="test", title=f"任务{n:03}", state="done", created_by=by) for n in range(70)
        )
        db.session.commit()
    first = editor.get("/staff/jobs").text
    assert "任务069" in first
    assert "任务019" not in first
    assert "任务019" in editor.get("/staff/jobs?before=21").text
    assert editor.get("/staff/jobs?before=x").status_code == 200
