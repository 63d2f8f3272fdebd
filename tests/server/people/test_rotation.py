"""Does a change of key leave everybody known and signed in?"""

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from config.settings import Settings
from server.db import db
from server.models import AuditEvent, Person
from server.people import rotation, sessions
from server.people.keys import kept_in, key_ring
from server.revisions import writing

FIRST, SECOND, THIRD = "a" * 40, "b" * 40, "c" * 40
OPENIDS = [f"o6_bmjrPTlm6_2sgVt7hMZOPfL{n:02}" for n in range(5)]


def given(settings: Settings, *keys: str) -> Settings:
    return settings.model_copy(update={"people_key": SecretStr(",".join(keys))})


def sign_in(settings: Settings, openid: str) -> str:
    with writing(db.session):
        return sessions.sign_in(db.session, key_ring(settings), openid)


def known_by() -> set[str]:
    return set(db.session.scalars(select(Person.key_id)))


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)


def test_is_everybody_known_by_the_new_key_of_the_settings(app: Flask, settings: Settings) -> None:
    tokens = [sign_in(given(settings, FIRST), openid) for openid in OPENIDS]
    both = given(settings, SECOND, FIRST)
    assert rotation.rotate(db.session, both) == rotation.Rotated(5, 0)
    assert rotation.rotate(db.session, both) == rotation.Rotated(0, 0)
    ring = key_ring(given(settings, SECOND))
    assert known_by() == {ring.newest.id}
    people = db.session.scalars(select(Person).order_by(Person.id)).all()
    assert [ring.unseal(one.openid_sealed, one.key_id) for one in people] == OPENIDS
    assert all(sessions.find(db.session, token) for token in tokens)
    sign_in(given(settings, SECOND), OPENIDS[0])
    assert len(db.session.scalars(select(Person.id)).all()) == 5
    event = db.session.scalars(select(AuditEvent)).first()
    assert event is not None
    assert event.detail == {"people": 5, "left": 0}


def test_is_the_kept_key_replaced_and_the_last_one_kept(app: Flask, settings: Settings) -> None:
    sign_in(settings, OPENIDS[0])
    before = kept_in(settings).read_text().split()
    done = app.test_cli_runner().invoke(args=["people", "rotate-keys"])
    assert (done.exit_code, "1 位用户" in done.output) == (0, True), done.output
    second = kept_in(settings).read_text().split()
    assert second[1:] == before
    rotation.rotate(db.session, settings)
    third = kept_in(settings).read_text().split()
    assert third[1:] == second[:1]
    assert known_by() == {key_ring(settings).newest.id}
    sign_in(settings, OPENIDS[0])
    assert len(db.session.scalars(select(Person.id)).all()) == 1


def test_is_an_interrupted_change_finished_by_the_next(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for openid in OPENIDS:
        sign_in(settings, openid)
    renew, renewed = rotation._renew, []

    def cut_off(*args: object) -> bool:
        if len(renewed) == 3:
            raise KeyboardInterrupt
        renewed.append(1)
        return renew(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "_renew", cut_off)
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate(db.session, settings)
    assert len(known_by()) == 2
    for openid in OPENIDS:
        sign_in(settings, openid)
    assert rotation.rotate(db.session, settings) == rotation.Rotated(5, 0)
    assert known_by() == {key_ring(settings).newest.id}
    assert len(kept_in(settings).read_text().split()) == 2


def test_is_it_told_whose_key_is_lost(app: Flask, settings: Settings) -> None:
    sign_in(given(settings, FIRST), OPENIDS[0])
    sign_in(given(settings, SECOND), OPENIDS[1])
    sign_in(given(settings, SECOND), OPENIDS[0])
    app.extensions["settings"] = given(settings, THIRD, SECOND)
    done = app.test_cli_runner().invoke(args=["people", "rotate-keys"])
    assert done.exit_code == 1
    assert "1 位用户的标识没有换成" in done.output
    # With the lost key back two rows turn out to be one person: the later one is known.
    assert rotation.rotate(db.session, given(settings, THIRD, SECOND, FIRST)).left == 1
