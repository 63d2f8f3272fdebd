"""How long publishing takes until every worker serves it, and what readers feel meanwhile."""

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import insert

from app import create_app
from bench.load import ROOT, serving
from bench.synthetic import sites
from config.settings import Settings
from geo.city import City
from server.db import db, now
from server.models import Listing, Revision

WORKERS = 2
_EDITION = re.compile(rb'"edition":(\d+)')
QUIET = 3.0
"""Seconds without an answer of the former edition after which no worker has it any more."""

PACE = 0.01
"""Seconds between a reader's questions: phones on a map, not a flood."""


class Seen(NamedTuple):
    """One answer: when it was asked for (seconds), how long it took, which edition it told."""

    at: float
    took: float
    edition: int


def measure_publishing(city: City, count: int) -> None:
    """Publish ``count`` new places over the starting data while readers go on asking."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"TONGYOU_INSTANCE": folder}
        _flask(environment, "init")
        _fill(Settings(instance=Path(folder)), city, count)
        with serving("bench.served:app", environment, WORKERS, pinned=False) as (base, _):
            readers = [Reader(base, seed) for seed in range(WORKERS + 1)]
            for reader in readers:
                reader.start()
            time.sleep(QUIET)
            began = time.monotonic()
            _flask(environment, "publish")
            published = time.monotonic()
            while time.monotonic() - _last_of(readers, 1) < QUIET:
                time.sleep(0.1)
            for reader in readers:
                reader.stop()
        _tell(readers, began, published, count)


class Reader(threading.Thread):
    """Asks what is near, over a new connection each time, so that every worker is met."""

    def __init__(self, base: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.seen: list[Seen] = []
        self._host = base.removeprefix("http://")
        self._rng = random.Random(seed)
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(PACE):
            lat, lon = self._rng.gauss(36.8, 0.1), self._rng.gauss(118.0, 0.1)
            at = time.monotonic()
            connection = HTTPConnection(self._host, timeout=30)
            connection.request("GET", f"/api/v1/sites?lat={lat:.5f}&lon={lon:.5f}")
            edition = _EDITION.search(connection.getresponse().read())
            connection.close()
            if edition is None:
                raise RuntimeError("an answer without an edition")
            self.seen.append(Seen(at, time.monotonic() - at, int(edition[1])))

    def stop(self) -> None:
        self._stopping.set()
        self.join()


def _last_of(readers: list[Reader], edition: int) -> float:
    return max(
        seen.at for reader in readers for seen in list(reader.seen) if seen.edition == edition
    )


def _tell(readers: list[Reader], began: float, published: float, count: int) -> None:
    everywhere = _last_of(readers, 1)
    took = sorted(s.took for r in readers for s in r.seen if began <= s.at <= everywhere + 1)
    before = sorted(s.took for r in readers for s in r.seen if s.at < began)
    rate = len(took) / (everywhere - began)
    print(f"发布 {count:,} 处（{WORKERS} 个进程，SQLite），期间每秒约 {rate:.0f} 次查询")
    print("\n| 项目 | 实测 | 要求 |\n| --- | ---: | ---: |")
    later = max(0.0, everywhere - published)
    print(f"| flask publish 全程 | {published - began:.1f} s | |")
    print(f"| 发布命令结束到所有进程都用新一期 | {later:.1f} s | ≤ 10 s{_cross(later > 10)} |")
    slowest = took[-1] * 1000
    print(f"| 期间最慢的答复 | {slowest:.0f} ms | ≤ 250 ms{_cross(slowest > 250)} |")
    print(f"| 期间答复 p99 | {took[int(len(took) * 0.99)] * 1000:.0f} ms | |")
    usual, meanwhile = statistics.median(before) * 1000, statistics.median(took) * 1000
    print(f"| 期间答复中位数（平时 {usual:.1f} ms） | {meanwhile:.1f} ms | |")


def _cross(failed: bool) -> str:
    return " ✗" if failed else ""


def _flask(environment: dict[str, str], command: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", command],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )


def _fill(settings: Settings, city: City, count: int) -> None:
    app = create_app(settings)
    with app.app_context():
        moment = now()
        first = 1000
        ids = range(first, first + count)
        db.session.execute(insert(Listing), [{"id": i, "type": "site"} for i in ids])
        rows = [
            {
                "listing_id": id_,
                "document": site.model_dump(mode="json"),
                "state": "approved",
                "origin": "import",
                "decided_at": moment,
            }
            for id_, site in zip(ids, sites(city, count), strict=True)
        ]
        for start in range(0, count, 5000):
            db.session.execute(insert(Revision), rows[start : start + 5000])
        db.session.commit()
