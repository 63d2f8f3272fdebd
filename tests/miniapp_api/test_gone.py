"""What is told of what isn't there: unknown, retired, merged, not allowed?"""

import pytest

from geo.crs import convert
from tests.miniapp_api.conftest import World

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/sites/99999999999999999999",
        "/api/v1/sites/9223372036854775807",
        "/api/v1/sites/9223372036854775808",
        "/api/v1/sites/" + "9" * 3000,
        "/api/v1/sites/0",
        "/api/v1/sites/-1",
        "/api/v1/sites/01",
        "/api/v1/sites/+1",
        "/api/v1/sites/1.0",
        "/api/v1/sites/1e3",
        "/api/v1/sites/1_0",
        "/api/v1/sites/0x1",
        "/api/v1/sites/%EF%BC%91",
        "/api/v1/sites/%D9%A1",
        "/api/v1/sites/1%20",
        "/api/v1/sites/1%00",
        "/api/v1/sites/%ff",
        "/api/v1/sites/%ED%A0%80",
        "/api/v1/sites/abc",
        "/api/v1/sites/1/",
        "/api/v1/bus/routes/0",
        "/api/v1/bus/routes/999999",
        "/api/v1/bus/routes/1",
        "/api/v1/bus/routes/",
        "/api/v1/bus",
        "/api/v1/bus/departures?stop_id=nowhere",
        "/api/v1/bus/journeys?school=none&direction=to_home&lat=36.8&lon=118.05",
        "/api/v1/sites/",
        "/api/v1/sites;lat=1",
        "/api/v1/nowhere",
        "/api/v1/",
        "/api/v2/sites",
    ],
)
def test_what_is_not_there_is_a_404_with_the_hotlines(world: World, path: str) -> None:
    for method in ("GET", "HEAD"):
        reply = world.client.open(path, method=method)
        assert (reply.status_code, reply.mimetype) == (404, PROBLEM)
        assert reply.headers["Cache-Control"] == "no-store"
    problem = world.client.get(path).get_json(force=True)
    assert {line["number"] for line in problem["hotlines"]} == {"110", "12355", "05332345678"}
    assert problem["status"] == 404
    assert "没有" in problem["detail"]


def test_a_hotline_is_no_place(world: World) -> None:
    assert "没有" in world.get(f"/sites/{world.ids['报警']}", 404)["detail"]
    assert "没有" in world.get(f"/sites/{world.ids['旧热线']}", 404)["detail"]
    assert "没有" in world.get(f"/sites/{world.ids['内部']}", 404)["detail"]


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_a_retired_place_answers_why_and_what_is_near(world: World, crs: str) -> None:
    id_ = world.ids["旧书房"]
    problem = world.get(f"/sites/{id_}?crs={crs}&at=2026-11-24T03:00:00Z", 410)
    assert problem["detail"] == "“旧书房”已于 2026-04-01 撤下：场地租期届满。"
    assert problem["crs"] == crs
    near = problem["nearby"]
    assert near[0]["name"] == "博物馆"
    assert [item["distance_m"] for item in near] == sorted(item["distance_m"] for item in near)
    assert len(near) == 5
    lon, lat = convert(118.05, 36.8, "wgs84", crs)  # type: ignore[arg-type]
    assert (near[0]["lon"], near[0]["lat"]) == (round(lon, 6), round(lat, 6))
    assert near[0]["open"]["text"] == "今天开放至 17:00"
    assert problem["hotlines"]
    assert world.client.head(f"/api/v1/sites/{id_}").status_code == 410


def test_a_merged_place_sends_on_in_the_same_words(world: World) -> None:
    old, new = world.ids["老馆"], world.ids["博物馆"]
    for method in ("GET", "HEAD"):
        reply = world.client.open(f"/api/v1/sites/{old}", method=method)
        assert (reply.status_code, reply.mimetype) == (301, PROBLEM)
        assert reply.headers["Location"] == f"/api/v1/sites/{new}"
    asked = "crs=wgs84&at=2026-11-24T03:00:00%2B08:00"
    followed = world.client.get(f"/api/v1/sites/{old}?{asked}", follow_redirects=True)
    assert followed.get_json() == world.get(f"/sites/{new}?{asked}")
    assert "老馆" in world.get(f"/sites/{old}", 301)["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/api/v1/sites", "/api/v1/sites/1", "/healthz"])
def test_another_method_is_told_which_there_are(world: World, method: str, path: str) -> None:
    reply = world.client.open(path, method=method, data=b"x" * 10)
    assert (reply.status_code, reply.mimetype) == (405, PROBLEM)
    assert {"GET", "HEAD"} <= set(reply.headers["Allow"].split(", "))
    assert reply.get_json(force=True)["detail"] == "这个地址不支持这种请求方法。"


@pytest.mark.parametrize(
    "path", ["/sites", "/sites/1", "/bundle", "/bus/routes", "/bus/gtfs.zip", "/openapi.json"]
)
def test_options_name_the_methods_and_let_any_page_ask(world: World, path: str) -> None:
    reply = world.client.options(f"/api/v1{path}")
    assert (reply.status_code, reply.get_data()) == (204, b"")
    assert "Content-Type" not in reply.headers
    assert "Content-Security-Policy" not in reply.headers
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    refused = world.client.post(f"/api/v1{path}")
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_options_of_nothing_is_a_404(world: World) -> None:
    assert world.client.options("/api/v1/nowhere").status_code == 404


@pytest.mark.parametrize(
    "request_",
    [
        "/sites?theme=labour",
        "/sites?lat=0&lon=0",
        "/sites?bbox=1,1,2,2",
        "/sites?q=不存在的地方",
        "/reading-spaces?theme=labour",
        "/reading-spaces?kind=practice_base",
        "/reading-spaces?kind=practice_base&lat=36.8&lon=118.05&sort=distance",
        "/sites.geojson?theme=labour",
        "/sites/clusters?bbox=1,1,2,2&zoom=3",
        "/suggest?q=不存在的地方",
        "/bus/routes?school=none",
        "/bus/stops?lat=0&lon=0",
        "/bus/lines-for-home?lat=0&lon=0",
        "/bus/journeys?school=b8&direction=to_school&lat=0&lon=0",
    ],
)
def test_a_list_without_matches_carries_the_hotlines(world: World, request_: str) -> None:
    at = "at=2026-11-24T12:00:00%2B08:00"
    found = world.get(f"{request_}&{at}")
    assert found.get("items", found.get("features")) == []
    assert found["hotlines"] == world.get(f"/hotlines?{at}")["items"]


def test_a_list_with_matches_does_not(world: World) -> None:
    assert "hotlines" not in world.get("/sites")
    assert "hotlines" not in world.get("/suggest?q=书房")
