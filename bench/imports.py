"""How long a table of 10,000 places takes: read, checked, written as drafts; then once more."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app import create_app
from bench.synthetic import sites
from config.settings import Settings
from geo.city import City
from geo.crs import convert
from server.db import db
from server.imports import applying, batches
from server.imports.batches import options_of
from server.imports.columns import COLUMNS
from server.imports.matching import Options
from server.imports.telling import cell_text
from server.revisions import writing
from server.sheets.opening import open_table
from server.sheets.writing import Sheet, xlsx

ROWS = 10_000
MOST_SECONDS = 60


def measure_imports(city: City) -> None:
    """Import on SQLite and on PostgreSQL, and print a line for each step."""
    from tests import services

    body = _workbook(city)
    print(f"\n导入 {ROWS:,} 行地点（.xlsx，{len(body) / 1e6:.1f} MB），秒；上限 {MOST_SECONDS}")
    with TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{folder}/tongyou.db", Path(folder) / "sqlite", body)
    with (
        services.postgresql("bench") as server,
        services.fresh_database(server, "bench_imports") as url,
        TemporaryDirectory() as folder,
    ):
        _measure("PostgreSQL", url, Path(folder), body)


def _measure(title: str, url: str, instance: Path, body: bytes) -> None:
    app = create_app(Settings(_env_file=None, instance=instance, database_url=url))
    with app.app_context():
        db.create_all()
        for time_ in ("第一次", "同一文件再来一次"):
            took = dict(_steps(app.extensions["settings"], app.extensions["city"], body))
            whole = sum(took.values())
            steps = "，".join(f"{name} {seconds:.1f}" for name, seconds in took.items())
            print(f"  {title:<10} {time_}：{whole:.1f}（{steps}）")
        db.session.remove()
        db.engine.dispose()


def _steps(settings: Settings, city: City, body: bytes) -> Iterator[tuple[str, float]]:
    """The steps of one import and their seconds."""
    took: list[float] = []
    with _timed(took):
        table = open_table(body)
        with writing(db.session):
            batch = batches.receive(db.session, table, body, "bench.xlsx", "site", None)
            options = options_of(batch).as_json() | {"crs": "gcj02"}
            batches.match(db.session, batch, table, Options.from_json(options))
            id_ = batch.id
    yield "接收", took[-1]
    with _timed(took):
        rows = batches.check(db.session, settings, city, batch, None)
        with writing(db.session):
            counted = batches.keep(db.session, id_, rows)
    yield "核对", took[-1]
    assert sum(counted.values()) == ROWS, counted
    assert not counted.get("wrong"), counted
    with _timed(took), writing(db.session):
        applying.apply(db.session, id_, "all", None)
    yield "写入", took[-1]


@contextmanager
def _timed(took: list[float]) -> Iterator[None]:
    began = time.monotonic()
    yield
    took.append(time.monotonic() - began)


def _workbook(city: City) -> bytes:
    columns = [column for column in COLUMNS["site"] if column.exported and column.field != "id"]
    rows = [_row(columns, n, site.model_dump(mode="json"), city) for n, site in _places(city)]
    return xlsx([Sheet("地点", [column.heading for column in columns], rows)])


def _row(columns: list[Any], n: int, document: dict[str, Any], city: City) -> list[str]:
    lon, lat = convert(document["lon"], document["lat"], "wgs84", "gcj02")
    said = document | {"lon": round(lon, 6), "lat": round(lat, 6)}
    return [cell_text(column, said, city, 0, f"B-{n}") for column in columns]


def _places(city: City) -> Iterator[tuple[int, Any]]:
    yield from enumerate(sites(city, ROWS))
