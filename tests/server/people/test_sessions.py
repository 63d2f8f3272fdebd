"""Is whoever has the token signed in, and nobody else, for as long as they use it?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from config.settings import Settings
from server import housekeeping
from server.db import db, now
from server.models import Person, PersonSession
from server.people import favourites, held, persons, sessions
from server.people.keys import KeyRing, key_ring
from server.revisions import writing
from tests.server.material import add, site

OPENID, OTHER = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "o6_bmjrPTlm6_2sgVt7hMZOPother"


@pytest.fixture
def ring(app: Flask, settings: Settings) -> KeyRing:
    return key_ring(settings)


def sign_in(ring: KeyRing, openid: str = OPENID) -> str:
    with writing(db.session):
        return sessions.sign_in(db.session, ring, openid)


def caller(token: str) -> sessions.Caller:
    found = sessions.find(db.session, token)
    assert found is not None
    return found


def set_end(token: str, ahead: timedelta) -> None:
    end = now() + ahead
    db.session.execute(
        update(PersonSession)
        .where(PersonSession.id == caller(token).session_id)
        .values(expires_at=end)
    )
    db.session.commit()


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def test_does_the_token_open_its_own_session_alone(ring: KeyRing) -> None:
    mine, also_mine, other = sign_in(ring), sign_in(ring), sign_in(ring, OTHER)
    assert len({mine, also_mine, other}) == 3
    assert caller(mine).person_id == caller(also_mine).person_id != caller(other).person_id
    assert people() == 2
    assert sessions.find(db.session, mine[:-1]) is None
    assert sessions.find(db.session, "") is None
    kept = db.session.execute(select(PersonSession.__table__)).all()
    assert mine not in str(kept)


def test_does_a_session_end_when_it_is_not_used(ring: KeyRing) -> None:
    token = sign_in(ring)
    set_end(token, -timedelta(seconds=1))
    assert sessions.find(db.session, token) is None


def test_does_use_move_the_end_on_once_a_day(ring: KeyRing) -> None:
    token = sign_in(ring)
    assert not sessions.is_due(caller(token))
    set_end(token, timedelta(days=3))
    assert sessions.is_due(caller(token))
    with writing(db.session):
        sessions.slide(db.session, caller(token))
    assert caller(token).expires_at > now() + sessions.IDLE - timedelta(minutes=1)


def test_does_signing_out_end_this_session_or_all_of_them(ring: KeyRing) -> None:
    first, second, third, other = sign_in(ring), sign_in(ring), sign_in(ring), sign_in(ring, OTHER)
    with writing(db.session):
        sessions.sign_out(db.session, caller(first))
    assert sessions.find(db.session, first) is None
    with writing(db.session):
        sessions.sign_out_everywhere(db.session, caller(second))
    assert [sessions.find(db.session, token) for token in (second, third)] == [None, None]
    assert sessions.find(db.session, other) is not None


def test_are_ended_sessions_cleared_away_and_whoever_leaves_nothing(ring: KeyRing) -> None:
    set_end(sign_in(ring), -timedelta(days=1))
    token = sign_in(ring, OTHER)
    leaves_something = caller(sign_in(ring, OPENID[:-1] + "x")).person_id
    favourite = add(site())
    with writing(db.session):
        favourites.add(db.session, leaves_something, favourite)
        db.session.execute(
            update(PersonSession)
            .where(PersonSession.person_id == leaves_something)
            .values(expires_at=now())
        )
    housekeeping.clear_away()
    assert db.session.scalars(select(PersonSession.id)).all() == [caller(token).session_id]
    people_left = set(db.session.scalars(select(Person.id)))
    assert people_left == {caller(token).person_id, leaves_something}


def test_is_there_an_end_to_one_persons_sessions(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST", 2)
    other, first, second, third = sign_in(ring, OTHER), sign_in(ring), sign_in(ring), sign_in(ring)
    assert sessions.find(db.session, first) is None
    assert all(sessions.find(db.session, token) for token in (other, second, third))


def test_do_sign_ins_at_once_make_one_person(app: Flask, ring: KeyRing) -> None:
    barrier = Barrier(4)

    def at_once(_: int) -> str:
        with app.app_context():
            barrier.wait()
            return sign_in(ring)

    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(at_once, range(4)))
    assert people() == 1
    assert len({caller(token).session_id for token in tokens}) == 4


def test_can_nothing_be_written_for_somebody_who_was_erased(ring: KeyRing) -> None:
    gone = caller(sign_in(ring)).person_id
    with writing(db.session):
        persons.erase(db.session, gone)
    with pytest.raises(persons.SignedOut), writing(db.session):
        persons.hold(db.session, gone)
    assert caller(sign_in(ring)).person_id != gone


def test_is_nobody_forgotten_who_is_signing_in(app: Flask, ring: KeyRing) -> None:
    def clear_away() -> int:
        with app.app_context(), writing(db.session):
            return held.forget_the_gone(db.session)

    with writing(db.session):
        persons.known_or_new(db.session, ring, OPENID)
    with ThreadPoolExecutor(1) as pool:
        with writing(db.session):
            token = sessions.sign_in(db.session, ring, OPENID)
            cleared = pool.submit(clear_away)
            if db.engine.dialect.name == "postgresql":  # on SQLite it waits its turn
                assert cleared.result(10) == 0
        assert cleared.result(30) == 0
    assert sessions.find(db.session, token) is not None
