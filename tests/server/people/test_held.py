"""Is everything that is held about somebody told to them, and gone when they say so?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from config.settings import Settings
from server.db import Base, db
from server.models import Favourite, Person
from server.people import favourites, held, persons
from server.people.keys import KeyRing, key_ring
from server.revisions import Refused, writing
from tests.server.material import add, site
from tests.server.people.everything import OPENID, OTHER, tables_of_a_person, two_people


@pytest.fixture
def ring(app: Flask, settings: Settings) -> KeyRing:
    return key_ring(settings)


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every table."""
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            yield table.name, dict(row._mapping)


def test_is_every_table_of_a_person_told_and_erased_with_them() -> None:
    told = {section.table.__tablename__ for section in held.SECTIONS.values()}
    assert told == tables_of_a_person()
    for name in told:
        table = Base.metadata.tables[name]
        (key,) = [k for k in table.foreign_keys if k.column.table.name == "person"]
        assert (key.ondelete, key.parent.name, key.parent.nullable) == (
            "CASCADE",
            "person_id",
            False,
        )


def test_is_all_of_it_somebodys_own(ring: KeyRing) -> None:
    one, _ = two_people(ring)
    everything = held.everything(db.session, ring, one)
    assert everything.keys() == {"person", *held.SECTIONS}
    assert everything["person"]["openid"] == OPENID
    assert {name: len(everything[name]) for name in held.SECTIONS} == held.counts(db.session, one)
    assert all(everything[name] for name in held.SECTIONS)
    assert OTHER not in str(everything)


def test_is_nothing_left_of_somebody_who_was_erased(ring: KeyRing) -> None:
    gone, stays = two_people(ring)
    person = db.session.get_one(Person, gone)
    traces = (OPENID, person.openid_hash, str(person.openid_sealed))
    db.session.expunge_all()
    with writing(db.session):
        persons.erase(db.session, gone)
    left = list(rows())
    assert [row for _, row in left if row.get("person_id") == gone] == []
    assert [name for name, row in left for trace in traces if trace in str(row)] == []
    assert {name for name, row in left if row.get("person_id") == stays} == tables_of_a_person()
    assert [row["sent"] for name, row in left if name == "mailing"] == [2]


def test_is_once_enough_for_a_favourite(ring: KeyRing) -> None:
    one, other = two_people(ring)
    park = add(site("公园"))
    for _ in range(2):
        with writing(db.session):
            favourites.add(db.session, one, park)
    assert len(favourites.of(db.session, one)) == 2
    for _ in range(2):
        with writing(db.session):
            favourites.remove(db.session, one, park)
    assert len(favourites.of(db.session, one)) == len(favourites.of(db.session, other)) == 1


def test_are_favourites_at_once_kept_once(app: Flask, ring: KeyRing) -> None:
    one, _ = two_people(ring)
    park, barrier = add(site("公园")), Barrier(4)

    def at_once(_: int) -> None:
        with app.app_context():
            barrier.wait()
            with writing(db.session):
                favourites.add(db.session, one, park)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(at_once, range(4)))
    assert len(favourites.of(db.session, one)) == 2


def test_is_nothing_kept_that_the_database_does_not_know(ring: KeyRing) -> None:
    one, _ = two_people(ring)
    with pytest.raises(Refused), writing(db.session):
        favourites.add(db.session, one, 987654)


def test_are_there_only_so_many_favourites(ring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = two_people(ring)
    monkeypatch.setattr(favourites, "MOST", 1)
    park = add(site("公园"))
    with pytest.raises(Refused, match="最多收藏 1 个"), writing(db.session):
        favourites.add(db.session, one, park)
    assert db.session.scalar(select(func.count()).where(Favourite.person_id == one)) == 1
