"""Can a user of the mini-program sign in, keep favourites, see what is held, and be forgotten?"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from miniapp_api.favourites import Favourites
from miniapp_api.me import Export
from server.db import db, now
from server.models import Person, PersonSession
from server.people.sessions import IDLE
from tests.miniapp_api.conftest import World
from tests.miniapp_api.people.conftest import User, close, sign_in

NewUser = Callable[[], User]


def count(world: World, table: type[Any]) -> int:
    with world.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_is_a_token_good_until_it_is_handed_back(user: NewUser) -> None:
    here = user()
    there, elsewhere = (sign_in(here.world, here.openid) for _ in range(2))
    assert here.call("GET", "/me", 200)["sessions"] == 3
    here.call("DELETE", "/session", 204)
    here.call("GET", "/me", 401)
    there.call("DELETE", "/session?everywhere=true", 204)
    for signed_out in (here, there, elsewhere):
        signed_out.call("GET", "/me", 401)
    assert sign_in(here.world, here.openid).call("GET", "/me", 200)["sessions"] == 1


def test_does_a_token_that_nobody_used_for_long_end(user: NewUser, town: World) -> None:
    one = user()
    with town.app.app_context():
        newest = select(func.max(PersonSession.id)).scalar_subquery()
        late = update(PersonSession).where(PersonSession.id == newest)
        db.session.execute(late.values(expires_at=now() + timedelta(days=2)))
        db.session.commit()
        one.call("GET", "/me", 200)
        assert (db.session.scalar(select(func.max(PersonSession.expires_at))) or now()) > (
            now() + IDLE - timedelta(minutes=1)
        )
        db.session.execute(late.values(expires_at=now()))
        db.session.commit()
    one.call("GET", "/me", 401)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer x",
        "Bearer 令牌",
        "Bearer " + "x" * 9000,
    ],
)
def test_is_nobody_let_in_without_a_good_token(town: World, authorization: str) -> None:
    headers = {"Authorization": authorization.encode().decode("latin-1")} if authorization else {}
    for method, path in (("GET", "/me"), ("GET", "/me/export"), ("DELETE", "/me")):
        reply = town.client.open(f"/api/v1{path}", method=method, headers=headers)
        assert (reply.status_code, reply.mimetype) == (401, "application/problem+json")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_are_favourites_kept_once_and_told_as_they_stand(user: NewUser, town: World) -> None:
    one, other = user(), user()
    for name in ("馆", "专线", "旧馆", "并馆", "馆"):
        one.call("PUT", f"/me/favourites/{town.ids[name]}", 204)
    other.call("PUT", f"/me/favourites/{town.ids['馆']}", 204)
    for _ in range(2):
        other.call("DELETE", f"/me/favourites/{town.ids['馆']}", 204)
    assert other.favourites() == []
    close(town)
    listed = one.call("GET", "/me/favourites?crs=wgs84&at=2026-11-24T12:00:00%2B08:00", 200)
    Favourites.model_validate(listed)
    told = {item["name"]: item for item in listed["items"]}
    assert [item["name"] for item in listed["items"]] == ["并馆", "旧馆", "专线", "馆"]
    assert (told["馆"]["site"]["open"]["now"], told["馆"]["site"]["lat"]) == (True, 36.8)
    assert (told["专线"]["type"], told["专线"]["site"]) == ("bus_route", None)
    assert (told["旧馆"]["state"], told["旧馆"]["reason"]) == ("retired", "场地租期届满")
    assert (told["并馆"]["state"], told["并馆"]["merged_into"]) == ("merged", town.ids["馆"])
    for name, status in (("旧馆", 410), ("并馆", 301), ("热线", 409), ("内部", 404), ("草稿", 404)):
        reply = one.reply("PUT", f"/me/favourites/{town.ids[name]}")
        assert (reply.status_code, reply.mimetype) == (status, "application/problem+json"), name
        if status == 301:
            assert reply.headers["Location"] == f"/api/v1/me/favourites/{town.ids['馆']}"
        if status in (404, 410):
            assert [line["name"] for line in reply.get_json(force=True)["hotlines"]] == ["热线"]
    assert len(one.favourites()) == 4


@pytest.mark.parametrize("number", ["987654", "2147483648", "9" * 19, "9" * 20])
def test_is_a_number_that_no_listing_has_harmless(user: NewUser, number: str) -> None:
    one = user()
    one.call("PUT", f"/me/favourites/{number}", 404)
    one.call("DELETE", f"/me/favourites/{number}", 204 if number == "987654" else 404)


def test_is_everything_told_and_then_forgotten(user: NewUser, town: World) -> None:
    one, other = user(), user()
    for person in (one, other):
        person.call("PUT", f"/me/favourites/{town.ids['馆']}", 204)
    export = one.call("GET", "/me/export", 200)
    Export.model_validate_json(one.reply("GET", "/me/export").data)
    assert export["person"]["openid"] == one.openid
    assert [kept["listing_id"] for kept in export["favourites"]] == [town.ids["馆"]]
    assert one.token not in str(export)
    before = count(town, Person)
    one.call("DELETE", "/me", 204)
    one.call("GET", "/me", 401)
    one.call("DELETE", "/me", 401)
    assert count(town, Person) == before - 1
    assert len(other.favourites()) == 1
    assert sign_in(town, one.openid).favourites() == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": b"\xff\xfe", "content_type": "application/json"}, 400),
        ({"data": b"{}"}, 415),
        ({"data": b"code=x", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"data": b'{"code":"' + b"x" * 5000 + b'"}', "content_type": "application/json"}, 413),
        ({"json": {}}, 422),
        ({"json": []}, 422),
        ({"json": {"code": 7}}, 422),
        ({"json": {"code": ""}}, 422),
        ({"json": {"code": "代码"}}, 422),
        ({"json": {"code": "x" * 129}}, 422),
        ({"json": {"code": "x", "openid": "o6_bmjrPTlm6"}}, 422),
        ({"json": {"code": "x"}, "query_string": "openid=o6_bmjrPTlm6"}, 422),
    ],
)
def test_is_what_can_not_be_read_refused_and_nothing_stored(
    town: World, sent: dict[str, Any], status: int
) -> None:
    before = count(town, Person)
    reply = town.client.post("/api/v1/session", **sent)
    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json"), reply.text
    assert count(town, Person) == before


def test_is_only_a_known_parameter_taken(user: NewUser) -> None:
    one = user()
    for method, query in (
        ("GET", "/me?colour=red"),
        ("DELETE", "/session?everywhere=1"),
        ("DELETE", "/me?sure=yes"),
        ("GET", "/me/favourites?crs=mars"),
    ):
        told = one.call(method, query, 422)
        assert told["errors"][0]["loc"] in query
    one.call("GET", "/me", 200)


@pytest.mark.parametrize("openid", ["", "x", "o6 bmjrPTlm6", "o" * 65, "'; DROP TABLE person; --"])
def test_is_a_header_that_names_nobody_refused(town: World, openid: str) -> None:
    before = count(town, Person)
    reply = town.client.post("/api/v1/session", json={}, headers={"X-WX-OPENID": openid})
    assert reply.status_code == 400
    assert count(town, Person) == before


def test_is_the_clouds_word_refused_where_it_does_not_stand_in_front(empty_world: World) -> None:
    forged = {"X-WX-OPENID": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"}
    for method, path in (("POST", "/session"), ("GET", "/me"), ("DELETE", "/me")):
        reply = empty_world.client.open(f"/api/v1{path}", method=method, headers=forged, json={})
        assert (reply.status_code, reply.mimetype) == (403, "application/problem+json")
    assert count(empty_world, Person) == 0


def test_does_only_signing_in_need_wechat(empty_world: World) -> None:
    reply = empty_world.client.post("/api/v1/session", json={"code": "x"})
    assert (reply.status_code, reply.mimetype) == (503, "application/problem+json")
    assert "没有接入" in reply.get_json(force=True)["detail"]
    assert empty_world.client.get("/api/v1/me").status_code == 401
    assert empty_world.client.get("/healthz").status_code == 200


def test_is_it_told_when_the_database_is_away(empty_world: World) -> None:
    with empty_world.app.app_context():
        db.drop_all()
    reply = empty_world.client.get("/api/v1/me", headers={"Authorization": "Bearer x"})
    assert (reply.status_code, reply.mimetype) == (503, "application/problem+json")
    assert int(reply.headers["Retry-After"]) > 0
