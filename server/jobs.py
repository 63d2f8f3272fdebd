"""Background work: people ask for it, a consumer does it, the ``job`` table tells how it stands.

Public names: ``kind``, ``periodic``, ``enqueue``, ``send``, ``cancel``, ``Running``, ``Failed``,
``Interrupted``; for the consumer ``run``, ``waiting``, ``take_back``, ``stop_running``,
``PERIODIC``; ``run_waiting`` for tests and the command line.

The table is the truth. What goes through Huey is the news that a row waits: news may be lost or
come twice. A run claims its row by one UPDATE, gives signs of life while it lasts, and writes its
end only if the row is still its own. A killed run is started again: work must be safe to run twice.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

import structlog
from flask import Flask, current_app
from sqlalchemy import CursorResult, Engine, Select, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from server import job_queue
from server.db import AnySession, db, now, start_writing
from server.models import Job

log = structlog.get_logger()

ATTEMPTS = 3
"""Runs that may die before the job is given up."""

DEAD_AFTER = timedelta(seconds=30)
"""Silence after which a run is taken for dead."""

BEAT = 5.0
"""Seconds between signs of life."""

SHOWN_EVERY = 0.5
"""Seconds between looks for progress to write down."""

OUR_FAULT = "出错了，是我们的问题，已经记录下来。"
DATABASE_AWAY = "数据库连不上，试了几次都没有成功。请稍后再试。"
GIVEN_UP = f"运行中断了 {ATTEMPTS} 次，已放弃。请联系管理员查看日志。"


class Failed(Exception):
    """The work can't be done; the message says why, in Chinese."""


class Interrupted(BaseException):
    """The run goes no further: it was cancelled, taken back, or the consumer stops.

    No ``Exception``, so that nothing on its way takes it for an error that can be mended.
    """


@dataclass
class Running:
    """One run of a job, as its work sees it."""

    id: int
    kind: str
    parameters: dict[str, Any]
    created_by: int | None
    attempt: int
    """From 1; what a former run has left behind is there still."""
    progress: tuple[int, int, str] | None = None
    lost: threading.Event = field(default_factory=threading.Event)

    def step(self, done: int, total: int, message: str = "") -> None:
        """Say how far it has come; written down by another thread, twice a second at most.

        Raises:
            Interrupted: stop here.
        """
        self.progress = (done, total, message)
        if self.lost.is_set() or _STOPPING.is_set():
            raise Interrupted

    def finish(self, session: AnySession, result: Mapping[str, Any]) -> None:
        """Enter the result in the transaction of what was done: both are there or neither.

        Raises:
            Interrupted: the job is this run's no more; let the transaction be rolled back.
        """
        if not _entered(session, self, state="done", result=dict(result), finished_at=now()):
            raise Interrupted


Work = Callable[[Running], dict[str, Any]]
Chore = Callable[[], None]
AnyWork = TypeVar("AnyWork", bound=Work)
AnyChore = TypeVar("AnyChore", bound=Chore)


class Periodic(NamedTuple):
    """Something done now and then, in an app context; two consumers may do it at once."""

    name: str
    minutes: float
    work: Chore


KINDS: dict[str, Work] = {}
PERIODIC: list[Periodic] = []

_STOPPING = threading.Event()


def kind(name: str) -> Callable[[AnyWork], AnyWork]:
    """Register the function that does jobs of a kind; what it returns is the job's result."""

    def register(work: AnyWork) -> AnyWork:
        KINDS[name] = work
        return work

    return register


def periodic(minutes: float) -> Callable[[AnyChore], AnyChore]:
    """Register something that a consumer does when it starts and every so many minutes."""

    def register(work: AnyChore) -> AnyChore:
        PERIODIC.append(Periodic(work.__name__, minutes, work))
        return work

    return register


# Asking


def enqueue(
    session: AnySession, kind: str, title: str, parameters: Mapping[str, Any], by: int | None
) -> Job:
    """Add a job to the session's transaction; after the commit, ``send`` it.

    Raises:
        KeyError: nothing does jobs of this kind.
    """
    KINDS[kind]
    job = Job(kind=kind, title=title[:200], parameters=dict(parameters), created_by=by)
    session.add(job)
    session.flush()
    return job


def send(job_id: int) -> None:
    """Tell a consumer at once. If that can't be done, it will find the row by itself."""
    try:
        queue().enqueue(job_id)
    except job_queue.NotSent as error:
        log.warning("job_not_sent", job=job_id, error=str(error))


def cancel(session: AnySession, job_id: int) -> bool:
    """End a job that is not over yet; a run of it stops at its next step."""
    open_ = update(Job).where(Job.id == job_id, Job.state.in_(("waiting", "running")))
    return _rows(session, open_.values(state="cancelled", finished_at=now())) == 1


