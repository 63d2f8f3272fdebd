"""Is every answer what its model says, and the same for the same question?"""

from datetime import date

import pytest

from geo.listing import Site
from geo.public import told_update
from miniapp_api.media_types import FILES
from tests.miniapp_api.conftest import World
from tests.miniapp_api.questions import REQUESTS, document, models, reads
from tests.server.material import site

ASKED = [(name, request) for name, requests in REQUESTS.items() for request in requests]


@pytest.mark.parametrize(("operation", "request_"), ASKED)
def test_an_answer_fits_its_model(world: World, operation: str, request_: str) -> None:
    reply = world.client.get(request_)
    assert reply.status_code == 200
    described = {one["operationId"]: one for _, one in reads(document(world))}
    ((media, schema),) = described[operation]["responses"]["200"]["content"].items()
    assert reply.mimetype == media
    if media == "text/plain" or media in FILES:
        return
    model = models(world)[schema["schema"]["$ref"].rpartition("/")[2]]
    assert model.model_config["extra"] == "forbid"
    model.model_validate_json(reply.get_data())


@pytest.mark.parametrize("request_", [r for _, r in ASKED if "at=" in r])
def test_the_same_moment_has_the_same_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, request_: str
) -> None:
    first = world.client.get(request_)
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.0)
    again = world.client.get(request_)
    assert first.get_data() == again.get_data()
    assert first.headers["ETag"] == again.headers["ETag"]


def test_items_are_the_same_in_every_answer(world: World) -> None:
    (item,) = world.get("/sites?q=博物馆&at=2026-11-24T12:00:00Z")["items"]
    detail = world.get(f"/sites/{item['id']}?at=2026-11-24T12:00:00Z")
    assert item.items() <= detail.items()
    (feature,) = world.get("/sites.geojson?q=博物馆&crs=gcj02&at=2026-11-24T12:00:00Z")["features"]
    assert feature["properties"] == item
    assert feature["geometry"]["coordinates"] == [item["lon"], item["lat"]]
    assert feature["id"] == item["id"]


def test_facts_carry_their_source_and_date(world: World) -> None:
    detail = world.get(f"/sites/{world.ids['博物馆']}")
    assert detail["facts"] == {"phone": {"source": "馆方", "confirmed_on": "2026-03-01"}}
    assert detail["verified"] is True
    assert detail["aliases"] == ["市博物馆"]


def test_a_week_of_hours_is_told(world: World) -> None:
    hours = world.get(f"/sites/{world.ids['博物馆']}?at=2026-11-27T23:59:00%2B08:00")["hours"]
    assert [(day["date"], day["ranges"]) for day in hours] == [
        ("2026-11-27", [["09:00", "17:00"]]),
        ("2026-11-28", []),
        ("2026-11-29", []),
        *((f"2026-{day}", [["09:00", "17:00"]]) for day in ("11-30", "12-01", "12-02", "12-03")),
    ]


def test_taxonomy_speaks_the_coordinates_asked_for(world: World) -> None:
    plain = {d["code"]: d for d in world.get("/taxonomy?crs=wgs84")["districts"]}
    shifted = world.get("/taxonomy")
    assert shifted["crs"] == "gcj02"
    assert plain["zhangdian"]["centre"] == [118.0478, 36.8067]
    for district in shifted["districts"]:
        lon, lat = district["centre"]
        assert 0.004 < lon - plain[district["code"]]["centre"][0] < 0.008
        assert round(lon, 6) == lon
        assert round(lat, 6) == lat
    assert plain["zhangdian"]["count"] == len(
        world.get("/sites?district=zhangdian&limit=100")["items"]
    )


def test_suggestions_know_characters_pinyin_and_initials(world: World) -> None:
    for typed in ("科技", "kejiguan", "kjg"):
        assert world.names(f"/suggest?q={typed}")[0] == "科技馆"
    assert len(world.names("/suggest?q=书房&limit=3")) == 3


def test_what_nobody_has_checked_has_no_day_of_update(world: World, starter_world: World) -> None:
    for kind in ("/sites?limit=100", "/reading-spaces?limit=100", "/hotlines"):
        assert {one["updated_on"] for one in starter_world.get(kind)["items"]} == {None}, kind
    told = {one["name"]: one["updated_on"] for one in world.get("/sites?limit=100")["items"]}
    assert told["博物馆"] is not None
    assert told["桃花溪"] is None
    assert world.get(f"/sites/{world.ids['博物馆']}")["updated_on"] == told["博物馆"]


def test_a_confirmed_fact_is_enough_for_a_day_of_update() -> None:
    day = date(2026, 3, 2)
    fact = {"phone": {"source": "馆方", "confirmed_on": "2026-03-01"}}
    source_only = {"phone": {"source": "公开资料"}}
    checked, unchecked = (Site.model_validate(site(facts=facts)) for facts in (fact, source_only))
    assert (told_update(checked, day), told_update(unchecked, day)) == (day, None)


def test_reading_spaces_take_the_parameters_of_sites(world: World) -> None:
    plain = world.get("/reading-spaces?limit=3")
    same = world.get("/reading-spaces?limit=3&kind=reading_space")
    assert same["items"] == plain["items"]
    assert same["total"] == plain["total"]
    none = world.get("/reading-spaces?kind=practice_base&free=true")
    assert (none["items"], none["total"], none["next"], none["unconfirmed"]) == ([], 0, None, 0)
