"""Does one command bring up the service, and does it end when told to?"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest

from config.settings import ROOT
from tests.services import free_port
from tests.serving import PATIENCE, Service, wait_for

PASSWORD = re.compile(r"密码（只显示这一次）：[a-z0-9-]{23}\n")
WORKERS = 2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that has been started once."""
    instance = tmp_path_factory.mktemp("serving") / "instance"
    service = Service(instance, jobs=False).until_ready()
    service.end()
    return instance


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Service]]:
    services: list[Service] = []

    def start_one(instance: Path = folder, **options: Any) -> Service:
        services.append(Service(instance, **options))
        return services[-1]

    yield start_one
    for service in services:
        service.kill()


@pytest.fixture(scope="module")
def standing(folder: Path) -> Iterator[Service]:
    """One that nobody ends, told its address by the plain names."""
    service = Service(folder, jobs=False, port_named="PORT", HOST="localhost")
    yield service.until_ready()
    service.kill()


def test_does_an_empty_machine_serve_the_starting_data(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    service = start(tmp_path / "instance", workers=WORKERS).until_ready()
    near = json.loads(service.get("/api/v1/sites?lat=36.8067&lon=118.0478&crs=wgs84"))
    assert near["edition"] == 1
    assert near["items"][0]["distance_m"] <= near["items"][1]["distance_m"] <= 5000
    for place in ("/", "/api/v1/docs", "/staff/"):
        assert f"{service.base}{place}\n" in service.output
    assert len(PASSWORD.findall(service.output)) == 1


def test_does_a_second_start_keep_the_password_to_itself(standing: Service) -> None:
    assert "密码" not in standing.output
    assert json.loads(standing.get("/readyz"))["edition"] == 1


def test_is_a_request_logged_nowhere(start: Callable[..., Service]) -> None:
    service = start(jobs=False).until_ready()
    service.get("/api/v1/sites?lat=36.8067&lon=118.0478")
    service.get("/healthz?lat=36.8067")
    service.end()
    assert "36.8067" not in service.output


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_does_it_end_cleanly(start: Callable[..., Service], sign: signal.Signals) -> None:
    service = start(workers=WORKERS).until_ready()
    wait_for(lambda: len(service.workers()) == WORKERS, PATIENCE, service.processes)
    wait_for(lambda: len(service.consumers()) == 1, PATIENCE, service.processes)
    assert service.end(sign) == 0
    assert service.processes() == {}
    assert "已停止。" in service.output
    assert "Traceback" not in service.output
    assert "ERROR" not in service.output


@pytest.mark.parametrize("tenths", [2, 5, 8, 10, 12])
def test_does_ctrl_c_work_while_it_starts(start: Callable[..., Service], tenths: int) -> None:
    service = start(workers=WORKERS)
    time.sleep(tenths / 10)
    service.end()
    wait_for(lambda: not service.processes(), PATIENCE, service.processes)
    assert "Traceback" not in service.output


def test_is_a_dead_worker_replaced_and_still_counted(start: Callable[..., Service]) -> None:
    service = start(workers=WORKERS, jobs=False).until_ready()
    wait_for(lambda: len(service.workers()) == WORKERS, PATIENCE, service.processes)
    for _ in range(20):
        service.get("/api/v1/edition")
    victim = min(service.workers())
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(service.workers() - {victim}) == WORKERS, PATIENCE, lambda: service.output)
    service.until_ready()
    assert b'endpoint="/api/v1/edition",method="GET",status="200"} 20.0' in service.get("/metrics")
    assert "Unexpected exit from worker" in service.output


def test_do_workers_end_with_a_killed_main_process(start: Callable[..., Service]) -> None:
    service = start(workers=WORKERS).until_ready()
    service.process.kill()
    wait_for(lambda: not service.processes(), PATIENCE, service.processes)


