"""The consumer beside the web server: started with it, replaced when it dies, ended with it.

Public names: ``ConsumerKeeper``, ``end_with``.

It is a program of its own rather than a fork, as it loads what web workers never need, and has a
process group of its own: Ctrl-C reaches the main process alone, which ends it by SIGTERM.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import structlog

log = structlog.get_logger()

PATIENCE = 3.0
"""Seconds until a consumer that was told to end is killed."""

LONGEST_PAUSE = 60.0
"""Seconds at most before the next try, when one after the other dies."""

_PR_SET_PDEATHSIG = 1


class ConsumerKeeper:
    """Keeps one process of ``command`` running, to which this process's id is added."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = [*command, str(os.getpid())]
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and a thread that looks after it."""
        # Before there are workers: what is forked while this starts would hold its pipes.
        self._spawn()
        threading.Thread(target=self._keep, name="consumer-keeper", daemon=True).start()

    def stop(self) -> None:
        """End it, or kill it if it takes too long; the job it was at is run again."""
        self._stopping.set()
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()

    def _spawn(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and file)
            self._command, stdin=subprocess.DEVNULL, process_group=0
        )

    def _keep(self) -> None:
        pause, began = 1.0, time.monotonic()
        while self._process is not None:
            code = self._process.wait()
            if self._stopping.is_set():
                return
            log.error("consumer_died", code=code)
            lasted = time.monotonic() - began
            pause = 1.0 if lasted > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            if self._stopping.wait(pause):
                return
            began = time.monotonic()
            self._spawn()


def end_with(parent: int) -> None:
    """Get SIGTERM when the process ``parent``, which started this one, ends in whatever way."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)
