"""A bus company's program before the operators' door and before the whole service, and what is
counted meanwhile."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis as redis_client
from prometheus_client import REGISTRY

from config.settings import Settings
from server.live import redis_store, repeated
from tests.miniapp_api.live.company import Company, opened
from tests.miniapp_api.live.service import Published, Service, published, serving
from tests.services import RedisServer


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    settings = Settings(
        _env_file=None, instance=tmp_path, database_url=f"sqlite:///{tmp_path / 'map.db'}"
    )
    yield from opened(settings)


@pytest.fixture
def counted() -> Callable[[str], float]:
    """How often a result was counted since the test began."""

    def count(result: str, name: str = "tongyou_positions_total") -> float:
        return REGISTRY.get_sample_value(name, {"result": result}) or 0.0

    before: dict[tuple[str, str], float] = {
        (sample.name, sample.labels["result"]): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if "result" in sample.labels
    }

    def since(result: str, name: str = "tongyou_positions_total") -> float:
        return count(result, name) - before.get((name, result), 0.0)

    return since


@pytest.fixture(autouse=True)
def _nothing_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated, "REPEATED_S", 0.0)
    monkeypatch.setattr(redis_store, "FRESH_ENOUGH", 0.0)


@pytest.fixture(scope="package")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return published(tmp_path_factory.mktemp("lines") / "instance")


@pytest.fixture(params=["files", "redis"])
def service(request: pytest.FixtureRequest, lines: Published, tmp_path: Path) -> Iterator[Service]:
    url = None
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        url = server.url
        with redis_client.Redis.from_url(url) as client:
            client.flushdb()
    with serving(lines, tmp_path / "instance", url) as service:
        yield service


@pytest.fixture
def plain(lines: Published, tmp_path: Path) -> Iterator[Service]:
    with serving(lines, tmp_path / "instance") as service:
        yield service
