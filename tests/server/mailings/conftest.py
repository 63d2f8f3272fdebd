"""A line, its subscribers, and WeChat's stand-in, which lets each be sent what they agreed to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from config.settings import Settings
from geo.city import City
from geo.edition import Edition, pack
from geo.opening import SHANGHAI
from server import editions, jobs, wechat
from server.db import db, now
from server.mailings import subscriptions
from server.mailings.laying import look_after
from server.models import Listing, Mailing, Message, Revision
from server.people.keys import key_ring
from server.people.persons import known_or_new
from server.revisions import writing
from server.wechat import client as client_module
from tests import wechat_standin
from tests.miniapp_api.lines import line
from tests.server.material import add
from tests.wechat_standin import APP_ID, SECRET, StandIn
from tests.wechat_standin.state import openid_of

TEMPLATE = "bus0template"
SEND = "/cgi-bin/message/subscribe/send"


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with wechat_standin.running() as service:
        yield service


@pytest.fixture
def standin(running: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """As on its first day; nobody waits long for it."""
    monkeypatch.setattr(client_module, "PAUSES", (0.01,))
    running.reset()
    return running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, running: StandIn) -> Settings:
    return Settings(
        _env_file=None,
        instance=tmp_path / "instance",
        database_url=database_url,
        wechat_url=running.base,
        wechat_app_id=APP_ID,
        wechat_app_secret=SECRET,
        wechat_bus_template=TEMPLATE,
    )


def notice(**changes: Any) -> dict[str, Any]:
    """A suspension of the first line, from an hour ago, for some days."""
    at = datetime.now(SHANGHAI).replace(microsecond=0)
    return {
        "type": "notice",
        "name": "今天停运",
        "effect": "suspension",
        "text": "道路结冰。",
        "routes": [1],
        "announced_at": (at - timedelta(hours=1)).isoformat(),
        "start": (at - timedelta(hours=1)).isoformat(),
        "end": (at + timedelta(days=3)).isoformat(),
        "replacement": "请家长接送",
    } | changes


@dataclass
class Town:
    """Two lines (1 and 2) and a notice (3), published; everything of its database."""

    app: Flask
    settings: Settings
    city: City
    standin: StandIn

    def publish(self) -> None:
        """Make what is approved the next edition; nothing is baked, as nobody reads it here."""
        active = select(Listing.id).where(Listing.state == "active")
        rows = db.session.scalars(
            select(Revision).where(Revision.listing_id.in_(active)).order_by(Revision.id)
        )
        said = {row.listing_id: row.document for row in rows}
        with db.engine.begin() as connection:
            last = editions.newest(connection)
            number = 1 + (last[0] if last else 0)
            entries = [
                {"id": id_, "changed_in": number, "updated_on": "2026-11-01", "document": document}
                for id_, document in said.items()
            ]
            edition = Edition.model_validate(
                {
                    "number": number,
                    "published_at": now(),
                    "official": True,
                    "city": self.city.model_dump(),
                    "calendar": (),
                    "entries": entries,
                }
            )
            packed = pack(edition)
            told = editions.EditionLine(
                number, now(), None, "", packed.sha256, len(packed.body), None
            )
            editions.add(connection, packed, told)

    def subscriber(self, name: str, *routes: int, consents: int = 1) -> int:
        """Somebody who wants to hear of these lines, and said yes so often; their id."""
        openid = openid_of(name)
        with writing(db.session):
            id_ = known_or_new(db.session, key_ring(self.settings), openid)
            for number, route in enumerate(routes or (1,)):
                yes = [TEMPLATE] * consents if number == 0 else []
                subscriptions.subscribe(db.session, id_, route, yes)
        self.standin.state.visits[openid] = 0.0
        self.standin.state.consents[openid, TEMPLATE] = consents
        return id_

    def work(self) -> None:
        """What a consumer does in its turn: look, and do all jobs that wait."""
        look_after(TEMPLATE)
        jobs.run_waiting(self.app)

    def mailing(self) -> Mailing:
        db.session.rollback()
        return db.session.scalars(select(Mailing).order_by(Mailing.id.desc())).one()

    def states(self) -> list[str]:
        """Of all messages, in order."""
        db.session.rollback()
        return list(db.session.scalars(select(Message.state).order_by(Message.id)))

    def sent_to(self) -> list[str]:
        """The openids that WeChat sent a message to, in order, as often as it did."""
        return [message["touser"] for message in self.standin.state.sent]


@pytest.fixture
def town(app: Flask, settings: Settings, city: City, standin: StandIn) -> Town:
    wechat.register(app, settings)
    town = Town(app, settings, city, standin)
    add(line("八中一号线"))
    add(line("九中二号线", key="b2"))
    add(notice())
    town.publish()
    return town


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let the sending think that so much time has passed."""
    from server.mailings import laying, outbox, sending

    def move(by: timedelta) -> None:
        for module in (laying, outbox, sending):
            monkeypatch.setattr(module, "now", lambda: now() + by)

    return move
