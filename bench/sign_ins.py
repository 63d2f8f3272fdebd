"""What is near, while 50 families sign in at once and WeChat takes 3 s to answer each.

The whole service as ``serve.py`` runs it, two workers, nothing pinned; WeChat's stand-in, those
who sign in and those who read are processes of their own, so that a number is the server's. Reads
come at a steady pace, and a time is measured from the moment at which the read was due.
"""

import asyncio
import gc
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from multiprocessing.queues import Queue
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import requests

from bench.load import ROOT, free_port, resident_mb, serving
from bench.reads import MEMORY_MB
from tests.wechat_standin import APP_ID, SECRET

AT_ONCE, WECHAT_S, WORKERS, ROUNDS, SECONDS = 50, 3.0, 2, 5, 4.0
READERS, PERIOD_S = 60, 0.2
ELSEWHERE = 10
"""Niceness of WeChat and of those who sign in: in truth they are not on this machine."""
PATIENCE_S = 30
MOST = 2.0
"""How much longer than at rest the 99th percentile may be."""

T = TypeVar("T")

FORK = multiprocessing.get_context("fork")


class Read(NamedTuple):
    """Milliseconds of the reads of one round."""

    p50: float
    p99: float
    slowest: float


class SignedIn(NamedTuple):
    """How the sign-ins of one round went."""

    statuses: dict[int, int]
    """How many got which status at last."""
    refused: int
    """How often one was asked to come again, and did."""
    slowest: float
    """Seconds until the last had its token."""


def measure_sign_ins(paths: Sequence[str]) -> None:
    """Print a table: reads at rest, and while people sign in, in turn."""
    with tempfile.TemporaryDirectory() as folder, wechat(WECHAT_S) as outside:
        own = {
            "TONGYOU_INSTANCE": folder,
            "TONGYOU_WECHAT_URL": outside,
            "TONGYOU_WECHAT_APP_ID": APP_ID,
            "TONGYOU_WECHAT_APP_SECRET": SECRET,
            # All of them come from one address here.
            "TONGYOU_SIGN_INS_PER_ADDRESS": "10000",
        }
        with serving("serve.py", own, WORKERS, pinned=False) as (base, pid):
            _round(base, paths, 0)
            rounds = [
                (_in_a_process(_read, base, paths), *_round(base, paths, number))
                for number in range(1, ROUNDS + 1)
            ]
            size = max(resident_mb(pid))
    _tell(rounds, size)


def _round(base: str, paths: Sequence[str], number: int) -> tuple[Read, SignedIn]:
    with ThreadPoolExecutor(1) as beside:
        people = beside.submit(_in_a_process, _sign_in_at_once, base, number)
        read = _in_a_process(_read, base, paths)
        return read, people.result()


def _in_a_process(work: Callable[..., T], *args: object) -> T:
    told: Queue[T] = FORK.Queue()
    process = FORK.Process(target=lambda: told.put(work(*args)))
    process.start()
    answer = told.get(timeout=2 * PATIENCE_S)
    process.join()
    return answer


def _read(base: str, paths: Sequence[str]) -> Read:
    gc.disable()
    took: list[float] = []

    async def reader(number: int) -> None:
        address = urlsplit(base)
        streams = await asyncio.open_connection(address.hostname, address.port)
        due = time.monotonic() + number * PERIOD_S / READERS
        for turn in range(int(SECONDS / PERIOD_S)):
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await _ask(*streams, paths[(number * 31 + turn) % len(paths)])
            took.append((time.monotonic() - due) * 1000)
            due += PERIOD_S
        streams[1].close()

    async def all_readers() -> None:
        await asyncio.gather(*(reader(number) for number in range(READERS)))

    asyncio.run(all_readers())
    cuts = statistics.quantiles(took, n=100)
    return Read(cuts[49], cuts[98], max(took))


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(f"{path}: {head[:40]!r}")
    await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))


def _sign_in_at_once(base: str, number: int) -> SignedIn:
    os.nice(ELSEWHERE)
    statuses: dict[int, int] = {}
    times: list[float] = []
    refused: list[float] = []
    met = threading.Barrier(AT_ONCE)

    def person(name: int) -> None:
        met.wait()
        began = time.monotonic()
        status = 503
        while status == 503 and time.monotonic() - began < PATIENCE_S:
            status, again = sign_in(base, f"try-p{name}-{number}")
            if status == 503:
                refused.append(again)
                time.sleep(again)
        times.append(time.monotonic() - began)
        statuses[status] = statuses.get(status, 0) + 1

    threads = [threading.Thread(target=person, args=(name,)) for name in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return SignedIn(statuses, len(refused), max(times))


def sign_in(base: str, code: str) -> tuple[int, float]:
    """Sign in as who has this code; the status, and the seconds after which to come again."""
    connection = HTTPConnection(base.removeprefix("http://"), timeout=PATIENCE_S)
    body, headers = json.dumps({"code": code}), {"Content-Type": "application/json"}
    connection.request("POST", "/api/v1/session", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, float(answer.headers.get("Retry-After") or 1)


def _tell(rounds: list[tuple[Read, Read, SignedIn]], size: float) -> None:
    rest, busy = [row[0] for row in rounds], [row[1] for row in rounds]
    people = [row[2] for row in rounds]
    ratio = statistics.median(during.p99 / before.p99 for before, during, _ in rounds)
    statuses = sorted({status for told in people for status in told.statuses})
    answers = "、".join(
        f"{status}：{sum(told.statuses.get(status, 0) for told in people)}" for status in statuses
    )
    print(f"\n{AT_ONCE} 人同时登录，微信 {WECHAT_S:g} 秒才答（{WORKERS} 个进程），{ROUNDS} 轮\n")
    print("| 项目 | 平时 | 登录期间 | 要求 |\n| --- | ---: | ---: | ---: |")
    print(f"| 附近，p50 ms | {_middle(rest, 'p50'):.1f} | {_middle(busy, 'p50'):.1f} | |")
    mark = "" if ratio <= MOST else " ✗"
    limit = f"≤ {MOST:g} 倍（{ratio:.2f}{mark}）"
    print(f"| 附近，p99 ms | {_middle(rest, 'p99'):.1f} | {_middle(busy, 'p99'):.1f} | {limit} |")
    print(f"| 附近，最慢 ms | {_middle(rest, 'slowest'):.1f} | {_middle(busy, 'slowest'):.1f} | |")
    slowest = max(told.slowest for told in people)
    print(f"| 登录，最慢的一个 s | | {slowest:.1f} | |")
    print(f"| 登录的答复 | | {answers} | |")
    print(f"| 请过一会再来的次数 | | {sum(told.refused for told in people)} | |")
    mark = "" if size <= MEMORY_MB else " ✗"
    print(f"| 工作进程常驻内存 MB | | {size:.0f} | ≤ {MEMORY_MB}{mark} |", flush=True)


def _middle(rounds: list[Read], name: str) -> float:
    return float(statistics.median(getattr(one, name) for one in rounds))


@contextmanager
def wechat(seconds: float) -> Iterator[str]:
    """WeChat's stand-in, which takes so long to answer, in a process of its own."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = ["nice", "-n", str(ELSEWHERE), sys.executable]
    command += ["-m", "tests.wechat_standin", str(port)]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert running.stdout is not None
        running.stdout.readline()
        fault = {"kind": "slow", "path": "/sns", "seconds": seconds}
        requests.post(f"{base}/standin/faults", json=fault, timeout=10).raise_for_status()
        yield base
    finally:
        running.terminate()
        running.wait(10)
