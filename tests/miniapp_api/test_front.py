"""Do the thin layer and Flask say the same, and do validators, codings and caches fit?"""

import gzip
import tomllib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from werkzeug.test import Client, TestResponse

from config.settings import ROOT
from config.version import VERSION
from geo.atlas import Atlas
from miniapp_api import reads
from miniapp_api.reads import PublicBlueprint
from miniapp_api.sites import SitesQuery
from tests.miniapp_api.conftest import World
from tests.miniapp_api.questions import READS, ROUTE, document

DECODE: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}
LONG = "/api/v1/sites?limit=50"


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_795_500_000.0)


def both(world: World, request: str, method: str = "GET", **headers: str) -> list[TestResponse]:
    """The answer of the layer in front, and that of Flask behind it."""
    front = world.app.wsgi_app
    clients = Client(front), Client(front._app)  # type: ignore[attr-defined]
    return [client.open(request, method=method, headers=headers) for client in clients]


@pytest.mark.parametrize("request_", READS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_layer_in_front_says_what_flask_says(world: World, request_: str, method: str) -> None:
    etag = world.client.get(request_).headers["ETag"]
    for headers in (
        {},
        {"Accept-Encoding": "gzip"},
        {"Accept-Encoding": "br;q=0.5, zstd"},
        {"If-None-Match": etag},
        {"If-None-Match": etag, "Accept-Encoding": "br"},
    ):
        front, flask = both(world, request_, method, **headers)
        assert front.status_code == flask.status_code
        assert sorted(front.headers) == sorted(flask.headers), headers
        assert front.get_data() == flask.get_data()
        assert front.status_code == (304 if "If-None-Match" in headers else 200)


def test_the_layer_in_front_answers_all_reads_of_fixed_paths(world: World) -> None:
    blueprints = world.app.blueprints.items()
    reads = {name for name, blueprint in blueprints if isinstance(blueprint, PublicBlueprint)}
    fixed = {
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in reads and "<" not in rule.rule
    }
    answered = set(world.app.wsgi_app._reads)  # type: ignore[attr-defined]
    assert len(fixed) > 10
    assert fixed - answered == set()


ONE_LISTING = ["/api/v1/sites/1", f"/api/v1/bus/routes/{ROUTE}"]


@pytest.mark.parametrize("request_", [*READS, *ONE_LISTING, "/api/v1/sites/999999"])
def test_head_says_what_get_would(world: World, request_: str) -> None:
    get, head = world.client.get(request_), world.client.head(request_)
    assert head.status == get.status
    assert head.get_data() == b""
    assert dict(head.headers) == dict(get.headers)
    assert int(head.headers["Content-Length"]) == len(get.get_data())


def test_every_read_can_be_revalidated(world: World) -> None:
    for request in [*READS, *ONE_LISTING]:
        first = world.client.get(request)
        tag = first.headers["ETag"]
        assert tag.startswith('W/"')
        strong = tag.removeprefix("W/")
        for match in (tag, strong, f'"other", {strong}', f'W/"x",{tag} , "y"', "*"):
            reply = world.client.get(request, headers={"If-None-Match": match})
            assert (reply.status_code, reply.get_data()) == (304, b""), (request, match)
            assert reply.headers["ETag"] == tag
            assert reply.headers["Vary"] == "Accept-Encoding"
            assert reply.headers["Cache-Control"] == first.headers["Cache-Control"]
        for other in ('"other"', 'W/"other", ""', strong.strip('"')):
            reply = world.client.get(request, headers={"If-None-Match": other})
            assert reply.status_code == 200, (request, other)


def test_a_validator_ends_with_the_code_and_the_setting_that_made_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = world.app.extensions["atlas_keeper"]
    query = SitesQuery(at="2026-11-24T04:00:00Z")

    def tag(atlas: Atlas) -> str:
        reads._tag_of.cache_clear()  # as in a process of its own
        return reads._freshness(atlas, query, 0)[0]

    before = tag(keeper.atlas)
    assert tag(keeper.atlas) == before
    monkeypatch.setattr(reads, "VERSION", "99.0.0")
    assert tag(keeper.atlas) != before
    monkeypatch.undo()
    folder = keeper._cache.baked(keeper._cache.current())
    reads._tag_of.cache_clear()
    assert tag(Atlas.load(folder, closing_soon=31)) != before
    assert tag(Atlas.load(folder, max_walk=801)) != before
    reads._tag_of.cache_clear()


def test_the_version_is_the_same_everywhere(world: World) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION == document(world)["info"]["version"]


def test_an_error_is_not_taken_for_unchanged(world: World) -> None:
    for request in ("/api/v1/sites/999999", "/api/v1/sites?colour=red"):
        reply = world.client.get(request, headers={"If-None-Match": "*"})
        assert reply.status_code >= 400
        assert reply.headers["Cache-Control"] == "no-store"


def test_what_is_open_now_grows_old_with_the_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tag(request: str) -> str:
        return world.client.get(request).headers["ETag"]

    requests = "/api/v1/sites", "/api/v1/sites?at=2026-01-05T10:00:00Z", "/api/v1/taxonomy"
    before = [tag(request) for request in requests]
    monkeypatch.setattr("time.time", lambda: 1_795_500_059.0)
    assert [tag(request) for request in requests] == before
    assert world.client.get(requests[0]).headers["Cache-Control"] == "public, max-age=1"
    monkeypatch.setattr("time.time", lambda: 1_795_500_060.0)
    after = [tag(request) for request in requests]
    assert after[0] != before[0]
    assert after[1:] == before[1:]


def test_an_answer_about_a_position_stays_out_of_shared_caches(world: World) -> None:
    for path, query, scope in (
        ("/sites", "", "public"),
        ("/sites", "?lat=36.8&lon=118.05", "private"),
        ("/reading-spaces", "?lat=0&lon=0", "private"),
        ("/sites.geojson", "?lat=36.8&lon=118.05", "private"),
        ("/sites", "?bbox=118,36,119,37", "public"),
    ):
        header = world.client.get(f"/api/v1{path}{query}").headers["Cache-Control"]
        assert header.split(",")[0] == scope, (path, query)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1, br;q=0.8", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("zstd;q=0, *", "br"),
        ("*;q=0", None),
        ("gzip;q=0", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.9", "gzip"),
        ("deflate", None),
        ("gzip;q=nonsense", None),
        ("gzip;q=nan", None),
        ("", None),
    ],
)
def test_the_coding_is_the_one_asked_for(world: World, accepted: str, coding: str | None) -> None:
    plain = world.client.get(LONG).get_data()
    bundle = world.client.get("/api/v1/bundle").get_data()
    for request, body in ((LONG, plain), ("/api/v1/bundle", bundle)):
        reply = world.client.get(request, headers={"Accept-Encoding": accepted})
        got = reply.headers.get("Content-Encoding")
        if accepted == "gzip, deflate, br, zstd" and request != LONG:
            assert got == "br"  # stands ready, so the smallest costs nothing
        elif request == LONG or coding is None or "*" not in accepted:
            assert got == coding
        assert DECODE[got](reply.get_data()) == body
        assert reply.headers["Vary"] == "Accept-Encoding"
        assert int(reply.headers["Content-Length"]) == len(reply.get_data())


def test_a_small_answer_is_not_compressed(world: World) -> None:
    reply = world.client.get("/api/v1/edition", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in reply.headers


def test_any_page_may_read_and_no_type_is_guessed(world: World) -> None:
    for request in ("/api/v1/sites", "/api/v1/sites?colour=red", "/api/v1/nowhere"):
        headers = world.client.get(request).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
