"""Is what is scheduled published once, at its moment, whatever dies in the middle?"""

import multiprocessing
import os
import signal
import sys
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from config.settings import Settings
from geo.atlas import Atlas
from geo.city import City
from server import accounts, audit, edition_cache, publishing, scheduled
from server.db import db, now
from server.edition_cache import EditionCache
from server.models import AuditEvent, ScheduledPublishing, StaffAccount
from server.revisions import Refused, writing
from tests.conftest import make_app
from tests.server.material import add, revise, site
from tests.server.test_interruptions import DANGEROUS

_processes = multiprocessing.get_context("forkserver")


@pytest.fixture
def publisher(app: Flask) -> int:
    account, _ = accounts.create_account("publisher", "publisher", "发布人")
    db.session.commit()
    return account.id


class Boss:
    """The publisher, as rules want to see them."""

    login, role, districts, listings = "publisher", "publisher", None, None

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id


def due(by: int, late: timedelta = timedelta(seconds=1), note: str = "排期") -> int:
    """Something scheduled whose moment has come; returns its id."""
    with writing(db.session):
        row = scheduled.schedule(db.session, Boss(by), now() + timedelta(hours=1), note)
        row.at = now() - late
        return row.id


def row(id_: int) -> ScheduledPublishing:
    db.session.rollback()
    return db.session.get_one(ScheduledPublishing, id_)


def numbers() -> list[int]:
    return [line.number for line in publishing.history()]


def test_is_what_is_due_published_and_what_is_not_left(
    app: Flask, settings: Settings, city: City, publisher: int
) -> None:
    add(site("甲馆"))
    with writing(db.session):
        later = scheduled.schedule(db.session, Boss(publisher), now() + timedelta(hours=1), "").id
    id_ = due(publisher, note="节前")
    scheduled.publish_due(settings, city)
    scheduled.publish_due(settings, city)
    done = row(id_)
    assert (done.state, done.edition) == ("done", 1)
    assert row(later).state == "waiting"
    (line,) = publishing.history()
    assert (line.note, line.published_by) == ("节前", publisher)
    last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last is not None
    assert (last.action, last.actor, last.subject_id) == ("edition.published", "system", 1)
    assert last.detail["schedule"] == id_
    assert audit.verify(db.session) is None


def test_is_nothing_made_where_nothing_has_changed(
    app: Flask, settings: Settings, city: City, publisher: int
) -> None:
    add(site("甲馆"))
    publishing.publish(settings, city)
    id_ = due(publisher)
    scheduled.publish_due(settings, city)
    done = row(id_)
    assert (done.state, done.edition, done.message) == ("done", 1, scheduled.SAME)
    assert numbers() == [1]


def test_why_did_it_not_happen(app: Flask, settings: Settings, city: City, publisher: int) -> None:
    add(site("甲馆"))
    missed = due(publisher, late=timedelta(hours=25))
    scheduled.publish_due(settings, city)
    assert (row(missed).state, row(missed).message) == ("failed", scheduled.MISSED)

    add(site("远馆", lon=100.0))
    refused = due(publisher, late=timedelta(hours=23))
    scheduled.publish_due(settings, city)
    assert row(refused).state == "failed"
    assert "远馆" in row(refused).message

    unwanted = due(publisher)
    db.session.execute(update(StaffAccount).values(disabled_at=now()))
    db.session.commit()
    scheduled.publish_due(settings, city)
    assert (row(unwanted).state, row(unwanted).message) == ("failed", scheduled.NOT_ALLOWED)
    assert numbers() == []
    told = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert told.count("schedule.failed") == 3
    assert audit.verify(db.session) is None


