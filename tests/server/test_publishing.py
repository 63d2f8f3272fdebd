"""Does publishing show exactly what is approved, and does it tell what changed?"""

import pytest
from flask import Flask
from sqlalchemy import select, update

from config.settings import Settings
from geo.city import City
from geo.edition import Edition, pack
from server import audit, editions, publishing
from server.composing import NotPublishable
from server.db import db
from server.edition_cache import EditionCache
from server.edition_entry import Errand
from server.models import AuditEvent, EditionRow
from tests.server.material import add, hotline, revise, set_state, site

pytestmark = pytest.mark.usefixtures("app")


def stored(number: int) -> Edition:
    with db.engine.connect() as connection:
        packed = editions.packed(connection, number)
    assert packed is not None
    return packed.unpack()


def by_id(number: int) -> dict[int, tuple[str, int]]:
    return {e.id: (e.document.name, e.changed_in) for e in stored(number).entries}


def test_only_approved_and_public_documents_are_published(settings: Settings, city: City) -> None:
    first = add(site("甲馆"))
    add(hotline("内部", "0533-1234567", internal=True))
    done = publishing.publish(settings, city)
    assert (done.number, done.total, done.official) == (1, 1, True)
    assert by_id(1) == {first: ("甲馆", 1)}
    assert stored(1).entries[0].updated_on.isoformat() == "2026-03-02"  # 20:00 UTC is next day


def test_is_every_edition_told_in_the_audit_trail(settings: Settings, city: City) -> None:
    id_ = add(site("甲馆"))
    publishing.publish(settings, city, note="第一次")
    publishing.publish(settings, city)
    revise(id_, site("乙馆"))
    publishing.publish(settings, city)
    publishing.rollback(settings, 1)
    told = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(one.action, one.actor, one.subject_id) for one in told] == [
        ("edition.published", "cli", 1),
        ("edition.published", "cli", 2),
        ("edition.restored", "cli", 3),
    ]
    hashes = [line.sha256 for line in reversed(publishing.history())]
    assert [one.detail["sha256"] for one in told] == hashes
    assert (told[0].detail["note"], told[0].detail["changed"]) == ("第一次", 1)
    assert told[2].detail["restored_from"] == 1
    assert audit.verify(db.session) is None


def test_does_what_goes_with_an_edition_stand_or_fall_with_it(
    settings: Settings, city: City
) -> None:
    add(site("甲馆"))

    def refuse(session: object, number: int) -> None:
        raise LookupError(number)

    with pytest.raises(LookupError):
        publishing.publish(settings, city, errand=Errand(within=refuse))
    assert publishing.history() == []
    assert db.session.scalars(select(AuditEvent)).all() == []
    assert publishing.publish(settings, city).number == 1


def test_is_what_was_looked_at_what_is_published(settings: Settings, city: City) -> None:
    id_ = add(site("甲馆"))
    seen = publishing.prepare(city).content.digest()
    assert publishing.prepare(city).content.digest() == seen
    revise(id_, site("乙馆"))
    with pytest.raises(publishing.ContentChanged, match="内容已经变了，请再看一遍"):
        publishing.publish(settings, city, errand=Errand(expected=seen))
    assert publishing.history() == []
    seen = publishing.prepare(city).content.digest()
    assert publishing.publish(settings, city, errand=Errand(expected=seen)).number == 1


def test_starting_data_makes_an_edition_unofficial(settings: Settings, city: City) -> None:
    id_ = add(site(), origin="starter")
    assert not publishing.publish(settings, city).official
    revise(id_, site(verified=True))
    assert publishing.publish(settings, city).official


def test_changed_in_is_carried_over_while_the_document_stays(
    settings: Settings, city: City
) -> None:
    one, two = add(site("甲馆")), add(site("乙馆"))
    publishing.publish(settings, city)
    revise(one, site("甲馆"))
    revise(two, site("乙馆新"))
    done = publishing.publish(settings, city)
    assert done.changed == 1
    assert by_id(2) == {one: ("甲馆", 1), two: ("乙馆新", 2)}


def test_nothing_changed_publishes_nothing_unless_forced(settings: Settings, city: City) -> None:
    add(site())
    publishing.publish(settings, city)
    again = publishing.publish(settings, city)
    assert (again.is_new, again.number) == (False, 1)
    assert publishing.publish(settings, city, force=True).number == 2


