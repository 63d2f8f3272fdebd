"""Is there always one process that does the jobs, and is a job done whatever is killed?"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import ROOT
from tests.serving import PATIENCE, Service, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    services: list[Service] = []

    def start_one(**environment: str) -> Service:
        services.append(Service(tmp_path / "instance", **environment))
        return services[-1].until_ready()

    yield start_one
    for service in services:
        service.kill()


def ask(folder: Path, kind: str = "nobody.does.this", **columns: object) -> int:
    """Put a job's row in as another program would: no news of it in the queue."""
    moment = "2026-11-24 08:00:00.000000"
    values: dict[str, object] = {
        "kind": kind, "title": "试一试", "parameters": "{}", "state": "waiting", "done": 0,
        "total": 0, "message": "", "result": "{}", "created_at": moment, "attempts": 0,
    }  # fmt: skip
    values |= columns
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    with closing(sqlite3.connect(folder / "instance/tongyou.db", timeout=10)) as database:
        row = database.execute(f"INSERT INTO job ({names}) VALUES ({marks})", list(values.values()))
        database.commit()
        assert row.lastrowid is not None
        return row.lastrowid


def state(folder: Path, job_id: int) -> tuple[str, int]:
    with closing(sqlite3.connect(folder / "instance/tongyou.db", timeout=10)) as database:
        found: tuple[str, int] = database.execute(
            "SELECT state, attempts FROM job WHERE id = ?", (job_id,)
        ).fetchone()
        return found


def jobs_health(service: Service) -> str:
    told: str = json.loads(service.get("/readyz"))["jobs"]
    return told


def test_is_a_killed_consumer_replaced_and_its_job_run_again(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    service = start()
    wait_for(lambda: jobs_health(service) == "up", PATIENCE, lambda: service.output)
    (victim,) = service.consumers()
    os.kill(victim, signal.SIGKILL)
    # As a run leaves its row that was killed half a minute ago.
    silent = "2026-11-24 08:00:00.000000"
    job = ask(tmp_path, state="running", attempts=1, started_at=silent, beat_at=silent)
    wait_for(lambda: state(tmp_path, job) == ("failed", 2), PATIENCE, lambda: service.output)
    (successor,) = service.consumers()
    assert successor != victim
    assert "consumer_died" in service.output
    assert len(service.workers()) == 1
    assert service.end(signal.SIGTERM) == 0
    assert service.processes() == {}
    assert not (tmp_path / "instance/consumer-lives").exists()


def test_does_the_consumer_end_with_a_killed_main_process(start: Callable[..., Service]) -> None:
    service = start()
    wait_for(lambda: len(service.consumers()) == 1, PATIENCE, lambda: service.output)
    service.process.kill()
    wait_for(lambda: not service.processes(), PATIENCE, service.processes)


def test_does_a_scheduled_publishing_happen_by_itself(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    service = start()
    moment = (datetime.now(UTC) - timedelta(seconds=5)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(tmp_path / "instance/tongyou.db", timeout=10)) as database:
        database.execute(
            "INSERT INTO scheduled_publishing (at, note, state, created_by, created_at, message) "
            "VALUES (?, '', 'waiting', 1, ?, '')",
            (moment, moment),
        )
        database.commit()

    def outcome() -> tuple[str, int | None]:
        with closing(sqlite3.connect(tmp_path / "instance/tongyou.db", timeout=10)) as database:
            found: tuple[str, int | None] = database.execute(
                "SELECT state, edition FROM scheduled_publishing"
            ).fetchone()
            return found

    # The starting data is out already, so there is nothing new to say.
    wait_for(lambda: outcome() == ("done", 1), PATIENCE, lambda: (outcome(), service.output))


def test_can_the_consumer_run_on_its_own(start: Callable[..., Service], tmp_path: Path) -> None:
    service = start(TONGYOU_JOBS="false")
    assert jobs_health(service) == "elsewhere"
    assert service.consumers() == set()
    job = ask(tmp_path)
    environment = os.environ | {"TONGYOU_INSTANCE": str(tmp_path / "instance")}
    with subprocess.Popen(
        [sys.executable, "-m", "flask", "jobs", "work"], cwd=ROOT, env=environment
    ) as consumer:
        try:
            wait_for(lambda: state(tmp_path, job) == ("failed", 1), PATIENCE, lambda: job)
            assert jobs_health(service) == "up"
        finally:
            consumer.send_signal(signal.SIGINT)
        assert consumer.wait(PATIENCE) == 0
    listed = subprocess.run(
        [sys.executable, "-m", "flask", "jobs", "list"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"{job}  2026-11-24 16:00  失败  试一试  这个版本的程序不会做这种任务" in listed.stdout
