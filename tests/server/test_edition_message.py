"""Does a Redis that is no use harm nobody?"""

import time

import pytest
from pydantic import SecretStr

from server.edition_message import Listener, announce
from tests.services import free_port

USELESS = [
    "",
    "http://127.0.0.1",
    "redis://127.0.0.1:port",
    "redis://127.0.0.1?nonsense=1",
    "unix:///nowhere",
    "redis://127.0.0.1:{port}",
]


@pytest.mark.parametrize("url", USELESS)
def test_does_announcing_never_fail(url: str) -> None:
    announce(SecretStr(url.format(port=free_port())), 1)


@pytest.mark.parametrize("url", USELESS)
def test_does_the_listener_live_on(url: str) -> None:
    listener = Listener(SecretStr(url.format(port=free_port())), lambda: None)
    tries: list[int] = []
    listen = listener._listen

    def counted(address: SecretStr) -> None:
        tries.append(1)
        listen(address)

    listener._listen = counted  # type: ignore[method-assign]
    listener.start()
    end = time.monotonic() + 30
    while len(tries) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    listener.stop()
    assert listener.state == "down"
