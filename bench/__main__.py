"""``python -m bench``: the public reads beside a bare Flask view that returns the same bytes."""

import argparse
import os
import platform
import random
import statistics
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import requests

from bench.load import press, resident_mb, serving
from bench.publishing import measure_publishing
from bench.synthetic import RARE, sites, words
from config.settings import Settings
from geo.calendar import parse_calendar_csv
from geo.city import City, load_city
from geo.edition import Edition, Entry, pack
from geo.listing import AnyDocument
from server.edition_cache import EditionCache

ROUNDS = 3
MANY = 100_000
MEMORY_MB = 120


def main() -> None:
    arguments = argparse.ArgumentParser(prog="bench")
    arguments.add_argument("--seconds", type=int, default=4, help="每轮秒数")
    arguments.add_argument("--only", default="", help="只跑名称含此字样的项目")
    chosen = arguments.parse_args()
    city = load_city(Settings().city)
    print(f"\n{_machine()}；granian 1 个进程 1 个线程，wrk 8 个连接，每轮 {chosen.seconds:g} 秒\n")
    print("| 项目 | 请求/秒 | p50 µs | p99 µs | 裸 Flask 请求/秒 | 比值 | 要求 |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        _reads("serve.py", few, _few_questions(city), chosen.seconds, chosen.only)
        if not chosen.only or any(chosen.only in name for name, *_ in _many_questions(city)):
            _synthetic_edition(city, many)
            _reads("bench.served:app", many, _many_questions(city), chosen.seconds, chosen.only)
    if not chosen.only or chosen.only in "发布":
        measure_publishing(city, MANY)


Question = tuple[str, list[str], float | None, dict[str, str]]


def _few_questions(city: City) -> list[Question]:
    return [
        ("附近，110 处", _nearby(city, ""), 0.70, {}),
        ("附近，110 处，gzip", _nearby(city, ""), None, {"Accept-Encoding": "gzip"}),
    ]


def _many_questions(city: City) -> list[Question]:
    searches = [f"/api/v1/sites?q={quote(word)}" for word in words(500)]
    return [
        ("附近，100,000 处", _nearby(city, ""), 0.50, {}),
        ("附近 + 1 % 主题，100,000 处", _nearby(city, f"&theme={RARE}&radius=50000"), 0.35, {}),
        ("附近 + 此刻开放 + 免费，100,000 处", _nearby(city, "&open=now&free=true"), None, {}),
        ("附近 50 km，100,000 处", _nearby(city, "&radius=50000"), None, {}),
        ("搜索，100,000 处", searches, 0.35, {}),
    ]


def _nearby(city: City, more: str) -> list[str]:
    rng = random.Random(3)
    lon, lat = city.centre
    return [
        f"/api/v1/sites?lat={rng.gauss(lat, 0.1):.6f}&lon={rng.gauss(lon, 0.1):.6f}{more}"
        for _ in range(2000)
    ]


def _reads(target: str, instance: Path, questions: list[Question], seconds: int, only: str) -> None:
    with serving(target, {"TONGYOU_INSTANCE": str(instance)}) as (ours, pid):
        for name, paths, wanted, headers in questions:
            if only and only not in name:
                continue
            _beside_bare(name, paths, wanted, headers, ours, instance, seconds)
        size = max(resident_mb(pid))
        limit = f"（要求 ≤ {MEMORY_MB}{' ✗' if size > MEMORY_MB else ''}）"
        told = limit if target == "serve.py" else ""
        print(f"\n工作进程受压后的常驻内存：{size:.0f} MB{told}\n")


def _beside_bare(
    name: str,
    paths: list[str],
    wanted: float | None,
    headers: dict[str, str],
    ours: str,
    instance: Path,
    seconds: int,
) -> None:
    """Alternate between the two servers; the ratio is the median of the rounds' ratios."""
    body = instance / "body"
    body.write_bytes(_typical(ours, paths))
    with serving("bench.bare:app", {"BENCH_BODY": str(body)}) as (bare, _):
        press(ours, paths, 1, headers=headers)
        rounds = [
            (press(ours, paths, seconds, headers=headers), press(bare, ["/api/v1/sites"], seconds))
            for _ in range(ROUNDS)
        ]
    ratio = statistics.median(mine.rate / base.rate for mine, base in rounds)
    mine, base = sorted(rounds, key=lambda pair: pair[0].rate)[ROUNDS // 2]
    verdict = "" if wanted is None else f"≥ {wanted:.2f}{'' if ratio >= wanted else ' ✗'}"
    print(
        f"| {name} | {mine.rate:,.0f} | {mine.p50:.0f} | {mine.p99:.0f} "
        f"| {base.rate:,.0f} | {ratio:.2f} | {verdict} |",
        flush=True,
    )


def _typical(base: str, paths: list[str]) -> bytes:
    """The answer of median length among some."""
    answers = [requests.get(base + path, timeout=10).content for path in paths[:51]]
    return sorted(answers, key=len)[len(answers) // 2]


def _synthetic_edition(city: City, instance: Path) -> None:
    _store(city, list(sites(city, MANY)), instance)


def _store(city: City, documents: Sequence[AnyDocument], instance: Path) -> None:
    calendar, _ = parse_calendar_csv((Settings().starter / "calendar.csv").read_text("utf-8"))
    edition = Edition(
        number=1,
        published_at=datetime.now(UTC),
        official=False,
        city=city,
        calendar=tuple(calendar),
        entries=tuple(
            Entry(id=number, changed_in=1, updated_on=date(2026, 11, 23), document=document)
            for number, document in enumerate(documents, 1)
        ),
    )
    cache = EditionCache(Settings(instance=instance).editions, 3)
    cache.point(cache.store(pack(edition)))


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{model}，{os.cpu_count()} 核，Python {platform.python_version()}"


if __name__ == "__main__":
    main()
