"""The real service with an operator's token, for what one process can't show."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from config.settings import ROOT
from tests.serving import Service


class Server(NamedTuple):
    """Where it is, and the token of the operator of a line."""

    address: str
    token: str


@contextmanager
def running(folder: Path, workers: int, **environment: str) -> Iterator[Server]:
    """The server on an instance of its own, with the starting data."""
    instance = folder / "instance"
    service = Service(instance, workers=workers, jobs=False, **environment)
    try:
        service.until_ready()
        yield Server(service.base, _token(instance))
    finally:
        service.end()


def _token(instance: Path) -> str:
    command = [sys.executable, "-m", "flask", "operator", "add", "淄博市公共交通有限公司"]
    told = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"TONGYOU_INSTANCE": str(instance)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return told.split()[-1].rpartition("：")[2]