def test_is_a_taken_port_told_before_anything_else(
    start: Callable[..., Service], standing: Service
) -> None:
    latter = start(TONGYOU_HOST="127.0.0.1", TONGYOU_PORT=str(standing.port))
    assert latter.process.wait(PATIENCE) == 1
    assert latter.output == (
        f"端口 {standing.port} 已被占用：请先停止占用它的程序，"
        f"或换一个端口：make serve PORT={standing.port + 1}\n"
    )
    assert json.loads(standing.get("/readyz"))["edition"] == 1


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"TONGYOU_HOST": "192.0.2.1"}, "HOST=192.0.2.1 不是这台机器的地址"),
        ({"TONGYOU_HOST": "not an address"}, "HOST=not an address 不是可用的地址"),
        ({"TONGYOU_PORT": "99999"}, "设置有误（说明见 docs/operations.md）：TONGYOU_PORT："),
        (
            {"TONGYOU_WORKERS": "0"},
            "设置有误（说明见 docs/operations.md）：TONGYOU_WORKERS：太小，不能小于 1\n",
        ),
        (
            {"TONGYOU_LOG_FORMAT": "xml"},
            "设置有误（说明见 docs/operations.md）：TONGYOU_LOG_FORMAT：应为 json、text 之一\n",
        ),
        (
            {"TONGYOU_DATABASE_URL": "foo"},
            "设置有误（说明见 docs/operations.md）：TONGYOU_DATABASE_URL：应为 postgresql://",
        ),
        (
            {"TONGYOU_REDIS_URL": "http://127.0.0.1"},
            "设置有误（说明见 docs/operations.md）：TONGYOU_REDIS_URL：应为 redis://",
        ),
        ({"TONGYOU_SECRET_KEY": "x"}, "TONGYOU_SECRET_KEY 太短：至少 32 个随机字符\n"),
        ({"TONGYOU_CITY": "/nonexistent"}, "城市文件读写出错：/nonexistent：没有这个文件\n"),
        ({"TONGYOU_INSTANCE": "/dev/null/x"}, "读写出错：/dev/null/x：路径中有一段不是文件夹\n"),
    ],
)
def test_is_a_wrong_setting_told_in_one_line(
    start: Callable[..., Service], environment: dict[str, str], told: str
) -> None:
    service = start(**environment)
    assert service.process.wait(PATIENCE) == 1
    assert service.output.startswith(told)
    assert service.output.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "damage", "told"),
    [
        ("city.toml", "code = 淄博", "城市文件 {path} 不是有效的 TOML：第 1 行附近有误\n"),
        ("city.toml", 'code = "zibo"', "城市文件 {path} 有误：name：缺少这一项\n"),
        ("city.toml", "\udcff", "城市文件 {path} 不是 UTF-8 编码\n"),
        ("secret_key", "short", "{path} 不是有效的密钥；"),
    ],
)
def test_is_a_damaged_file_told_in_one_line_by_every_command(
    start: Callable[..., Service], tmp_path: Path, name: str, damage: str, told: str
) -> None:
    path = tmp_path / "instance" / name
    path.parent.mkdir()
    path.write_bytes(damage.encode("utf-8", "surrogateescape"))
    environment = {"TONGYOU_CITY": str(path)} if name == "city.toml" else {}
    service = start(tmp_path / "instance", **environment)
    assert service.process.wait(PATIENCE) == 1
    assert service.output.startswith(told.format(path=path))
    assert service.output.count("\n") == 1

    command = subprocess.run(
        [sys.executable, "-m", "flask", "publish"],
        cwd=ROOT,
        env=os.environ | {"TONGYOU_INSTANCE": str(tmp_path / "instance")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert command.returncode == 1
    assert command.stderr.startswith("错误：" + told.format(path=path))
    assert command.stderr.count("\n") == 1


def test_may_nobody_else_read_what_is_written(folder: Path) -> None:
    def mode(path: Path) -> int:
        return S_IMODE(path.stat().st_mode)

    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.glob("tongyou.db*")} == {0o600}


def test_do_plain_host_and_port_count_too(standing: Service) -> None:
    assert f"http://localhost:{standing.port}/\n" in standing.output


def test_does_it_serve_from_the_disk_while_the_database_is_away(
    start: Callable[..., Service],
) -> None:
    nobody = f"postgresql://tongyou@127.0.0.1:{free_port()}/tongyou"
    service = start(jobs=False, TONGYOU_DATABASE_URL=nobody).until_ready()
    assert "数据库连不上，先用本机存有的一期数据提供服务" in service.output
    assert json.loads(service.get("/readyz"))["database"] == "down"


def test_does_it_refuse_when_there_is_nothing_to_serve(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    nobody = f"postgresql://tongyou@127.0.0.1:{free_port()}/tongyou"
    service = start(tmp_path / "instance", TONGYOU_DATABASE_URL=nobody)
    assert service.process.wait(PATIENCE) == 1
    assert service.output.endswith("数据库连不上，本机也没有存过任何一期数据，服务没有启动。\n")
    assert "Traceback" not in service.output


def test_is_a_former_start_swept_away(start: Callable[..., Service], folder: Path) -> None:
    first = start(jobs=False).until_ready()
    first.kill()
    second = start(jobs=False).until_ready()
    counting = {entry.name for entry in (folder / "metrics").iterdir()}
    assert str(second.process.pid) in counting
    assert str(first.process.pid) not in counting