def test_does_cancelling_win_until_the_very_end(
    app: Flask, settings: Settings, city: City, publisher: int
) -> None:
    add(site("甲馆"))
    id_ = due(publisher)
    waiting = row(id_)
    db.session.expunge(waiting)
    with writing(db.session):
        scheduled.cancel(db.session, Boss(publisher), id_)
    scheduled._publish(settings, city, waiting)  # as it had begun before
    assert numbers() == []
    assert row(id_).state == "cancelled"
    with pytest.raises(Refused, match="已经发布、失败或取消了"), writing(db.session):
        scheduled.cancel(db.session, Boss(publisher), id_)


def test_may_only_who_may_publish_schedule(app: Flask, publisher: int) -> None:
    viewer = Boss(publisher)
    viewer.role = "reviewer"
    with pytest.raises(Refused, match="不能发布"), writing(db.session):
        scheduled.schedule(db.session, viewer, now() + timedelta(hours=1), "")
    boss, at = Boss(publisher), now() + timedelta(hours=1)
    with writing(db.session):
        scheduled.schedule(db.session, boss, at, "")
    with pytest.raises(Refused, match="已经排过"), writing(db.session):
        scheduled.schedule(db.session, boss, at, "")
    for minute in range(1, scheduled.MOST):
        with writing(db.session):
            scheduled.schedule(db.session, boss, at + timedelta(minutes=minute), "")
    with pytest.raises(Refused, match="至多排 20 次"), writing(db.session):
        scheduled.schedule(db.session, boss, at + timedelta(hours=2), "")
    assert len(scheduled.listed(db.session)) == scheduled.MOST


def _publish_due(settings: Settings, deadly: int, python: str) -> None:
    edition_cache.sys = SimpleNamespace(executable=python)  # type: ignore[assignment]
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(lambda name, _: count() if name in DANGEROUS else None)
    for moment in ("before_commit", "after_commit"):
        event.listen(Session, moment, count)
    app = make_app(settings)
    with app.app_context():
        scheduled.publish_due(settings, app.extensions["city"])


@pytest.mark.slow
def test_is_it_published_once_wherever_its_consumer_is_killed(
    app: Flask, settings: Settings, city: City, publisher: int
) -> None:
    id_ = add(site("甲馆"))
    publishing.publish(settings, city)
    cache = EditionCache(settings.editions, settings.editions_kept)
    killed, pointed = 0, 1
    # The odd moments on one database, the even ones on the other: each takes a second.
    for deadly in range(1 + (db.engine.dialect.name == "postgresql"), 60, 2):
        revise(id_, site(f"甲馆{deadly}"))
        asked = due(publisher)
        before = numbers()[0]
        given = (settings, deadly, edition_cache.sys.executable)
        child = _processes.Process(target=_publish_due, args=given)
        child.start()
        child.join(60)
        # Whole at every moment: the row is done if and only if its edition is there.
        assert (row(asked).state == "done") == (numbers()[0] == before + 1)
        current = cache.current()
        assert current is not None
        # The disk never goes back; behind the database, the workers make up for it.
        former, pointed = pointed, Atlas.load(cache.baked(current)).number
        assert former <= pointed <= numbers()[0]
        db.session.remove()
        scheduled.publish_due(settings, city)
        assert (row(asked).state, row(asked).edition) == ("done", before + 1)
        assert numbers()[0] == before + 1
        db.session.remove()
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        killed += 1
    assert killed >= 4
    assert audit.verify(db.session) is None


def test_do_two_consumers_publish_once(
    app: Flask, settings: Settings, city: City, publisher: int
) -> None:
    add(site("甲馆"))
    asked = due(publisher)
    db.session.remove()
    given = (settings, 0, edition_cache.sys.executable)
    children = [_processes.Process(target=_publish_due, args=given) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0]
    assert numbers() == [1]
    assert row(asked).edition == 1


def test_is_the_moment_one_of_the_city(app: Flask, publisher: int) -> None:
    at = datetime.fromisoformat("2027-02-06T08:00:00+08:00")
    with writing(db.session):
        id_ = scheduled.schedule(db.session, Boss(publisher), at, "").id
    assert row(id_).at == at
