"""Are places found that may be the same twice, and can they be made one and two again?"""

from typing import Any

import pytest
from flask import Flask

from geo.city import City
from geo.crs import Crs, convert
from server import audit, publishing
from server.db import db
from server.duplicates import (
    Place,
    Places,
    all_pairs,
    places_on_the_map,
    resembling,
    told_apart,
)
from server.listing_merge import merge, part, tell_apart
from server.models import Listing
from server.revisions import Member, Refused, newest, writing
from tests.server.material import add, hotline, set_state, site
from tests.server.members import hired


def like(one: Place, other: Place) -> str:
    places = Places()
    places.add(other)
    found = places.like(one)
    return found[0].told if found else ""


HERE = (118.05, 36.8)


def place(
    key: int, name: str = "甲馆", lon: float = HERE[0], lat: float = HERE[1], **more: Any
) -> Place:
    return Place(key, name, lon, lat, **more)


def test_are_spellings_of_one_name_the_same() -> None:
    assert like(place(1, "张店·书房"), place(2, "张店书房", lon=118.3)) == "名称相同"
    assert like(place(1, "张店书房"), place(2, "博山书房", lon=118.3)) == ""


def test_is_the_same_phone_seen_however_it_is_written() -> None:
    told = like(place(1, phone="0533-2164568"), place(2, "乙", 118.3, phone="05332164568"))
    assert told == "电话相同"
    assert like(place(1), place(2, "乙", 118.3)) == ""


@pytest.mark.parametrize(("metres", "near"), [(45, True), (60, False)])
def test_is_fifty_metres_near(metres: float, near: bool) -> None:
    north = place(2, "乙", lat=HERE[1] + metres / 111_195)
    assert ("相距" in like(place(1), north)) is near


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
@pytest.mark.parametrize("forth", [True, False])
def test_is_the_shift_of_a_mistaken_system_recognised(crs: Crs, forth: bool) -> None:
    lon, lat = convert(*HERE, "wgs84", crs) if forth else convert(*HERE, crs, "wgs84")
    told = like(place(1), place(2, "乙", lon, lat))
    assert "的偏差" in told
    assert {"gcj02": "GCJ-02", "bd09": "BD-09"}[crs] in told


def test_is_as_far_the_other_way_no_mistake() -> None:
    lon, lat = convert(*HERE, "wgs84", "gcj02")
    aside = place(2, "乙", 2 * HERE[0] - lon, lat)
    assert like(place(1), aside) == ""


def test_is_each_pair_told_once_the_likeliest_first() -> None:
    places = Places()
    for one in (place(1), place(2, "乙", lat=36.8003), place(3), place(4, "丙", 118.3)):
        places.add(one)
    pairs = [(p.key, other.place.key) for p, other in all_pairs(places, 10)]
    assert pairs == [(1, 3), (1, 2), (2, 3)]
    assert len(all_pairs(places, 1)) == 1
    assert [(p.key, o.place.key) for p, o in all_pairs(places, 9, {(1, 3), (1, 2)})] == [(2, 3)]


def test_are_only_places_on_the_map_compared(app: Flask) -> None:
    add(site("甲馆"))
    set_state(add(site("甲馆")), "retired", "停办")
    add(hotline())
    assert list(places_on_the_map(db.session).by_key) == [1]


@pytest.fixture
def pair(app: Flask) -> tuple[int, int]:
    winner = add(site("甲馆", phone="0533-1111111"))
    loser = add(
        site(
            "甲馆（新）",
            phone="0533-2222222",
            address="某路 1 号",
            facilities=["parking"],
            facts={"": {"source": "台账"}, "address": {"source": "门牌"}},
        )
    )
    return winner, loser


@pytest.fixture
def reviewer(app: Flask) -> Member:
    return hired("reviewer")


def test_does_merging_keep_both_and_take_over_what_is_missing(
    pair: tuple[int, int], reviewer: Member
) -> None:
    winner, loser = pair
    with writing(db.session):
        draft = merge(db.session, reviewer, loser, winner, ["address", "phone", "aliases"])
    assert draft is not None
    said = draft.document
    assert (said["address"], said["phone"]) == ("某路 1 号", "0533-1111111")
    assert said["aliases"] == ["甲馆（新）"]
    assert said["facts"] == {"address": {"source": "门牌", "confirmed_on": None}}
    assert (draft.state, draft.listing_id) == ("draft", winner)
    gone = db.session.get_one(Listing, loser)
    assert (gone.state, gone.merged_into_id) == ("merged", winner)
    assert newest(db.session, loser) is not None
    assert audit.verify(db.session) is None


def test_is_whoever_opens_the_loser_sent_on(
    pair: tuple[int, int], reviewer: Member, app: Flask, city: City
) -> None:
    winner, loser = pair
    settings = app.extensions["settings"]
    publishing.publish(settings, city)
    with writing(db.session):
        merge(db.session, reviewer, loser, winner)
    publishing.publish(settings, city)
    from server import exports

    text = exports.newest(db.engine.connect(), "json").decode()
    assert f'"merged_into":{winner}' in text


def test_can_merging_be_undone(pair: tuple[int, int], reviewer: Member) -> None:
    winner, loser = pair
    with writing(db.session):
        merge(db.session, reviewer, loser, winner)
    with writing(db.session):
        part(db.session, reviewer, loser)
    back = db.session.get_one(Listing, loser)
    assert (back.state, back.merged_into_id, back.retired_on) == ("active", None, None)
    with pytest.raises(Refused, match="没有被合并"), writing(db.session):
        part(db.session, reviewer, loser)


@pytest.mark.parametrize(
    ("role", "districts", "told"),
    [("editor", None, "不能合并"), ("reviewer", ["boshan"], "不在您负责的范围内")],
)
def test_who_may_not_merge(
    pair: tuple[int, int], role: str, districts: list[str] | None, told: str
) -> None:
    by = hired(role, districts=districts)
    with pytest.raises(Refused, match=told), writing(db.session):
        merge(db.session, by, pair[1], pair[0])
    assert db.session.get_one(Listing, pair[1]).state == "active"


def test_what_can_not_be_merged(pair: tuple[int, int], reviewer: Member) -> None:
    line = add(hotline())
    for loser, winner, told in (
        (pair[0], pair[0], "自己"),
        (pair[0], line, "同是"),
        (pair[0], 999, "没有编号为 999"),
    ):
        with pytest.raises(Refused, match=told), writing(db.session):
            merge(db.session, reviewer, loser, winner)
    with writing(db.session):
        merge(db.session, reviewer, pair[1], pair[0])
    with pytest.raises(Refused, match="已不在用"), writing(db.session):
        merge(db.session, reviewer, pair[0], pair[1])


def test_are_two_that_were_told_apart_not_asked_for_again(
    pair: tuple[int, int], reviewer: Member
) -> None:
    for _ in range(2):
        with writing(db.session):
            tell_apart(db.session, reviewer, pair[1], pair[0])
    assert told_apart(db.session) == {pair}
    assert all_pairs(places_on_the_map(db.session), 9, told_apart(db.session)) == []


def test_is_somebody_who_types_a_listing_anew_told(pair: tuple[int, int], reviewer: Member) -> None:
    typed = site("甲馆", lon=118.3)
    assert [(one.place.key, one.told) for one in resembling(db.session, typed)] == [
        (pair[0], "名称相同")
    ]
    own = resembling(db.session, site("甲馆", phone=None), pair[0])
    assert [one.place.key for one in own] == [pair[1]]
    with writing(db.session):
        tell_apart(db.session, reviewer, *pair)
    assert resembling(db.session, site("甲馆"), pair[0]) == []
