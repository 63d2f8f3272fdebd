"""What do the operator's commands say, and how do they end?"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from server import accounts
from server.db import db
from server.models import CalendarDayRow, StaffAccount
from tests.server.material import add, hotline, site


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(arguments))
    db.session.remove()
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_init_makes_everything_once(bare_app: Flask) -> None:
    code, told = run(bare_app, "init")
    assert code == 0
    assert "已发布第 1 期" in told
    assert "admin，密码（只显示这一次）：" in told
    assert run(bare_app, "init") == (0, "已是最新，无需改动。\n")
    assert db.session.scalar(select(func.count()).select_from(StaffAccount)) == 1


def test_init_needs_no_alembic_the_second_time(bare_app: Flask, tmp_path: Path) -> None:
    run(bare_app, "init")
    script = (
        "import sys\n"
        "from config.settings import Settings\n"
        "from tests.conftest import make_app\n"
        "app = make_app(Settings(_env_file=None))\n"
        "assert app.test_cli_runner().invoke(args=['init']).exit_code == 0\n"
        "print([m for m in ('alembic', 'pypinyin') if m in sys.modules])\n"
    )
    settings = bare_app.extensions["settings"]
    environment = os.environ | {
        "TONGYOU_INSTANCE": str(settings.instance),
        "TONGYOU_DATABASE_URL": settings.database_url,
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_publish_editions_and_rollback(app: Flask) -> None:
    assert run(app, "editions") == (0, "还没有发布过。\n")
    add(site("甲馆"))
    code, told = run(app, "publish", "--note", "首发")
    assert code == 0
    assert "已发布第 1 期：共 1 条，新增或更改 1 条，撤下 0 条。" in told
    assert "没有变化，没有发布" in run(app, "publish")[1]
    add(site("乙馆"))
    run(app, "publish")
    assert "已发布第 3 期：共 1 条，新增或更改 0 条，撤下 1 条" in run(app, "rollback", "1")[1]
    lines = run(app, "editions")[1].splitlines()
    assert [line.split()[1] for line in lines] == ["3", "2", "1"]
    assert "恢复自第 1 期" in lines[0]
    assert lines[2].endswith("首发")


def test_a_refusal_is_told_in_chinese_with_exit_code_1(app: Flask) -> None:
    add(hotline("哑线", None))
    code, told = run(app, "publish")
    assert code == 1
    assert "1 哑线：number：缺少电话号码" in told
    code, told = run(app, "rollback", "9")
    assert (code, told) == (1, "错误：没有第 9 期\n")


def test_a_database_without_tables_is_told_in_one_line(bare_app: Flask) -> None:
    code, told = run(bare_app, "publish")
    assert code == 1
    assert len(told.splitlines()) == 1
    assert "数据库不可用或出错" in told


def test_export_gives_the_edition_in_force(app: Flask, tmp_path: Path) -> None:
    assert run(app, "export", "-") == (1, "错误：还没有发布过\n")
    id_ = add(site("甲馆"))
    run(app, "publish")
    run(app, "export", str(tmp_path / "all.json"))
    assert json.loads((tmp_path / "all.json").read_bytes())["entries"][0]["id"] == id_
    code, told = run(app, "export", "--format", "geojson", "-")
    assert code == 0
    (feature,) = json.loads(told)["features"]
    assert (feature["id"], feature["geometry"]["coordinates"]) == (id_, [118.05, 36.8])


def test_import_calendar_replaces_its_years_or_does_nothing(app: Flask, tmp_path: Path) -> None:
    def days() -> list[tuple[str, str]]:
        day = CalendarDayRow
        rows = db.session.execute(select(day.date, day.name).order_by(day.date))
        return [(date.isoformat(), name) for date, name in rows]

    file = tmp_path / "days.csv"
    head = "date,kind,name\n"
    file.write_text(head + "2026-10-01,holiday,国庆节\n2027-01-01,holiday,元旦\n", "utf-8")
    assert run(app, "import-calendar", str(file))[0] == 0
    file.write_text(head + "2026-10-02,holiday,国庆\n", "utf-8")
    assert run(app, "import-calendar", str(file))[0] == 0
    assert days() == [("2026-10-02", "国庆"), ("2027-01-01", "元旦")]
    db.session.remove()
    file.write_text(head + "2026-10-03,holiday,国庆\n2026-10-99,holiday,国庆\n", "utf-8")
    code, told = run(app, "import-calendar", str(file))
    assert code == 1
    assert "第 3 行" in told
    assert len(days()) == 2


def test_init_takes_up_where_it_was_stopped(
    bare_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server import publishing
    from server.edition_cache import CannotStore

    def full(*_arguments: object, **_options: object) -> None:
        raise CannotStore("磁盘已满")

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "publish", full)
        code, told = run(bare_app, "init")
    assert code == 1
    assert "磁盘已满" in told
    code, told = run(bare_app, "init")
    assert code == 0
    assert "已发布第 1 期" in told
    assert "密码" not in told


def test_does_a_renewed_password_replace_the_old_one(app: Flask) -> None:
    runner = app.test_cli_runner()
    with app.app_context():
        _, old = accounts.create_account("lihua", "editor", "李华")
        db.session.commit()
    output = runner.invoke(args=["password", "lihua"]).output
    new = output.strip().rpartition("：")[2]
    with app.app_context():
        assert accounts.verify("lihua", old) is None
        assert accounts.verify("lihua", new) is not None
    missing = runner.invoke(args=["password", "nobody"])
    assert missing.exit_code == 1
    assert "没有这个登录名" in missing.output
