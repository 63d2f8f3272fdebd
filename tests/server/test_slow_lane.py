"""Does the public get its answers while others wait, and do those get theirs in the end?"""

import http.client
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import PATIENCE, Service, wait_for

PLACES = 2


class Slow(threading.Thread):
    """One request that waits until it is let go."""

    def __init__(self, service: Service, instance: Path, name: str) -> None:
        super().__init__(daemon=True)
        self._service, self._instance, self._named = service, instance, name
        self.answer: tuple[int, bytes, str | None] | None = None

    def run(self) -> None:
        self.answer = ask(self._service, "POST", f"/slow/{self._named}", self._named * 1000)

    def until_it_waits(self) -> None:
        mark = self._instance / f"{self._named}.waits"
        wait_for(mark.exists, PATIENCE, lambda: f"{self._named} never waited: {self.answer}")

    def let_go(self) -> tuple[int, bytes, str | None] | None:
        (self._instance / f"{self._named}.go").touch()
        self.join(PATIENCE)
        return self.answer


def ask(
    service: Service, method: str, path: str, body: str | None = None
) -> tuple[int, bytes, str | None]:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    connection.request(method, path, body)
    answer = connection.getresponse()
    told = answer.status, answer.read(), answer.headers["Retry-After"]
    connection.close()
    return told


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slow") / "instance"


@pytest.fixture(scope="module")
def service(instance: Path) -> Iterator[Service]:
    run = "-m", "tests.server.slow_service"
    service = Service(instance, run=run, TONGYOU_OUTSIDE_CALLS=str(PLACES))
    try:
        wait_for(lambda: _answers(service), PATIENCE, lambda: service.output)
        yield service
        assert service.end() == 0
    finally:
        service.kill()


def _answers(service: Service) -> bool:
    assert service.process.poll() is None, service.output
    try:
        return service.get("/healthz") != b""
    except OSError:
        return False


def test_is_the_public_answered_while_others_wait(service: Service, instance: Path) -> None:
    waiting = [Slow(service, instance, name) for name in ("ann", "bob")]
    for one in waiting:
        one.start()
    for one in waiting:
        one.until_it_waits()
    assert ask(service, "GET", "/healthz")[0] == 200
    status, body, retry_after = ask(service, "POST", "/slow/eve", "eve")
    assert (status, retry_after) == (503, "2")
    assert "再试" in body.decode()
    assert not (instance / "eve.waits").exists()
    # Answered out of order, each with its own body.
    assert waiting[1].let_go() == (201, b"done: " + b"bob" * 1000, None)
    assert waiting[0].let_go() == (201, b"done: " + b"ann" * 1000, None)


def comes_free(service: Service, instance: Path) -> None:
    """A place may be taken a moment longer than its answer takes, but not for ever."""
    (instance / "free.go").touch()
    wait_for(
        lambda: ask(service, "POST", "/slow/free", "x") == (201, b"done: x", None),
        PATIENCE,
        lambda: "no place comes free",
    )


def test_is_a_place_free_again_after_an_answer(service: Service, instance: Path) -> None:
    for _ in range(PLACES + 2):
        comes_free(service, instance)
    for _ in range(PLACES + 2):
        assert ask(service, "GET", "/broken")[0] == 500
    comes_free(service, instance)
    assert ask(service, "GET", "/slow/free")[0] == 405


def test_is_the_place_of_somebody_who_hung_up_free_again(service: Service, instance: Path) -> None:
    comes_free(service, instance)
    for number in range(PLACES):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
        connection.request("POST", f"/slow/gone{number}", "x")
        connection.close()
        (instance / f"gone{number}.go").touch()
    for _ in range(PLACES + 1):
        comes_free(service, instance)


def test_are_files_received_whole_however_slowly_and_waited_with_aside(
    service: Service, instance: Path
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    connection.putrequest("POST", "/files")
    connection.putheader("Content-Length", str(3 << 20))
    connection.endheaders()
    for _ in range(3):
        connection.send(bytes(1 << 20))
        time.sleep(0.05)
    wait_for((instance / "files.waits").exists, PATIENCE, lambda: service.output)
    assert ask(service, "GET", "/healthz")[0] == 200
    (instance / "files.go").touch()
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (201, str(3 << 20).encode())
    connection.close()
    # What is too large is refused unread.
    connection.putrequest("POST", "/files")
    connection.putheader("Content-Length", str(9 << 20))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_does_a_view_that_waits_unmarked_fail_at_once(service: Service) -> None:
    assert ask(service, "GET", "/unmarked")[0] == 500
