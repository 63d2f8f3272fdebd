"""Does a publisher see what comes, and does work in the background show how far it is?"""

import itertools
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import create_app
from config.settings import Settings
from server.db import db, now
from server.models import Job, StaffAccount
from tests.browser import Visit, Visiting
from tests.journeys.town import OPEN, Town
from tests.server.staff.people import hire

pytestmark = pytest.mark.browser

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def office(town: Town) -> Iterator[Flask]:
    """Where people are hired for the town's service, and their jobs are done."""
    app = create_app(Settings(_env_file=None, instance=town.instance, database_url=""))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def viewer(visit: Visiting, size: str, office: Flask) -> tuple[Visit, str]:
    """Somebody signed in, on either size of screen, and their login."""
    login = f"fabu{next(_numbers)}"
    password = hire(office, login, "viewer")
    visitor = visit(size)
    page = visitor.open("/staff/")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/staff/overview")
    return visitor, login


def set_job(office: Flask, id_: int, **columns: object) -> None:
    with office.app_context():
        job = db.session.get_one(Job, id_)
        for name, value in columns.items():
            setattr(job, name, value)
        db.session.commit()


def running_job(office: Flask, login: str) -> int:
    """A job that lives, as far as a consumer can tell, and is nobody's to run."""
    with office.app_context():
        account = db.session.query(StaffAccount).filter_by(login=login).one()
        job = Job(
            kind="journey", title="导入 基地.xlsx", state="running", attempts=1,
            created_by=account.id, started_at=now(), beat_at=now(),
        )  # fmt: skip
        db.session.add(job)
        db.session.commit()
        return job.id


def test_does_the_bar_move_by_itself(viewer: tuple[Visit, str], office: Flask) -> None:
    visit, login = viewer
    id_ = running_job(office, login)
    page = visit.open(f"/staff/jobs/{id_}")
    bar = page.get_by_role("progressbar")
    expect(bar).to_be_visible()
    set_job(office, id_, done=30, total=120, message="第 30 行")
    expect(bar).to_have_attribute("value", "30")
    expect(page.get_by_text("第 30 行（30/120）")).to_be_visible()
    set_job(office, id_, state="done", finished_at=now())
    expect(page.locator(".console-main .state")).to_have_text("完成")
    expect(bar).to_have_count(0)


def test_does_the_preview_keep_its_visitor(viewer: tuple[Visit, str], town: Town) -> None:
    visit, _ = viewer
    page: Page = visit.open("/staff/preview")
    banner = page.get_by_text("预览 · 未发布")
    expect(banner).to_be_visible()
    page.get_by_role("link", name=OPEN, exact=True).first.click()
    expect(page).to_have_url(re.compile(rf"/staff/preview/[0-9a-f]{{32}}/sites/{town.open}"))
    expect(banner).to_be_visible()
    page.get_by_role("link", name="电话", exact=True).click()
    expect(page).to_have_url(re.compile(r"/staff/preview/[0-9a-f]{32}/hotlines"))
    page.get_by_role("link", name="回到发布").click()
    expect(page.get_by_role("heading", name="发布", exact=True)).to_be_visible()
