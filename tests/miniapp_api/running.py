"""The real server as processes of its own, for what one process can't show."""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from config.settings import ROOT
from tests.services import free_port

PATIENCE = 30.0


class Server(NamedTuple):
    """Where it is, and the token of the operator of a line."""

    address: str
    token: str


@contextmanager
def running(folder: Path, workers: int) -> Iterator[Server]:
    """The server on an instance of its own, with the starting data."""
    port = free_port()
    environment = {
        "PATH": "/usr/bin:/bin",
        "TONGYOU_INSTANCE": str(folder / "instance"),
        "TONGYOU_PORT": str(port),
        "TONGYOU_WORKERS": str(workers),
    }
    log = folder / "server.log"
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
