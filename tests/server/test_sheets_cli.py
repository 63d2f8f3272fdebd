"""Does the command line import what the console would, and say the same of it?"""

from pathlib import Path

from flask import Flask

from server.db import db
from server.models import Listing
from tests.server.test_imports import HEADINGS, NEW

WRONG = "坏馆,儿童友好实践基地,科学探索,张店区区,118.1,36.8"


def run(app: Flask, folder: Path, *arguments: str) -> tuple[int, str]:
    path = folder / "表.csv"
    path.write_text("\n".join((HEADINGS, NEW, WRONG)), "utf-8")
    done = app.test_cli_runner().invoke(args=["import", "sites", str(path), *arguments])
    return done.exit_code, done.output


def test_is_a_table_checked_and_then_written(app: Flask, tmp_path: Path) -> None:
    code, told = run(app, tmp_path, "--crs", "wgs84")
    assert code == 0, told
    assert "D3：区县“张店区区”不认识" in told
    assert "新增 1 行，有变化 0 行，无变化 0 行，有误 1 行" in told
    assert db.session.query(Listing).count() == 0
    code, told = run(app, tmp_path, "--crs", "wgs84", "--apply", "good")
    assert "已写入草稿：新增 1 条" in told
    assert db.session.query(Listing).count() == 1


def test_is_what_can_not_be_written_refused(app: Flask, tmp_path: Path) -> None:
    code, told = run(app, tmp_path)
    assert (code, "请选择坐标系" in told) == (1, True)
    code, told = run(app, tmp_path, "--crs", "gcj02", "--apply", "all")
    assert (code, "一行也没有写" in told) == (1, True)
    assert db.session.query(Listing).count() == 0
