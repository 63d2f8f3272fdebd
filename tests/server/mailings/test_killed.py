"""Does each of a thousand subscribers get exactly one message, wherever the worker is killed?"""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from config.settings import ROOT, Settings
from server.db import db, now
from server.models import BusSubscription, Job, Mailing, MessageConsent, Person
from server.people.keys import key_ring
from server.revisions import writing
from tests import tables
from tests.server.mailings.conftest import SEND, TEMPLATE, Town
from tests.serving import PATIENCE, wait_for
from tests.wechat_standin.faults import Fault
from tests.wechat_standin.state import openid_of

PEOPLE = 1000
LONG = 4 * PATIENCE
"""Seconds that a part of so many may take on a busy machine."""


@pytest.fixture
def database_url(sqlite_tables: Path, tmp_path: Path) -> str:
    """SQLite where the consumer looks for it."""
    (tmp_path / "instance").mkdir()
    return tables.copied(sqlite_tables, tmp_path / "instance")


@contextmanager
def consumer(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that does jobs, as in production."""
    ours = {
        "TONGYOU_INSTANCE": str(settings.instance),
        "TONGYOU_WECHAT_URL": settings.wechat_url,
        "TONGYOU_WECHAT_APP_ID": settings.wechat_app_id,
        "TONGYOU_WECHAT_APP_SECRET": "standin0secret0of0nobody0000test",
        "TONGYOU_WECHAT_BUS_TEMPLATE": TEMPLATE,
    }
    command = [sys.executable, "-m", "flask", "jobs", "work"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | ours) as process:
        try:
            yield process
        finally:
            process.kill()


class Killer:
    """Kills the consumer when the stand-in is at its n-th message: before it, or after it."""

    def __init__(self, town: Town) -> None:
        self.victim = 0
        self.before = self.after = -1
        killer, state = self, town.standin.state

        class Sent(list[dict[str, Any]]):
            def append(self, message: dict[str, Any]) -> None:
                super().append(message)
                if len(self) == killer.after:
                    os.kill(killer.victim, signal.SIGKILL)

        state.sent = Sent()
        due = town.standin.faults.due

        def met(path: str) -> list[Fault]:
            if path == SEND and len(state.sent) == killer.before:
                killer.before = -1
                os.kill(killer.victim, signal.SIGKILL)
                return [Fault("drop")]
            return due(path)

        town.standin.faults.due = met  # type: ignore[method-assign]


def subscribe_all(town: Town) -> None:
    key = key_ring(town.settings).newest
    openids = [openid_of(f"family{n}") for n in range(PEOPLE)]
    people = [key.identity(openid) for openid in openids]
    ids = range(1, PEOPLE + 1)
    with writing(db.session):
        db.session.execute(
            insert(Person),
            [
                {
                    "id": n,
                    "openid_hash": one.hash,
                    "openid_sealed": one.sealed,
                    "key_id": one.key_id,
                }
                for n, one in zip(ids, people, strict=True)
            ],
        )
        db.session.execute(insert(BusSubscription), [{"person_id": n, "route_id": 1} for n in ids])
        db.session.execute(
            insert(MessageConsent),
            [{"person_id": n, "template": TEMPLATE, "remaining": 1} for n in ids],
        )
    for openid in openids:
        town.standin.state.visits[openid] = 0.0
        town.standin.state.consents[openid, TEMPLATE] = 1


def take_for_dead() -> None:
    """As half a minute later."""
    with writing(db.session):
        silent = update(Job).where(Job.state == "running")
        db.session.execute(silent.values(beat_at=now() - timedelta(minutes=1)))


@pytest.mark.slow
def test_is_everybody_told_once_wherever_the_worker_is_killed(town: Town) -> None:
    subscribe_all(town)
    killer = Killer(town)  # the consumer finds by itself what is to be told
    for name, at in (("before", 300), ("after", PEOPLE)):
        setattr(killer, name, at)
        take_for_dead()
        with consumer(town.settings) as process:
            killer.victim = process.pid
            assert process.wait(LONG) == -signal.SIGKILL
        assert town.mailing().finished_at is None
    take_for_dead()
    with consumer(town.settings):
        wait_for(lambda: town.mailing().finished_at is not None, LONG, town.states)
    assert Counter(town.sent_to()) == {openid_of(f"family{n}"): 1 for n in range(PEOPLE)}
    told = db.session.get_one(Mailing, 1)
    assert (told.total, told.sent, told.refused, told.failed) == (PEOPLE, PEOPLE, 0, 0)
