"""``serve.py`` as a process of its own: started, asked, and ended."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from config.settings import ROOT
from tests.services import free_port

PATIENCE = 90.0
"""Seconds after which a thing is taken never to come true, on however busy a machine."""


def wait_for(is_so: Callable[[], bool], seconds: float, told: Callable[[], object]) -> None:
    """Return when it is so.

    Raises:
        AssertionError: it never was; ``told`` says what was instead.
    """
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, told()
        time.sleep(0.02)


def _arguments(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


class Service:
    """The launcher in a session of its own, as in a terminal of its own.

    Without ``jobs`` there is no consumer beside the workers, which costs as much as one of them.
    """

    def __init__(
        self,
        instance: Path,
        *,
        workers: int = 1,
        jobs: bool = True,
        port_named: str = "TONGYOU_PORT",
        run: tuple[str, ...] = ("serve.py",),
        **environment: str,
    ) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        ours = {
            "TONGYOU_INSTANCE": str(instance),
            "TONGYOU_WORKERS": str(workers),
            "TONGYOU_JOBS": str(jobs),
            port_named: str(self.port),
            # A password alone opens the console, unless a test says otherwise.
            "TONGYOU_SECOND_STEP": "off",
        }
        foreign = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TONGYOU_") and name not in ("HOST", "PORT")
        }
        self._output = instance.with_name(f"output-{self.port}.txt")
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *run],
                cwd=ROOT,
                env=foreign | ours | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it has written to the screen."""
        return self._output.read_text("utf-8")

    def get(self, path: str) -> bytes:
        """The body of an answer."""
        with urllib.request.urlopen(self.base + path, timeout=PATIENCE) as answer:
            body: bytes = answer.read()
            return body

    def until_ready(self) -> "Service":
        """Wait for the first answer, which says that an edition is loaded."""
        wait_for(self._is_ready, PATIENCE, lambda: self.output)
        return self

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.output
        try:
            return json.loads(self.get("/readyz"))["edition"] is not None
        except OSError:
            return False

    def processes(self) -> dict[int, int]:
        """What runs in the session: the parent of each process; the dead do not count."""
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                after_name = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            state, parent, _group, session = after_name[:4]
            if int(session) == self.process.pid and state != "Z":
                found[int(stat.parent.name)] = int(parent)
        return found

    def workers(self) -> set[int]:
        """The ids of its worker processes."""
        return self._children() - self.consumers()

    def consumers(self) -> set[int]:
        """The id of the process that does background jobs, if it runs."""
        return {pid for pid in self._children() if "jobs" in _arguments(pid)}

    def _children(self) -> set[int]:
        return {pid for pid, parent in self.processes().items() if parent == self.process.pid}

    def end(self, sign: signal.Signals = signal.SIGINT) -> int:
        """Send what a terminal sends to all of its foreground processes; the exit code."""
        os.killpg(self.process.pid, sign)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End whatever is left of it."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
