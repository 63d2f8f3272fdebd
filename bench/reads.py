"""Public reads side by side with a bare Flask view that returns the same bytes: one table."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import requests

from bench.load import press, resident_mb, serving
from config.settings import Settings
from geo.calendar import parse_calendar_csv
from geo.city import City
from geo.edition import Edition, Entry, pack
from geo.listing import AnyDocument
from server.edition_cache import EditionCache

ROUNDS = 3
MEMORY_MB = 120
"""What a worker with the starting data may hold."""

_HEAD = "| 项目 | 请求/秒 | p50 µs | p99 µs | 裸 Flask 请求/秒 | 比值 | 要求 |"


class Question(NamedTuple):
    """What is asked: paths in turn, the ratio wanted (None: told only), headers."""

    name: str
    paths: list[str]
    wanted: float | None
    headers: Mapping[str, str] = MappingProxyType({})


def measure_reads(
    title: str, target: str, instance: Path, questions: Sequence[Question], seconds: int
) -> None:
    """Serve ``target`` with the data in ``instance``, ask, and print a row for each question."""
    if not questions:
        return
    print(f"\n{title}\n\n{_HEAD}\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with serving(target, {"TONGYOU_INSTANCE": str(instance)}) as (ours, pid):
        for question in questions:
            _beside_bare(question, ours, instance, seconds)
        size = max(resident_mb(pid))
    limit = f"（要求 ≤ {MEMORY_MB}{' ✗' if size > MEMORY_MB else ''}）"
    print(f"\n工作进程受压后的常驻内存：{size:.0f} MB{limit if target == 'serve.py' else ''}")


def _beside_bare(question: Question, ours: str, instance: Path, seconds: int) -> None:
    """Alternate between the two servers; the ratio is the median of the rounds' ratios."""
    name, paths, wanted, headers = question
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


def store_edition(city: City, documents: Sequence[AnyDocument], instance: Path) -> None:
    """Make the documents, numbered from 1, the edition that ``instance`` serves."""
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
