"""Is the operator told the truth, and nobody what isn't theirs?"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from app import create_app
from geo.atlas import Atlas
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.questions import READS, document
from tests.server.material import add, hotline, site


def test_alive_is_not_ready(empty_world: World) -> None:
    assert empty_world.client.get("/healthz").get_json() == {"status": "alive"}
    reply = empty_world.client.get("/readyz")
    assert (reply.status_code, reply.get_json()["edition"]) == (503, None)


def test_ready_once_an_edition_is_loaded(world: World) -> None:
    reply = world.client.get("/readyz")
    assert reply.status_code == 200
    told = reply.get_json()
    assert (told["edition"], told["redis"]) == (2, "not used")
    assert told["sha256"] == world.get("/edition")["sha256"]
    assert reply.headers["Cache-Control"] == "no-store"


def test_an_edition_without_places_is_one(empty_world: World) -> None:
    with empty_world.app.app_context():
        add(hotline())
    number = empty_world.publish()
    reply = empty_world.client.get("/readyz")
    assert (reply.status_code, reply.get_json()["edition"]) == (200, number)


def test_without_an_edition_every_read_asks_for_patience(empty_world: World) -> None:
    for request in [*READS, "/api/v1/sites/1", "/api/v1/sites?colour=red"]:
        reply = empty_world.client.get(request)
        assert (reply.status_code, reply.mimetype) == (503, "application/problem+json")
        assert int(reply.headers["Retry-After"]) > 0
        assert "尚未载入" in reply.get_json(force=True)["detail"]
    nowhere = empty_world.client.get("/api/v1/nowhere")
    assert nowhere.status_code == 404
    assert "hotlines" not in nowhere.get_json(force=True)
    assert document(empty_world)["openapi"]


def test_a_word_that_is_newer_than_the_edition_is_unknown(tmp_path: Path) -> None:
    world = make_world(tmp_path / "instance")
    with world.app.app_context():
        add(site())
    world.publish()
    newer = tmp_path / "city.toml"
    words = world.settings.city.read_text("utf-8")
    newer.write_text(words + '\n[[themes]]\ncode = "space"\ntitle = "航天"\n', "utf-8")
    later = World(create_app(world.settings.model_copy(update={"city": newer})), world.settings)
    later.take_over()
    for path in ("/sites", "/sites/clusters?bbox=1,1,2,2&zoom=1"):
        joint = "&" if "?" in path else "?"
        (error,) = later.get(f"{path}{joint}theme=space", 422)["errors"]
        assert error["loc"] == "theme"
    dismantle(later)
    dismantle(world)


def samples(world: World) -> dict[tuple[str, str, str], float]:
    text = world.client.get("/metrics").get_data(as_text=True)
    pattern = r'tongyou_requests_total\{endpoint="(.*?)",method="(.*?)",status="(.*?)"\} (\S+)'
    return {(e, m, s): float(n) for e, m, s, n in re.findall(pattern, text)}


def test_every_answer_is_counted_by_its_route(world: World) -> None:
    before = samples(world)
    for request in (
        "/api/v1/sites?lat=36.81234&lon=118.05678",
        "/api/v1/sites?colour=red",
        f"/api/v1/sites/{world.ids['博物馆']}",
        "/api/v1/sites/987654321",
        "/api/v1/nowhere/987654321",
    ):
        world.client.get(request)
    world.client.head("/api/v1/sites")
    world.client.open("/api/v1/sites", method="BREW")
    after = samples(world)
    grown = {key for key in after if after[key] > before.get(key, 0)}
    one_site = "/api/v1/sites/<listing:id>"
    assert grown - {("/metrics", "GET", "200")} == {
        ("/api/v1/sites", "GET", "200"),
        ("/api/v1/sites", "GET", "422"),
        ("/api/v1/sites", "HEAD", "200"),
        ("unmatched", "other", "405"),
        (one_site, "GET", "200"),
        (one_site, "GET", "404"),
        ("unmatched", "GET", "404"),
    }
    text = world.client.get("/metrics").get_data(as_text=True)
    for secret in ("36.81234", "118.05678", "colour", "987654321", "BREW", "nowhere"):
        assert secret not in text


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What structlog has rendered, whichever stream it was configured with."""
    lines: list[str] = []

    def keep(_: object, __: str, rendered: str) -> str:
        lines.append(rendered)
        return rendered

    processors = structlog.get_config()["processors"]
    processors.append(keep)
    yield lines
    processors.remove(keep)


ODD = "36.8123456"
"""A latitude that stands nowhere else."""


@pytest.mark.parametrize(
    "request_",
    [
        f"/api/v1/sites?lat={ODD}&lon=118.05",
        f"/api/v1/sites?lat={ODD}",
        f"/api/v1/sites?lat={ODD}&lon=118.05&cursor=x",
        f"/api/v1/sites/{ODD}",
        f"/api/v1/nowhere/{ODD}",
        f"/api/v1/sites/999999?lat={ODD}",
        f"/api/v1/sites/clusters?bbox=118,{ODD},119,37&zoom=9",
    ],
)
@pytest.mark.parametrize("broken", [False, True])
def test_no_log_line_holds_a_position(
    world: World,
    request_: str,
    broken: bool,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[str],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(self: Atlas, *arguments: object) -> None:
        try:
            raise KeyError(f"{arguments} {ODD}")
        except KeyError as error:
            raise ValueError(f"{arguments} {ODD}") from error

    if broken:
        for name in ("find", "clusters", "row_of"):
            monkeypatch.setattr(Atlas, name, fail)
    reply = world.client.get(request_)
    assert reply.status_code in ((422, 404, 500) if broken else (200, 422, 404))
    said = "\n".join([*logged, caplog.text, *capfd.readouterr()])
    assert ODD not in said
    assert ODD.rstrip("6") not in said
    if reply.status_code == 500:
        assert "unforeseen_error" in said
        assert "ValueError" in said
        assert "test_operations.py" in said
        problem = reply.get_json(force=True)
        assert problem["detail"] == "服务出错，我们已记录。"
        assert ODD not in str(problem)
