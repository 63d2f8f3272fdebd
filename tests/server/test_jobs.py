"""Is every job done, once in effect, whatever happens to those who do it?"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from config.settings import Settings
from server import job_queue, jobs
from server.db import db, now
from server.models import CalendarDayRow, Job
from tests import services

Work = Any


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(jobs, "KINDS", {})
    monkeypatch.setattr(jobs, "SHOWN_EVERY", 0.01)
    yield
    jobs._STOPPING.clear()


def ask(work: Work, **parameters: Any) -> int:
    jobs.kind("test")(work)
    job = jobs.enqueue(db.session, "test", "试一试", parameters, None)
    db.session.commit()
    return job.id


def row(job_id: int) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, job_id)


def age(job_id: int, seconds: float) -> None:
    """Let a running job have been silent for a while."""
    db.session.rollback()
    beat = now() - timedelta(seconds=seconds)
    db.session.execute(update(Job).where(Job.id == job_id).values(beat_at=beat))
    db.session.commit()


def test_is_what_a_job_was_told_what_its_work_gets(app: Flask) -> None:
    id_ = ask(lambda job: {"sum": sum(job.parameters["numbers"])}, numbers=[1, 2])
    assert row(id_).state == "waiting"
    assert jobs.run_waiting(app) == 1
    done = row(id_)
    assert (done.state, done.result, done.attempts) == ("done", {"sum": 3}, 1)
    assert done.started_at is not None
    assert done.finished_at is not None
    assert jobs.run(id_) is False


def test_is_a_job_of_an_unknown_kind_refused_at_once_and_told_later(app: Flask) -> None:
    with pytest.raises(KeyError):
        jobs.enqueue(db.session, "nobody.does.this", "", {}, None)
    id_ = ask(lambda job: {})
    jobs.KINDS.clear()
    jobs.run_waiting(app)
    assert row(id_).state == "failed"
    assert "不会做这种任务" in row(id_).message


def test_why_did_it_fail(app: Flask) -> None:
    def refuses(job: jobs.Running) -> dict[str, Any]:
        raise jobs.Failed("表里没有名称这一列")

    def breaks(job: jobs.Running) -> dict[str, Any]:
        return {"x": 1 / 0}

    for work, told in ((refuses, "表里没有名称这一列"), (breaks, jobs.OUR_FAULT)):
        id_ = ask(work)
        jobs.run_waiting(app)
        assert (row(id_).state, row(id_).message) == ("failed", told)
        assert row(id_).finished_at is not None


def test_is_nothing_kept_of_a_job_that_fails(app: Flask) -> None:
    def half(job: jobs.Running) -> dict[str, Any]:
        db.session.add(CalendarDayRow(date=now().date(), kind="holiday", name="x"))
        db.session.flush()
        raise jobs.Failed("不行")

    ask(half)
    jobs.run_waiting(app)
    assert db.session.scalars(select(CalendarDayRow)).all() == []


def test_is_progress_seen_while_it_runs(app: Flask) -> None:
    seen: list[tuple[int, int, str]] = []

    def slow(job: jobs.Running) -> dict[str, Any]:
        job.step(3, 10, "第 3 行")
        for _ in range(500):
            there = row(job.id)
            if there.done:
                seen.append((there.done, there.total, there.message))
                break
            threading.Event().wait(0.01)
        return {}

    id_ = ask(slow)
    jobs.run_waiting(app)
    assert seen == [(3, 10, "第 3 行")]
    assert row(id_).state == "done"


def test_does_a_long_transaction_of_the_work_do_no_harm(app: Flask) -> None:
    def writes(job: jobs.Running) -> dict[str, Any]:
        db.session.add(CalendarDayRow(date=now().date(), kind="holiday", name="x"))
        db.session.flush()
        for done in range(5):
            job.step(done, 5)
            threading.Event().wait(0.02)
        job.finish(db.session, {"rows": 1})
        db.session.commit()
        return {"rows": 2}

    id_ = ask(writes)
    jobs.run_waiting(app)
    assert (row(id_).state, row(id_).result) == ("done", {"rows": 1})


def test_do_two_who_reach_for_a_job_run_it_once(app: Flask) -> None:
    runs: list[int] = []
    start = threading.Barrier(4)
    id_ = ask(lambda job: runs.append(job.id) or {})

    def reach() -> None:
        with app.app_context():
            start.wait()
            jobs.run(id_)

    threads = [threading.Thread(target=reach) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [id_]


def test_is_a_dead_run_started_again_and_at_last_given_up(app: Flask) -> None:
    id_ = ask(lambda job: {"attempt": job.attempt})
    for attempt in range(1, jobs.ATTEMPTS + 1):
        assert jobs._claim(id_) is not None  # a run that is killed at once
        assert jobs.take_back() == []
        age(id_, 31)
        assert jobs.take_back() == ([id_] if attempt < jobs.ATTEMPTS else [])
    assert (row(id_).state, row(id_).message) == ("failed", jobs.GIVEN_UP)
    assert jobs.run_waiting(app) == 0


def test_can_a_run_that_was_taken_for_dead_no_longer_write(app: Flask) -> None:
    id_ = ask(lambda job: {"attempt": job.attempt})
    late = jobs._claim(id_)
    assert late is not None
    age(id_, 31)
    jobs.take_back()
    assert jobs.run(id_)
    with pytest.raises(jobs.Interrupted):
        late.finish(db.session, {"late": True})
    db.session.rollback()
    assert row(id_).result == {"attempt": 2}


def test_does_cancelling_stop_a_run_at_its_next_step(app: Flask) -> None:
    reached: list[str] = []

    def endless(job: jobs.Running) -> dict[str, Any]:
        jobs.cancel(db.session, job.id)
        db.session.commit()
        for done in range(1000):
            job.step(done, 0)
            threading.Event().wait(0.01)
        reached.append("end")
        return {}

    id_ = ask(endless)
    jobs.run_waiting(app)
    assert reached == []
    assert row(id_).state == "cancelled"
    assert jobs.cancel(db.session, id_) is False


def test_does_a_job_wait_again_when_its_consumer_stops(app: Flask) -> None:
    def stopped(job: jobs.Running) -> dict[str, Any]:
        jobs.stop_running()
        job.step(1, 2)
        return {}

    id_ = ask(stopped)
    jobs.run(id_)
    assert (row(id_).state, row(id_).attempts) == ("waiting", 0)


def test_is_a_database_that_is_away_for_a_while_waited_for(app: Flask) -> None:
    def away(job: jobs.Running) -> dict[str, Any]:
        if job.attempt < 2:
            raise OperationalError("SELECT 1", {}, Exception("database is locked"))
        return {"attempt": job.attempt}

    id_ = ask(away)
    jobs.run_waiting(app)
    assert (row(id_).state, row(id_).result) == ("done", {"attempt": 2})


def deliver(queue: job_queue.JobQueue) -> None:
    """Take one message out and do what it says, as a consumer does."""
    huey = queue._huey
    huey.execute(huey.dequeue())


def test_does_the_news_of_a_job_reach_a_consumer(app: Flask) -> None:
    id_ = ask(lambda job: {})
    jobs.send(id_)
    jobs.send(id_)
    assert len(jobs.queue()) == 2
    deliver(jobs.queue())
    deliver(jobs.queue())
    assert (row(id_).state, row(id_).attempts) == ("done", 1)


def test_is_a_job_waiting_safely_when_it_can_not_be_sent(
    bare_app: Flask, settings: Settings
) -> None:
    db.create_all()
    nobody = f"redis://127.0.0.1:{services.free_port()}/0"
    away = settings.model_copy(update={"jobs_url": SecretStr(nobody)})
    bare_app.extensions["settings"] = away
    id_ = ask(lambda job: {})
    jobs.send(id_)
    assert jobs.waiting() == [id_]


def test_does_the_queue_work_on_redis_and_trust_no_message_that_is_not_ours(
    tmp_path: Any, redis_server: services.RedisServer
) -> None:
    ran: list[int] = []
    settings = Settings(_env_file=None, instance=tmp_path, jobs_url=SecretStr(redis_server.url))
    queue = job_queue.open_(settings, ran.append)
    queue._huey.flush()
    queue.enqueue(7)
    assert len(queue) == 1
    deliver(queue)
    assert ran == [7]
    other = Settings(
        _env_file=None, instance=tmp_path, jobs_url=settings.jobs_url, secret_key="another" * 5
    )
    job_queue.open_(other, ran.append).enqueue(8)
    with pytest.raises(ValueError, match="mismatch"):
        deliver(queue)
    assert ran == [7]
