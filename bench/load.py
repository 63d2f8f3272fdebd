"""Load by wrk, and servers to bear it: one worker with one thread on one core, wrk on another."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import requests

ROOT = Path(__file__).resolve().parent.parent

_SCRIPT = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local at = 0
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.read + summary.errors.connect + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


class Measured(NamedTuple):
    """Requests a second, and microseconds at the median and at the 99th percentile."""

    rate: float
    p50: float
    p99: float


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    target: str, environment: Mapping[str, str], workers: int = 1, pinned: bool = True
) -> Iterator[tuple[str, int]]:
    """Granian with a WSGI target, or ``serve.py`` as it is; yields base URL and process id."""
    port = free_port()
    if target == "serve.py":
        command = [sys.executable, "serve.py"]
    else:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
        command += ["--workers", str(workers), "--blocking-threads", "1", target]
    if pinned and (os.cpu_count() or 1) > 1:
        command = ["taskset", "-c", "0", *command]
    ours = {"PORT": str(port), "TONGYOU_WORKERS": str(workers), "TONGYOU_THREADS": "1"}
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **ours, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _await(f"{base}/api/v1/sites", server)
        yield base, server.pid
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(15)


def _await(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            if requests.get(url, timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"{url} never answered")


def press(
    base: str,
    paths: Sequence[str],
    seconds: int = 4,
    connections: int = 8,
    headers: Mapping[str, str] | None = None,
) -> Measured:
    """Ask for the paths in turn, as fast as answers come."""
    if shutil.which("wrk") is None:
        raise SystemExit("需要 wrk：apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder) / "paths", Path(folder) / "ask.lua"
        listed.write_text("\n".join(paths), "utf-8")
        script.write_text(_SCRIPT % listed, "utf-8")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
        for name, value in (headers or {}).items():
            command += ["-H", f"{name}: {value}"]
        command.append(base)
        if (os.cpu_count() or 1) > 1:
            command = ["taskset", "-c", "1", *command]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", output)
    if found is None:
        raise RuntimeError(output)
    count, micros, errors, p50, p99 = map(int, found.groups())
    if errors:
        raise RuntimeError(f"{errors} of {count} answers were errors: {paths[0]}")
    return Measured(count / micros * 1e6, p50, p99)


def resident_mb(pid: int) -> list[float]:
    """Resident megabytes of a granian process's workers; the jobs' process beside is none."""
    return _of_workers(pid, "status", r"VmRSS:\s+(\d+) kB")


def proportional_mb(pid: int) -> list[float]:
    """The same, a page that several processes hold counted as a part of one to each of them."""
    return _of_workers(pid, "smaps_rollup", r"Pss:\s+(\d+) kB")


def _of_workers(pid: int, file: str, wanted: str) -> list[float]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    sizes = []
    for child in children:
        if b"\0jobs\0" in Path(f"/proc/{child}/cmdline").read_bytes():
            continue
        if found := re.search(wanted, Path(f"/proc/{child}/{file}").read_text()):
            sizes.append(int(found[1]) / 1024)
    return sizes
