"""Does schemathesis find anything against the running server?"""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

import pytest

from config.settings import ROOT
from tests.miniapp_api.questions import OPERATORS_CALLS, REQUESTS
from tests.services import free_port

PATIENCE = 30.0


class Server(NamedTuple):
    """Where it is, and the token of the operator of a line."""

    address: str
    token: str


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The real server on an instance of its own, with the starting data."""
    port = free_port()
    environment = {
        "PATH": "/usr/bin:/bin",
        "TONGYOU_INSTANCE": str(tmp_path / "instance"),
        "TONGYOU_PORT": str(port),
        "TONGYOU_WORKERS": "1",
    }
    log = tmp_path / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, ROOT / "serve.py"], env=environment, stdout=output, stderr=output
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _await(f"{url}/readyz", process, log)
        yield Server(url, _token(environment))
    finally:
        process.terminate()
        process.wait(15)


def _token(environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "flask", "operator", "add", "淄博市公共交通有限公司"]
    told = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    return told.split()[-1].rpartition("：")[2]


def _await(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = monotonic() + PATIENCE
    while monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            sleep(0.1)
    raise RuntimeError(f"the server does not answer:\n{log.read_text()}")


@pytest.mark.slow
def test_schemathesis_finds_nothing(server: Server) -> None:
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    limits = ["--max-examples", "3", "--seed", "20261124", "--workers", "1", "--no-color"]
    # How fast this machine makes up requests is not what is asked.
    limits += ["--suppress-health-check", "too_slow"]
    token = ["--header", f"Authorization: Bearer {server.token}"]
    done = subprocess.run(
        [*command, "run", f"{server.address}/api/v1/openapi.json", *limits, *token],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "schemathesis.toml" in done.stdout
    all_ = len(REQUESTS) + len(OPERATORS_CALLS)
    assert f"Tested: {all_}" in done.stdout or f"Selected: {all_}/{all_}" in done.stdout, (
        done.stdout
    )
