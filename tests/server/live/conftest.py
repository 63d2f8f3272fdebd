"""Each kind of store of live data."""

from pathlib import Path

import pytest
import redis as redis_client
from pydantic import SecretStr

from config.settings import Settings
from server.live import LiveStore, make_store
from server.live import redis_store as redis_module
from tests.services import RedisServer


@pytest.fixture(autouse=True)
def _ask_redis_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_module, "FRESH_ENOUGH", 0.0)


@pytest.fixture(params=["files", "redis"])
def settings_of_store(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = None
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        url = SecretStr(server.url)
        with redis_client.Redis.from_url(server.url) as client:
            client.flushdb()
    return Settings(_env_file=None, instance=tmp_path, redis_url=url)


@pytest.fixture
def store(settings_of_store: Settings) -> LiveStore:
    return make_store(settings_of_store)
