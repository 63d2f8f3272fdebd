"""The process that does the jobs, and what is done now and then.

Public names: ``work``, ``health``.

Beside the thread that does jobs, another looks every two seconds for what went astray: jobs whose
run has died, rows whose news was lost; and does what is due. It touches a file, so that the web
workers of this machine can tell whether a consumer lives.
"""

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from server import job_queue, jobs
from server.db import db

if TYPE_CHECKING:
    from huey.consumer import Consumer

log = structlog.get_logger()

PATIENCE = 2.0
"""Seconds that a running job has to reach its next step when the consumer is told to stop."""

NICENESS = 5

LOOK = 2.0
"""Seconds between looks for what went astray."""

_AWAY: set[str] = set()
"""Steps that failed last time for want of the database or the queue: told once an outage."""

SILENT_AFTER = 15.0
"""Seconds after the last sign of life from which a consumer is taken to be down."""


def work(app: Flask) -> None:
    """Do jobs until SIGTERM or SIGINT; call it in the main thread. Does not return."""
    # What is done now and then.
    from server import housekeeping, scheduled  # noqa: F401
    from server.ledger import reminders  # noqa: F401
    from server.mailings import laying  # noqa: F401

    told = threading.Event()
    # Answering requests comes first.
    os.nice(NICENESS)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: told.set())
    settings: Settings = app.extensions["settings"]
    with app.app_context():
        consumer = _until_there_is_a_queue(told)
    if consumer is not None:
        # Its own handlers would wait for a job without end.
        consumer._set_signal_handlers = lambda: None
        consumer.start()
        looking = threading.Thread(target=_look_after, args=(app, told), daemon=True)
        looking.start()
        log.info("consumer_started", pid=os.getpid())
        _live_until(told, settings)
        jobs.stop_running()
        consumer.stop(graceful=True)
        looking.join(PATIENCE)
    _sign(settings).unlink(missing_ok=True)
    log.info("consumer_stopped", pid=os.getpid())
    # What has not reached a safe point is cut off; its job is taken back and run again.
    os._exit(0)


def health(settings: Settings) -> Literal["up", "down", "elsewhere"]:
    """Whether this machine's consumer lives; ``elsewhere`` if it is to have none and has none."""
    try:
        silent = time.time() - _sign(settings).stat().st_mtime
    except OSError:
        silent = float("inf")
    if silent < SILENT_AFTER:
        return "up"
    return "down" if settings.jobs else "elsewhere"


def _live_until(told: threading.Event, settings: Settings) -> None:
    silent = False
    while not told.is_set():
        try:
            _sign(settings).touch()
            silent = False
        except OSError as error:
            if not silent:
                log.warning("consumer_sign_not_given", error=str(error))
            silent = True
        told.wait(LOOK)


def _sign(settings: Settings) -> Path:
    return settings.instance / "consumer-lives"


def _until_there_is_a_queue(told: threading.Event) -> "Consumer | None":
    """The consumer, once its store can be opened; None when told to stop before."""
    while not told.is_set():
        try:
            return jobs.queue().consumer(PATIENCE)
        except job_queue.NotSent as error:
            log.warning("queue_away", error=str(error))
            told.wait(LOOK)
    return None


def _look_after(app: Flask, told: threading.Event) -> None:
    due = dict.fromkeys(range(len(jobs.PERIODIC)), 0.0)
    with app.app_context():
        while not told.is_set():
            _guarded("jobs_not_looked_after", _find_what_went_astray)
            for number, chore in enumerate(jobs.PERIODIC):
                if time.monotonic() >= due[number] and not told.is_set():
                    due[number] = time.monotonic() + chore.minutes * 60
                    _guarded(chore.name, chore.work)
            told.wait(LOOK)


def _find_what_went_astray() -> None:
    jobs.take_back()
    # While there is news in the queue, the consumer will come to it; more would only pile up.
    if ids := jobs.waiting():
        queue = jobs.queue()
        if len(queue) == 0:
            for id_ in ids:
                queue.enqueue(id_)


def _guarded(name: str, step: jobs.Chore) -> None:
    try:
        step()
        _AWAY.discard(name)
    except (SQLAlchemyError, job_queue.NotSent) as error:
        if name not in _AWAY:
            log.warning("consumer_neighbour_away", step=name, error=str(error).splitlines()[0])
        _AWAY.add(name)
    except Exception:  # whatever one look runs into must not end the looking
        log.exception("consumer_step_failed", step=name)
    finally:
        db.session.remove()
