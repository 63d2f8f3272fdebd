"""Does a table from somebody's desk become drafts, on the real service and in a real browser?"""

import http.client
import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app import create_app
from config.settings import Settings
from server.db import db
from server.sheets.writing import Sheet, xlsx
from tests.browser import Visit, Visiting
from tests.journeys.town import Town
from tests.server.staff.people import hire

pytestmark = pytest.mark.browser

HEADINGS = ("基地名称", "类型", "主题", "所属区县", "经度", "纬度", "联系电话", "开放时间")
times = count(1)


@pytest.fixture(scope="session")
def password(town: Town) -> str:
    app = create_app(Settings(_env_file=None, instance=town.instance, database_url=""))
    found = hire(app, "importer", "editor")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return found


@pytest.fixture
def importer(visit: Visiting, size: str, script: bool, password: str) -> Visit:
    """Somebody who imports, on either size of screen, with scripts and without."""
    found = visit(size, java_script_enabled=script)
    page = found.open("/staff/")
    page.get_by_label("登录名").fill("importer")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/staff/overview")
    return found


def table(folder: Path) -> Path:
    """A workbook with two sound rows and one that is not; other names each time."""
    n = next(times)
    there = ("儿童友好实践基地", "科学探索", "张店区", 118.05, 36.8 + n / 1000)
    rows = [
        (f"导入馆{n}甲", *there, "0533-7654321", "周二至周日 9:00-17:00"),
        (f"导入馆{n}乙", *there[:3], 118.2, 36.9 + n / 1000, "", ""),
        (f"导入馆{n}丙", "儿童友好实践基地", "科学探索", "张店区区", 118.3, 36.9, "", ""),
    ]
    path = folder / "区教育局台账.xlsx"
    path.write_bytes(xlsx([Sheet("台账", HEADINGS, rows)]))
    return path


def test_does_a_workbook_become_drafts(importer: Visit, tmp_path: Path) -> None:
    page = importer.open("/staff/imports")
    page.get_by_label("文件").set_input_files(table(tmp_path))
    page.get_by_role("button", name="上传并对应列").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("区教育局台账.xlsx")
    expect(page.get_by_label("联系电话")).to_have_value("phone")
    page.get_by_label("GCJ-02").check()
    page.get_by_role("button", name="核对每一行").click()
    expect(page.get_by_text("可以写入 2 行")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="有误 1").click()
    expect(page.get_by_text("区县“张店区区”不认识，是不是“张店区”？")).to_be_visible()
    page.get_by_role("button", name="只写入没有问题的 2 行").click()
    expect(page.get_by_role("heading", name=re.compile("新增 2 条"))).to_be_visible(timeout=20_000)


def test_is_a_file_of_50_megabytes_refused_before_it_is_sent(importer: Visit) -> None:
    """Told by its length alone: the answer is there while the sender still waits to send."""
    cookies = importer.context.cookies(f"{importer.base}/staff/imports")
    connection = http.client.HTTPConnection(importer.base.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", "/staff/imports")
    connection.putheader("Cookie", "; ".join(f"{c['name']}={c['value']}" for c in cookies))
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", "50000000")
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert "最多 20 MB" in answer.read().decode()
    connection.close()