def test_a_listing_that_goes_leaves_a_tombstone_until_it_comes_back(
    settings: Settings, city: City
) -> None:
    one, two = add(site("甲馆")), add(site("乙馆"))
    publishing.publish(settings, city)
    set_state(one, "retired", "搬迁")
    assert publishing.publish(settings, city).removed == 1
    (stone,) = stored(2).tombstones
    assert (stone.id, stone.name, stone.reason, stone.changed_in) == (one, "甲馆", "搬迁", 2)
    assert (stone.lon, stone.lat, stone.retired_on.isoformat()) == (118.05, 36.8, "2026-04-01")

    revise(two, site("乙馆新"))
    publishing.publish(settings, city)
    assert stored(3).tombstones == (stone,)

    set_state(one, "merged", "并入乙馆", into=two)
    publishing.publish(settings, city)
    (stone,) = stored(4).tombstones
    assert (stone.merged_into, stone.changed_in) == (two, 4)

    set_state(one, "active")
    publishing.publish(settings, city)
    assert stored(5).tombstones == ()
    assert by_id(5)[one] == ("甲馆", 5)


def stones(number: int) -> dict[int, tuple[int | None, str, int]]:
    return {s.id: (s.merged_into, s.reason, s.changed_in) for s in stored(number).tombstones}


def test_is_a_merger_without_a_reason_told_as_one(settings: Settings, city: City) -> None:
    one, two, three = add(site("甲馆")), add(site("乙馆")), add(site("丙馆"))
    publishing.publish(settings, city)
    set_state(two, "merged", into=one)
    set_state(three, "merged", "重复登记", into=one)
    publishing.publish(settings, city)
    assert stones(2) == {two: (one, f"已并入编号 {one}", 2), three: (one, "重复登记", 2)}


def test_does_a_chain_of_mergers_lead_to_its_live_end(settings: Settings, city: City) -> None:
    ids = one, two, three, four = [add(site(name)) for name in ("甲馆", "乙馆", "丙馆", "丁馆")]
    publishing.publish(settings, city)
    set_state(two, "merged", into=one)
    set_state(three, "merged", into=two)
    publishing.publish(settings, city)
    told = f"已并入编号 {one}"
    assert stones(2) == {two: (one, told, 2), three: (one, told, 2)}

    set_state(one, "merged", into=four)
    publishing.publish(settings, city)
    told = f"已并入编号 {four}"
    assert stones(3) == dict.fromkeys(ids[:3], (four, told, 3))


def test_does_a_merger_into_a_withdrawn_place_lead_nowhere(settings: Settings, city: City) -> None:
    one, two, three = add(site("甲馆")), add(site("乙馆")), add(site("丙馆"))
    publishing.publish(settings, city)
    set_state(two, "merged", into=one)
    set_state(three, "merged", "重复登记", into=one)
    publishing.publish(settings, city)
    set_state(one, "retired", "闭馆")
    publishing.publish(settings, city)
    gone = "已并入“甲馆”，后者已撤下"
    assert stones(3) == {
        one: (None, "闭馆", 3),
        two: (None, gone, 3),
        three: (None, f"重复登记；{gone}", 3),
    }
    assert not publishing.publish(settings, city).is_new

    set_state(one, "active")
    publishing.publish(settings, city)
    assert stones(4) == {two: (one, f"已并入编号 {one}", 4), three: (one, "重复登记", 4)}


def test_is_a_circle_of_mergers_broken(settings: Settings, city: City) -> None:
    one, two = add(site("甲馆")), add(site("乙馆"))
    publishing.publish(settings, city)
    set_state(one, "merged", into=two)
    set_state(two, "merged", into=one)
    publishing.publish(settings, city)
    assert stones(2) == {
        one: (None, "已并入“乙馆”，后者已撤下", 2),
        two: (None, "已并入“甲馆”，后者已撤下", 2),
    }


def test_does_a_merger_into_another_type_lead_nowhere(settings: Settings, city: City) -> None:
    one, two = add(hotline("热线")), add(site("乙馆"))
    publishing.publish(settings, city)
    set_state(two, "merged", into=one)
    publishing.publish(settings, city)
    assert stones(2) == {two: (None, "已并入“热线”", 2)}