def queue() -> job_queue.JobQueue:
    """The app's queue, opened when it is first wanted."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    found: job_queue.JobQueue | None = app.extensions.get("job_queue")
    if found is None:

        def run_in_app(job_id: int) -> None:
            with app.app_context():
                run(job_id)

        found = job_queue.open_(app.extensions["settings"], run_in_app)
        app.extensions["job_queue"] = found
    return found


# Running


def run(job_id: int) -> bool:
    """Run a job if it waits; whatever comes of it is entered in its row. In an app context."""
    running = _claim(job_id)
    if running is None:
        return False
    log.info("job_started", job=running.id, kind=running.kind, attempt=running.attempt)
    with _pulse(db.engine, running):
        end = _end(running)
    db.session.remove()
    if end:
        log.info("job_ended", job=running.id, state=end["state"])
        try:
            with _own_session(db.engine) as session:
                _entered(session, running, **end)
        except SQLAlchemyError:
            log.exception("job_end_not_entered", job=running.id)
    return True


def run_waiting(app: Flask) -> int:
    """Run all that waits, in this process; returns how many runs that took."""
    runs = 0
    with app.app_context():
        while ids := waiting():
            runs += sum(run(id_) for id_ in ids)
    return runs


def waiting() -> list[int]:
    """The jobs that wait, the oldest first."""
    return _ids(select(Job.id).where(Job.state == "waiting").order_by(Job.id))


def take_back() -> list[int]:
    """Let the jobs whose run has died wait again, and give up those that died too often.

    Returns those that wait again.
    """
    dead = (Job.state == "running", Job.beat_at < now() - DEAD_AFTER)
    if not _ids(select(Job.id).where(*dead).limit(1)):
        return []
    over: dict[str, Any] = {"state": "failed", "message": GIVEN_UP, "finished_at": now()}
    with _own_session(db.engine) as session:
        session.execute(update(Job).where(*dead, Job.attempts >= ATTEMPTS).values(**over))
        again = update(Job).where(*dead).values(state="waiting").returning(Job.id)
        taken = sorted(session.scalars(again))
    log.warning("jobs_taken_back", jobs=taken)
    return taken


def stop_running() -> None:
    """Let every run of this process end at its next step and wait for another consumer."""
    _STOPPING.set()


def _claim(job_id: int) -> Running | None:
    begun: dict[str, Any] = {"state": "running", "started_at": now(), "beat_at": now()}
    with _own_session(db.engine) as session:
        ours = update(Job).where(Job.id == job_id, Job.state == "waiting")
        if not _rows(session, ours.values(**begun, attempts=Job.attempts + 1, message="")):
            return None
        job = session.get_one(Job, job_id)
        return Running(job.id, job.kind, dict(job.parameters), job.created_by, job.attempts)


def _end(running: Running) -> dict[str, Any] | None:
    """Do the work; what is to be entered in the job's row, None if it is ours no more."""
    work = KINDS.get(running.kind, _nobody)
    try:
        return _over("done", result=work(running))
    except Failed as error:
        return _over("failed", message=str(error))
    except Interrupted:
        # A run that stopped of itself has not died: it doesn't count.
        stopped = {"state": "waiting", "attempts": running.attempt - 1}
        return None if running.lost.is_set() else stopped
    except OperationalError:
        log.exception("job_without_database", job=running.id, kind=running.kind)
        if running.attempt < ATTEMPTS:
            return {"state": "waiting"}
        return _over("failed", message=DATABASE_AWAY)
    except Exception:  # whatever one job runs into must not end the consumer
        log.exception("job_failed", job=running.id, kind=running.kind)
        return _over("failed", message=OUR_FAULT)
    finally:
        db.session.rollback()


def _nobody(running: Running) -> dict[str, Any]:
    raise Failed(f"这个版本的程序不会做这种任务（{running.kind}）")


def _over(state: str, **told: Any) -> dict[str, Any]:
    return {"state": state, "finished_at": now(), **told}


@contextmanager
def _pulse(engine: Engine, running: Running) -> Iterator[None]:
    """Signs of life and progress while the work goes on, from a thread beside it."""
    over = threading.Event()
    name = f"job-{running.id}"
    thread = threading.Thread(target=_beat, args=(engine, running, over), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        if running.progress:
            _told(engine, running)


def _beat(engine: Engine, running: Running, over: threading.Event) -> None:
    silent, shown = 0.0, running.progress
    while not over.wait(SHOWN_EVERY):
        silent += SHOWN_EVERY
        if running.progress != shown or silent >= BEAT:
            shown = running.progress
            if _told(engine, running):
                silent = 0.0


def _told(engine: Engine, running: Running) -> bool:
    """Write down how far a run has come; False if it could not be done just now."""
    values: dict[str, Any] = {"beat_at": now()}
    if running.progress:
        done, total, message = running.progress
        values |= {"done": done, "total": total, "message": message}
    try:
        with _own_session(engine) as session:
            if not _entered(session, running, **values):
                running.lost.set()
    except SQLAlchemyError as error:
        log.warning("job_beat_missed", job=running.id, error=str(error).splitlines()[0])
        return False
    return True


def _entered(session: AnySession, running: Running, **values: Any) -> bool:
    """Change a job's row if the run still owns it."""
    own = (Job.id == running.id, Job.state == "running", Job.attempts == running.attempt)
    return _rows(session, update(Job).where(*own).values(**values)) == 1


@contextmanager
def _own_session(engine: Engine) -> Iterator[Session]:
    """A short transaction apart from the work's own."""
    with Session(engine) as session:
        start_writing(session)
        yield session
        session.commit()


def _rows(session: AnySession, statement: Any) -> int:
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        statement, execution_options={"synchronize_session": False}
    )
    return result.rowcount


def _ids(query: Select[int]) -> list[int]:
    with Session(db.engine) as session:
        return list(session.scalars(query))
