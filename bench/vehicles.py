"""200 vehicles that report each second and 500 families that look each second, on two workers.

Nothing is pinned: the two workers and the clients, one process that sends 700 requests a second,
share the machine's cores. A time is measured from the moment at which the request was due, so
that a server that falls behind can't hide it.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import orjson

from bench.load import serving
from bench.reads import store_edition
from bench.synthetic_lines import LINES, OPERATOR, first_stop, lines
from config.settings import Settings
from geo.city import load_city
from geo.opening import SHANGHAI

VEHICLES, POLLERS = 200, 500
PERIOD = 1.0
METRES_A_SECOND = 8.0
METRES_A_DEGREE = 89_200
"""Of longitude, at the lines' latitude."""


@dataclass
class Measured:
    """Milliseconds of every answer, the errors, and the age of the positions that were seen."""

    reports: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def error(self, what: str) -> None:
        """Count an answer that should not be."""
        self.errors[what] = self.errors.get(what, 0) + 1


def measure_vehicles(seconds: int = 20) -> None:
    """Print what both kinds of store bear, on the machine as it is."""
    print(
        f"\n{VEHICLES} 辆车每秒上报，{POLLERS} 个客户端每秒查询，granian 2 个进程，{seconds} 秒\n"
    )
    print("| 存储 | 上报 p50 / p99 ms | 查询 p50 / p99 ms | 上报 | 查询 | 位置最旧 s | 错误 |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, store in (("文件", _files), ("Redis", _redis)):
        with store() as environment, tempfile.TemporaryDirectory() as folder:
            _print(name, _measure(Path(folder), environment, seconds))


def _print(name: str, found: Measured) -> None:
    errors = "、".join(f"{what} {n}" for what, n in found.errors.items()) or "0"
    print(
        f"| {name} | {_spread(found.reports)} | {_spread(found.polls)} | {len(found.reports):,} "
        f"| {len(found.polls):,} | {max(found.ages, default=0):.1f} | {errors} |",
        flush=True,
    )


def _spread(times: list[float]) -> str:
    if len(times) < 2:
        return "—"
    cuts = quantiles(times, n=100)
    return f"{cuts[49]:.1f} / {cuts[98]:.1f}"


@contextmanager
def _files() -> Iterator[dict[str, str]]:
    yield {}


@contextmanager
def _redis() -> Iterator[dict[str, str]]:
    from tests.services import RedisServer

    server = RedisServer()
    server.start()
    try:
        yield {"TONGYOU_REDIS_URL": server.url}
    finally:
        server.stop()


def _measure(instance: Path, environment: dict[str, str], seconds: int) -> Measured:
    store_edition(load_city(Settings().city), lines(time.time() - 120), instance)
    own = {
        "TONGYOU_INSTANCE": str(instance),
        "PROMETHEUS_MULTIPROC_DIR": str(instance),
        # Of connections a worker, idle ones included: by default 1024 in all, and of clients
        # that all come to the first worker to be up, those beyond its 512 would hang.
        "GRANIAN_BACKPRESSURE": "4096",
    }
    token = _token(instance)
    with serving("bench.served:app", own | environment, 2, pinned=False) as (base, _):
        return asyncio.run(_load(base, token, seconds))


def _token(instance: Path) -> str:
    """A database with a token of the operator of all lines."""
    from flask import Flask

    from server import db as database
    from server.operators import add_token

    app = Flask("bench")
    app.config["SQLALCHEMY_DATABASE_URI"] = Settings(instance=instance).database
    database.init(app)
    with app.app_context():
        database.db.create_all()
        _, token = add_token(OPERATOR)
        database.db.session.commit()
        database.db.session.remove()
        database.db.engine.dispose()
    return token


async def _load(base: str, token: str, seconds: int) -> Measured:
    address, found = urlsplit(base), Measured()
    where = (address.hostname or "", address.port or 80)
    end = time.monotonic() + seconds
    rng = random.Random(7)
    vehicles = [
        _each_second(where, end, rng.random(), found, "上报", _reporter(n, token, found))
        for n in range(VEHICLES)
    ]
    pollers = [
        _each_second(where, end, rng.random(), found, "查询", _poller(n, found))
        for n in range(POLLERS)
    ]
    await asyncio.gather(*vehicles, *pollers)
    return found


Ask = Callable[[asyncio.StreamReader, asyncio.StreamWriter, float], Awaitable[None]]


async def _each_second(
    where: tuple[str, int], end: float, offset: float, found: Measured, name: str, ask: Ask
) -> None:
    """One client with one connection, which it opens again when it is lost."""
    due = time.monotonic() + offset
    stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    while due < end:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        try:
            if stream is None:
                stream = await asyncio.open_connection(*where)
            await asyncio.wait_for(ask(*stream, due), 10)
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            found.error(f"{name} {type(error).__name__}")
            stream = None
        due += PERIOD
    if stream is not None:
        stream[1].close()


def _reporter(number: int, token: str, found: Measured) -> Ask:
    line = 1 + number % LINES
    lon, lat = first_stop(line)
    began = time.time()
    head = f"Host: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, due: float) -> None:
        driven = METRES_A_SECOND * (time.time() - began) / METRES_A_DEGREE
        body = orjson.dumps(
            {
                "route": line,
                "trip": "now",
                "lon": lon + number * 1e-4 + driven,
                "lat": lat,
                "at": datetime.now(SHANGHAI),
                "speed": METRES_A_SECOND,
            }
        )
        path = f"/internal/v1/vehicles/v{number}/position"
        request = f"POST {path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n"
        writer.write(request.encode() + body)
        status, answer = await _answer(reader)
        found.reports.append((time.monotonic() - due) * 1000)
        if status != 200:
            found.error(f"上报 {status}")
        elif b'"accepted"' not in answer:
            found.error("未采用")

    return ask


def _poller(number: int, found: Measured) -> Ask:
    path = f"/api/v1/bus/routes/{1 + number % LINES}/vehicles"
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    began = time.monotonic()

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, due: float) -> None:
        writer.write(request)
        status, answer = await _answer(reader)
        found.polls.append((time.monotonic() - due) * 1000)
        if status != 200:
            found.error(f"查询 {status}")
        elif number % 20 == 0 and due - began > 3:
            now = time.time()
            vehicles = orjson.loads(answer)["items"]
            found.ages.extend(now - datetime.fromisoformat(v["at"]).timestamp() for v in vehicles)
            if len(vehicles) < VEHICLES // LINES:
                found.error("车辆不全")

    return ask


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    return int(head[9:12]), await reader.readexactly(int(length))


if __name__ == "__main__":
    measure_vehicles()