def test_does_a_rollback_lead_nobody_to_what_it_takes_away(settings: Settings, city: City) -> None:
    two = add(site("乙馆"))
    publishing.publish(settings, city)
    set_state(two, "retired", "装修")
    keep = add(site("丁馆"))
    publishing.publish(settings, city)
    one = add(site("甲馆"))
    set_state(two, "merged", into=one)
    publishing.publish(settings, city)
    assert stones(3) == {two: (one, f"已并入编号 {one}", 3)}
    publishing.rollback(settings, 2)
    assert set(by_id(4)) == {keep}
    assert stones(4) == {
        one: (None, "不再公布", 4),
        two: (None, "已并入“甲馆”，后者已撤下", 4),
    }


def test_all_problems_are_named_and_nothing_is_published(settings: Settings, city: City) -> None:
    add(site("好的"))
    nowhere = add(site("外地馆", lon=100.0))
    mute = add(hotline("哑线", None))
    broken = add(site("坏的", lat="北"))
    with pytest.raises(NotPublishable) as caught:
        publishing.publish(settings, city)
    found = {(p.listing_id, p.name, p.field) for p in caught.value.problems}
    (told,) = (p.message for p in caught.value.problems if p.listing_id == broken)
    assert told == "内容不合规则（应为数）"
    assert found == {
        (nowhere, "外地馆", "lat"),
        (mute, "哑线", "number"),
        (broken, "坏的", "lat"),
    }
    assert publishing.history() == []
    assert EditionCache(settings.editions, 5).current() is None


def test_rollback_shows_the_old_edition_as_a_new_one(settings: Settings, city: City) -> None:
    one, two = add(site("甲馆")), add(site("乙馆"))
    publishing.publish(settings, city)
    revise(one, site("甲馆新"))
    three = add(site("丙馆"))
    publishing.publish(settings, city)
    done = publishing.rollback(settings, 1)
    assert (done.number, done.restored_from, done.changed, done.removed) == (3, 1, 1, 1)
    assert by_id(3) == {one: ("甲馆", 3), two: ("乙馆", 1)}
    assert [stone.id for stone in stored(3).tombstones] == [three]
    assert publishing.history()[0].restored_from == 1
    publishing.publish(settings, city)
    assert by_id(4) == {one: ("甲馆新", 4), two: ("乙馆", 1), three: ("丙馆", 4)}


def test_rollback_to_no_edition_is_refused(settings: Settings) -> None:
    with pytest.raises(publishing.NoSuchEdition, match="没有第 7 期"):
        publishing.rollback(settings, 7)


def test_the_stored_bytes_are_those_of_the_canonical_form(settings: Settings, city: City) -> None:
    add(
        site(
            ages={"min": 3, "max": 9}, facts={"": {"source": "测试", "confirmed_on": "2026-01-02"}}
        )
    )
    publishing.publish(settings, city)
    with db.engine.connect() as connection:
        packed = editions.packed(connection, 1)
    assert packed is not None
    assert pack(packed.unpack()) == packed


def test_a_change_of_the_city_is_checked_against_every_document(
    settings: Settings, city: City
) -> None:
    id_ = add(site(theme="science"))
    publishing.publish(settings, city)
    poorer = city.model_copy(
        update={"themes": tuple(t for t in city.themes if t.code != "science")}
    )
    with pytest.raises(NotPublishable) as caught:
        publishing.publish(settings, poorer)
    assert [(p.listing_id, p.field) for p in caught.value.problems] == [(id_, "theme")]


def test_a_damaged_former_edition_does_not_stop_publishing(settings: Settings, city: City) -> None:
    one, two = add(site("甲馆")), add(site("乙馆"))
    publishing.publish(settings, city)
    revise(two, site("乙馆新"))
    publishing.publish(settings, city)
    db.session.execute(update(EditionRow).where(EditionRow.number == 2).values(body=b"rot"))
    db.session.commit()
    assert publishing.publish(settings, city).number == 3
    assert by_id(3) == {one: ("甲馆", 1), two: ("乙馆新", 3)}
    with pytest.raises(publishing.NoSuchEdition, match="损坏"):
        publishing.rollback(settings, 2)


def test_the_machine_keeps_the_newest_editions_only(
    app: Flask, settings: Settings, city: City
) -> None:
    add(site())
    few = settings.model_copy(update={"editions_kept": 2})
    for _ in range(4):
        publishing.publish(few, city, force=True)
    kept = EditionCache(settings.editions, 2).published()
    assert [folder.name.split("-")[0] for folder in kept] == ["4", "3"]
