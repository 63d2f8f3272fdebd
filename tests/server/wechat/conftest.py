"""WeChat's stand-in over HTTP, as on its first day, and clients for it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from server.wechat import WeChat
from server.wechat import client as client_module
from tests import wechat_standin
from tests.wechat_standin import APP_ID, SECRET, StandIn

Settle = Callable[..., Settings]


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with wechat_standin.running() as service:
        yield service


@pytest.fixture
def standin(running: StandIn) -> StandIn:
    running.reset()
    return running


@pytest.fixture
def settle(running: StandIn, tmp_path: Path) -> Settle:
    """Settings for the stand-in, with what is given instead."""

    def settings(**given: Any) -> Settings:
        ours = {
            "instance": tmp_path / "instance",
            "wechat_url": running.base,
            "wechat_app_id": APP_ID,
            "wechat_app_secret": SECRET,
        }
        return Settings(_env_file=None, **ours | given)

    return settings


@pytest.fixture
def client(standin: StandIn, settle: Settle, monkeypatch: pytest.MonkeyPatch) -> WeChat:
    """A client that is in no hurry to wait."""
    monkeypatch.setattr(client_module, "PAUSES", (0.01, 0.01, 0.01))
    return WeChat(settle())
