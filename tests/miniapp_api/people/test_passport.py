"""Does a code scanned at a base make a stamp, once a day, and a forged one none?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from geo.crs import convert
from server.db import db
from server.models import Stamp
from server.passport import scenes
from server.revisions import writing
from server.secret_key import secret_key
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.people.conftest import User, sign_in
from tests.server.material import add, revise, set_state, site

HERE = (118.05, 36.81)


@dataclass
class Keeper:
    """Whoever prints the posters."""

    account_id: None = None
    login: str = "keeper"
    role: str = "reviewer"
    districts: None = None
    listings: None = None


@dataclass(frozen=True)
class Town:
    world: World
    codes: dict[str, str]

    def user(self, name: str) -> User:
        return sign_in(self.world, f"o6_passport_of_{name}")

    def stamps(self) -> int:
        with self.world.app.app_context():
            return db.session.scalar(select(func.count()).select_from(Stamp)) or 0


def make_town(folder: Any, **settings: Any) -> Town:
    world = make_world(folder / "instance", wechat_cloud=True, **settings)
    with world.app.app_context():
        lon, lat = HERE
        world.ids = {
            "科技": add(site("科技馆", theme="science", lon=lon, lat=lat)),
            "历史": add(site("历史馆", theme="history", lon=lon, lat=lat, district="boshan")),
            "旧馆": add(site("旧馆", theme="labour", lon=lon, lat=lat)),
            "旧名": add(site("科技馆旧名", theme="science", lon=lon, lat=lat)),
            "改行": add(site("改行馆", theme="science", lon=lon, lat=lat)),
            "并走": add(site("并走馆", theme="science", lon=lon, lat=lat)),
        }
        key = secret_key(world.settings)
        with writing(db.session):
            codes = {
                name: scenes.make(db.session, Keeper(), key, id_).code
                for name, id_ in world.ids.items()
            }
    world.publish()
    with world.app.app_context():
        set_state(world.ids["旧馆"], "retired", "场地租期届满")
        set_state(world.ids["旧名"], "merged", into=world.ids["科技"])
        revise(world.ids["改行"], site("书屋", kind="reading_space", lon=lon, lat=lat))
        set_state(world.ids["并走"], "merged", into=world.ids["改行"])
    world.publish()
    return Town(world, codes)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = make_town(tmp_path_factory.mktemp("passport"))
    yield made
    dismantle(made.world)


def test_is_a_stamp_made_once_a_day_and_counted(town: Town) -> None:
    child = town.user("once")
    first = child.call("POST", "/me/check-ins", 200, json={"scene": town.codes["科技"]})
    assert (first["name"], first["new"]) == ("科技馆", True)
    again = child.call("POST", "/me/check-ins", 200, json={"scene": town.codes["科技"]})
    assert again == first | {"new": False}
    child.call("POST", "/me/check-ins", 200, json={"scene": town.codes["历史"]})
    with town.world.app.app_context():
        (stamp,) = db.session.scalars(
            select(Stamp).where(Stamp.listing_id == town.world.ids["科技"])
        )
        for days in (1, 2):
            earlier = stamp.day - timedelta(days=days)
            db.session.add(
                Stamp(person_id=stamp.person_id, listing_id=stamp.listing_id, day=earlier)
            )
        db.session.commit()
    told = child.call("GET", "/me/passport", 200)
    assert [one["name"] for one in told["stamps"]] == ["科技馆", "历史馆", "科技馆", "科技馆"]
    assert told["bases"] == 2
    themes = {one["code"]: (one["seen"], one["total"]) for one in told["themes"]}
    assert themes == {"history": (1, 1), "science": (1, 1)}
    earned = {one["code"]: one["earned"] for one in told["badges"]}
    assert earned["first_stamp"]
    assert earned["all_themes"]
    assert earned["all_districts"]
    assert earned["old_friend"]
    assert not earned["ten_bases"]
    assert child.call("GET", "/me", 200)["stamps"] == 4


def test_does_a_poster_of_a_merged_base_stamp_for_the_place_it_is_now(town: Town) -> None:
    child = town.user("merged")
    first = child.call("POST", "/me/check-ins", 200, json={"scene": town.codes["旧名"]})
    assert (first["listing_id"], first["new"]) == (town.world.ids["科技"], True)
    again = child.call("POST", "/me/check-ins", 200, json={"scene": town.codes["科技"]})
    assert again == first | {"new": False}


def stamped_before(town: Town, child: User, *names: str) -> None:
    """What a child got while the bases were still on the map."""
    child.call("POST", "/me/check-ins", 200, json={"scene": town.codes["科技"]})
    with town.world.app.app_context():
        last = db.session.scalars(select(Stamp).order_by(Stamp.person_id.desc())).first()
        assert last is not None
        for name in names:
            id_ = town.world.ids[name]
            db.session.add(Stamp(person_id=last.person_id, listing_id=id_, day=last.day))
        db.session.commit()


def test_do_stamps_of_a_base_that_left_the_map_keep_their_name_and_their_worth(town: Town) -> None:
    child = town.user("faithful")
    stamped_before(town, child, "旧馆", "历史", "旧名")
    told = child.call("GET", "/me/passport", 200)
    assert sorted(one["name"] for one in told["stamps"]) == ["历史馆", "旧馆", "科技馆"]
    assert told["bases"] == 3
    assert {one["code"] for one in told["themes"]} == {"history", "science"}
    badges = {one["code"]: (one["have"], one["earned"]) for one in told["badges"]}
    assert badges["three_themes"] == (3, True)
    assert badges["all_themes"] == (2, True)


@pytest.mark.parametrize(
    ("scene", "status"),
    [
        ("旧馆", 410),
        ("1.aaaaaaaa.aaaaaaaaaaaa", 404),
        ("x", 404),
        ("' OR 1=1 --", 404),
        ("１.aaaaaaaa.aaaaaaaaaaaa", 404),
        ("", 422),
        ("x" * 33, 422),
    ],
)
def test_is_nothing_stored_for_a_code_that_is_not_good(town: Town, scene: str, status: int) -> None:
    child, before = town.user("forger"), town.stamps()
    body = {"scene": town.codes.get(scene, scene)}
    told = child.call("POST", "/me/check-ins", status, json=body)
    assert told["status"] == status
    assert town.stamps() == before


def test_is_it_said_why_a_code_stamps_no_more(town: Town) -> None:
    child = town.user("curious")
    for name, why in (("旧馆", "场地租期届满"), ("改行", "不是实践基地"), ("并走", "已并入")):
        body = {"scene": town.codes[name]}
        assert why in child.call("POST", "/me/check-ins", 410, json=body)["detail"]


def test_is_a_code_that_is_altered_by_one_letter_refused(town: Town) -> None:
    child, code = town.user("altered"), town.codes["科技"]
    for place in (0, 3, len(code) - 1):
        other = code[:place] + ("b" if code[place] != "b" else "c") + code[place + 1 :]
        child.call("POST", "/me/check-ins", 404, json={"scene": other})


def test_is_a_revoked_code_refused_and_the_new_one_good(town: Town) -> None:
    child, id_ = town.user("renewed"), town.world.ids["历史"]
    with town.world.app.app_context(), writing(db.session):
        new = scenes.renew(db.session, Keeper(), secret_key(town.world.settings), id_).code
    child.call("POST", "/me/check-ins", 410, json={"scene": town.codes["历史"]})
    child.call("POST", "/me/check-ins", 200, json={"scene": new})
    town.codes["历史"] = new


def test_are_check_ins_those_of_whoever_calls(town: Town) -> None:
    one, other = town.user("one"), town.user("other")
    one.call("POST", "/me/check-ins", 200, json={"scene": town.codes["科技"]})
    assert other.call("GET", "/me/passport", 200)["stamps"] == []
    nobody = User(town.world, "", "")
    nobody.call("POST", "/me/check-ins", 401, json={"scene": town.codes["科技"]})
    nobody.call("GET", "/me/passport", 401)


def test_is_the_distance_checked_where_it_is_asked_for_and_never_kept(
    tmp_path: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    town = make_town(tmp_path, check_in_distance=500)
    child, scene = town.user("far"), {"scene": town.codes["科技"]}
    lon, lat = convert(*HERE, "wgs84", "gcj02")
    path = "/me/check-ins"
    assert child.call("POST", path, 422, json=scene)["errors"][0]["loc"] == "lat"
    assert child.call("POST", path, 422, json=scene | {"lat": lat})["errors"][0]["loc"] == "lon"
    far = scene | {"lat": lat + 0.013579, "lon": lon}
    assert "500 米" in child.call("POST", path, 409, json=far)["detail"]
    assert town.stamps() == 0
    child.call("POST", path, 200, json=scene | {"lat": lat + 0.0012345, "lon": lon})
    written = capfd.readouterr()
    database = (tmp_path / "instance" / "map.db").read_bytes()
    wal = tmp_path / "instance" / "map.db-wal"
    for place in (lat + 0.013579, lat + 0.0012345, lon):
        # Fewer digits stand by chance in a moment of the clock: 16:24:36.8117.
        digits = f"{place:.8f}"[:-1]
        assert digits not in written.out + written.err
        assert digits.encode() not in database + (wal.read_bytes() if wal.exists() else b"")
    dismantle(town.world)
