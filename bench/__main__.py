"""``python -m bench``: the public reads beside a bare Flask view that returns the same bytes."""

import argparse
import os
import platform
import random
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

from bench.buses import few_lines, many_lines, store_many
from bench.imports import measure_imports
from bench.ledger import measure_ledger
from bench.memory import measure_memory
from bench.publishing import measure_publishing
from bench.reads import Question, measure_reads, store_edition
from bench.sign_ins import measure_sign_ins
from bench.synthetic import RARE, sites, words
from bench.vehicles import measure_vehicles
from config.settings import Settings
from geo.city import City, load_city

MANY = 100_000
SYNTHETIC = "bench.served:app"


def main() -> None:
    arguments = argparse.ArgumentParser(prog="bench")
    arguments.add_argument("--seconds", type=int, default=4, help="每轮秒数")
    arguments.add_argument("--only", default="", help="只跑名称含此字样的项目")
    chosen = arguments.parse_args()
    city = load_city(Settings().city)
    print(f"\n{_machine()}；granian 1 个进程 1 个线程，wrk 8 个连接，每轮 {chosen.seconds:g} 秒")
    with tempfile.TemporaryDirectory() as folder:
        few = [*_few_places(city), *few_lines(city)]
        _reads("起始数据", "serve.py", Path(folder) / "few", few, chosen)
        for name, title, questions, store in (
            ("places", f"{MANY:,} 处地点", _many_places(city), _store_places),
            ("lines", "2,000 条专线、40,000 个站点", many_lines(city), store_many),
        ):
            _reads(
                title,
                SYNTHETIC,
                Path(folder) / name,
                questions,
                chosen,
                prepare=partial(store, city, Path(folder) / name),
            )
    if chosen.only in "车辆":
        measure_vehicles()
    if chosen.only in "登录":
        measure_sign_ins(_nearby(city, ""))
    if chosen.only in "内存":
        measure_memory(_nearby(city, "")[:200])
    if chosen.only in "台账":
        measure_ledger(chosen.seconds)
    if chosen.only in "导入":
        measure_imports(city)
    if chosen.only in "发布":
        measure_publishing(city, MANY)


def _reads(
    title: str,
    target: str,
    instance: Path,
    questions: list[Question],
    chosen: argparse.Namespace,
    prepare: Callable[[], None] = lambda: None,
) -> None:
    """Measure those of the questions that are chosen, once their data is there."""
    wanted = [question for question in questions if chosen.only in question.name]
    if wanted:
        prepare()
        measure_reads(title, target, instance, wanted, chosen.seconds)


def _few_places(city: City) -> list[Question]:
    return [
        Question("附近，110 处", _nearby(city, ""), 0.70),
        Question("附近，110 处，gzip", _nearby(city, ""), None, {"Accept-Encoding": "gzip"}),
    ]


def _many_places(city: City) -> list[Question]:
    searches = [f"/api/v1/sites?q={quote(word)}" for word in words(500)]
    return [
        Question("附近，100,000 处", _nearby(city, ""), 0.50),
        Question("附近 + 1 % 主题，100,000 处", _nearby(city, f"&theme={RARE}&radius=50000"), 0.35),
        Question("附近 + 此刻开放 + 免费，100,000 处", _nearby(city, "&open=now&free=true"), None),
        Question("附近 50 km，100,000 处", _nearby(city, "&radius=50000"), None),
        Question("搜索，100,000 处", searches, 0.35),
    ]


def _store_places(city: City, instance: Path) -> None:
    store_edition(city, list(sites(city, MANY)), instance)


def _nearby(city: City, more: str) -> list[str]:
    rng = random.Random(3)
    lon, lat = city.centre
    return [
        f"/api/v1/sites?lat={rng.gauss(lat, 0.1):.6f}&lon={rng.gauss(lon, 0.1):.6f}{more}"
        for _ in range(2000)
    ]


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
