"""How fast the ledger's overview and indicators open with twenty years of 17 units in it."""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import requests
from sqlalchemy import insert

from app import create_app
from bench.load import ROOT, press, serving
from config.programmes import FOLDER, Indicator, Programme
from config.settings import Settings
from geo.city import City
from geo.opening import SHANGHAI
from server import accounts
from server.db import db
from server.ledger.cells import ReportKey, cells
from server.ledger.content import CellDraft, CellStatement, Draft, Statement, digest
from server.models import Report, ReportVersion

YEARS = range(2004, 2024)
MOST_MS = 200
ROUNDS = 3
TEXT = "按计划推进，各区县均已部署，具体数字见清单和佐证材料。" * 8

_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Took(NamedTuple):
    """Milliseconds of a page, and its rate beside that of a bare view with the same bytes."""

    middle: float
    slow: float
    """Of a hundred pages ninety-five are faster."""
    ratio: float


def measure_ledger(seconds: int) -> None:
    """Fill twenty years, open their pages as a leader, print what it took."""
    with TemporaryDirectory() as folder:
        environment = _environment(Path(folder))
        initialised(environment)
        app = create_app(Settings(_env_file=None, **_settings(environment)))
        with app.app_context():
            password = _fill(app.extensions["programmes"].values(), app.extensions["city"])
            db.session.remove()
            db.engine.dispose()
        with serving("bench.served:app", environment) as (base, _):
            session = signed_in(base, password, "leader")
            body = Path(folder) / "body"
            print(f"\n台账：{len(YEARS)} 年，每年 17 个单位 112 份报表（SQLite）")
            print("\n| 项目 | 中位数 ms | p95 ms | 要求 | 空的 Flask 视图，请求/秒比 |")
            print("| --- | ---: | ---: | ---: | ---: |")
            for name, path, most in (("总览", "matrix", MOST_MS), ("指标", "indicators", None)):
                paths = [f"/staff/progress/{path}?year={year}" for year in YEARS]
                told = _measured(base, paths, session, body, seconds)
                print(f"| {name} | {_row(told, most)} |", flush=True)


def _environment(folder: Path) -> dict[str, str]:
    programmes = folder / "programmes"
    programmes.mkdir()
    text = (FOLDER / "2023.toml").read_text("utf-8")
    for year in YEARS:
        (programmes / f"{year}.toml").write_text(text.replace("2023", str(year)), "utf-8")
    return {
        "TONGYOU_INSTANCE": str(folder / "instance"),
        "TONGYOU_PROGRAMMES": str(programmes),
        "TONGYOU_SECOND_STEP": "off",
    }


def _settings(environment: dict[str, str]) -> dict[str, Any]:
    return {name.removeprefix("TONGYOU_").lower(): value for name, value in environment.items()}


def initialised(environment: dict[str, str]) -> None:
    """Do what ``flask init`` does, in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "init"],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )


def _fill(programmes: Any, city: City) -> str:
    """Every report of every year, accepted; returns the leader's password."""
    for programme in programmes:
        rows = list(_reports(programme, city))
        made = db.session.scalars(
            insert(Report).returning(Report.id, sort_by_parameter_order=True),
            [report for report, _ in rows],
        ).all()
        versions = [
            version | {"report_id": id_} for id_, (_, version) in zip(made, rows, strict=True)
        ]
        db.session.execute(insert(ReportVersion), versions)
    _, password = accounts.create_account("leader", "leader", "领导")
    db.session.commit()
    return password


def _reports(programme: Programme, city: City) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for period in programme.periods:
        at = datetime.combine(period.due, datetime.min.time(), SHANGHAI) - timedelta(days=3)
        for unit, action in programme.owed:
            key = ReportKey(unit, action, period.code)
            form = cells(programme.action(action), city)
            typed = Draft(cells={cell.key: CellDraft(note=TEXT) for cell in form}, progress=TEXT)
            says = Statement(
                **key._asdict(),
                number=1,
                cells={cell.key: _stated(cell.indicator, period.quarter) for cell in form},
                progress=TEXT,
            )
            yield (
                key._asdict()
                | {"state": "accepted", "draft": typed.model_dump(), "filed_at": at, "edit": 3}
                | {"newest_number": 1, "accepted_number": 1, "saved_at": at},
                {"number": 1, "content": says.as_json(), "digest": digest(says), "late": False}
                | {"submitted_at": at, "outcome": "accepted", "decided_at": at},
            )


def _stated(indicator: Indicator, quarter: int) -> CellStatement:
    if indicator.measure == "milestone":
        return CellStatement(done=quarter > 2, note=TEXT)
    if indicator.target is None:
        return CellStatement(note=TEXT)
    return CellStatement(value=indicator.target * quarter // 4, note=TEXT)


def signed_in(base: str, password: str, login: str) -> requests.Session:
    """A session of the console, signed in without a second step."""
    session = requests.Session()
    found = _CSRF.search(session.get(f"{base}/staff/", timeout=30).text)
    form = {"csrf_token": found[1] if found else "", "login": login, "password": password}
    answer = session.post(f"{base}/staff/", data=form, timeout=30, allow_redirects=False)
    if answer.status_code != 303:
        raise RuntimeError(f"signing in was answered {answer.status_code}")
    return session


def _measured(
    base: str, paths: list[str], session: requests.Session, body: Path, seconds: int
) -> Took:
    body.write_bytes(session.get(base + paths[-1], timeout=30).content)
    took = []
    for path in paths * ROUNDS:
        at = time.monotonic()
        answer = session.get(base + path, timeout=30)
        took.append((time.monotonic() - at) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered {answer.status_code}")
    headers = {"Cookie": "; ".join(f"{c.name}={c.value}" for c in session.cookies)}
    with serving("bench.bare:app", {"BENCH_BODY": str(body)}) as (bare, _):
        ratios = [
            press(base, paths, seconds, 1, headers).rate
            / press(bare, ["/api/v1/sites"], seconds, 1).rate
            for _ in range(ROUNDS)
        ]
    slow = sorted(took)[int(len(took) * 0.95)]
    return Took(statistics.median(took), slow, statistics.median(ratios))


def _row(took: Took, most: int | None) -> str:
    wanted = "" if most is None else f"≤ {most}{' ✗' if took.slow > most else ''}"
    return f"{took.middle:.0f} | {took.slow:.0f} | {wanted} | {took.ratio:.4f}"
