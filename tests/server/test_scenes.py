"""Has a base one good code at a time, whoever asks for it, and however it is merged?"""

import threading
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from server.db import db
from server.models import Scene
from server.passport import scenes
from server.revisions import writing
from tests.server.material import add, set_state, site

KEY = "a key of the tests, long enough for them"
AT_ONCE = 6


@dataclass
class Keeper:
    account_id: None = None
    login: str = "keeper"
    role: str = "reviewer"
    districts: None = None
    listings: None = None


def made(listing_id: int) -> str:
    with writing(db.session):
        return scenes.make(db.session, Keeper(), KEY, listing_id).code


def renewed(listing_id: int) -> str:
    with writing(db.session):
        return scenes.renew(db.session, Keeper(), KEY, listing_id).code


def good() -> list[str]:
    return list(db.session.scalars(select(Scene.code).where(Scene.revoked_at.is_(None))))


def test_do_many_who_ask_at_once_get_one_and_the_same_code(app: Flask) -> None:
    base, start, given = add(site("馆")), threading.Barrier(AT_ONCE), []

    def ask() -> None:
        with app.app_context():
            start.wait(30)
            try:
                given.append(made(base))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == AT_ONCE
    assert {*given} == {*good()}
    assert len(good()) == 1


def test_does_the_database_itself_refuse_a_second_good_code(app: Flask) -> None:
    base = add(site("馆"))
    made(base)
    renewed(base)
    with pytest.raises(IntegrityError), writing(db.session):
        db.session.add(Scene(listing_id=base, code=scenes.code_for(KEY, base)))
    assert len(good()) == 1


def test_are_the_codes_of_merged_bases_revoked_with_those_of_the_place(app: Flask) -> None:
    stays, gone, before, other = (add(site(name)) for name in ("馆", "旧名", "更旧", "别处"))
    codes = [made(id_) for id_ in (stays, gone, before, other)]
    set_state(gone, "merged", into=stays)
    set_state(before, "merged", into=gone)
    assert [one.code for one in scenes.of_merged(db.session, stays)] == codes[1:3]
    new = renewed(stays)
    assert {*good()} == {new, codes[3]}
    with pytest.raises(scenes.Revoked):
        scenes.opened(db.session, KEY, codes[2])
