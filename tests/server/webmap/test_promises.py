"""What does the public see of the year's promises, and of what nothing?"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from config.settings import Settings
from server.db import db
from tests.server.ledger import made_up_year, raw
from tests.server.ledger.desk import (
    BUSES,
    SCHOOLS,
    TOWN,
    accept,
    filled,
    hand_in,
)


def opened(folder: Path, **settings: object) -> Flask:
    return create_app(Settings(_env_file=None, instance=folder, **settings))  # type: ignore[arg-type]


@contextmanager
def served(instance: Path) -> Iterator[Flask]:
    app = opened(instance, promises_page=True)
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Flask]:
    with served(tmp_path) as app:
        yield app


@pytest.fixture
def made_up(tmp_path: Path) -> Iterator[Flask]:
    """With the made-up year in its ledger."""
    made_up_year.lay(tmp_path)
    with served(tmp_path) as app:
        yield app


def page(app: Flask, path: str = "/promises") -> str:
    answer = app.test_client().get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def looked(app: Flask) -> None:
    """Look again, as happens half a minute later."""
    app.extensions["promises_keeper"].look()


def test_is_there_no_such_page_unless_the_settings_ask_for_it(tmp_path: Path) -> None:
    app = opened(tmp_path)
    for path in ("/promises", "/promises/2023"):
        assert app.test_client().get(path).status_code == 404
    assert "办实事" not in app.test_client().get("/about").text


def test_is_nothing_shown_before_the_office_has_accepted_it(town: Flask) -> None:
    assert "还没有审核通过的季度" in page(town)
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="11", progress="写给办公室的话"))
    looked(town)
    assert "还没有审核通过的季度" in page(town)
    accept(SCHOOLS)
    looked(town)
    told = page(town)
    assert "<strong>11 所</strong>，目标 29 所" in told
    assert "截至 2023 年第一季度 · 2023 年 4 月 3 日审核通过" in told
    assert "写给办公室的话" not in told
    assert "张三" not in told
    assert "示例数据" not in told


def test_waits_an_action_for_all_its_units(town: Flask) -> None:
    hand_in(TOWN, filled(TOWN, c3_1="5", c3_3={"not_ours": True}))
    hand_in(BUSES, filled(BUSES, c3_1={"not_ours": True}, c3_2={"not_ours": True}, c3_3="2"))
    accept(TOWN)
    looked(town)
    assert "还没有审核通过的季度" in page(town)
    accept(BUSES)
    looked(town)
    assert "<strong>2 条</strong>，目标 7 条" in page(town)


def test_does_the_page_stand_while_the_database_is_away(town: Flask, tmp_path: Path) -> None:
    hand_in(SCHOOLS)
    accept(SCHOOLS)
    before = page(town)
    away = "postgresql://nobody@127.0.0.1:1/none"
    again = opened(tmp_path, promises_page=True, database_url=away)
    again.extensions["promises_keeper"].look()
    assert page(again) == before
    # Where nothing was ever known there is nothing to show.
    empty = opened(tmp_path / "empty", promises_page=True, database_url=away)
    assert empty.test_client().get("/promises").status_code == 503


def test_is_the_made_up_year_never_shown_without_its_mark(made_up: Flask) -> None:
    told = page(made_up)
    assert "这一页是示例数据，不是真实的工作进展" in told
    assert '<meta name="robots" content="noindex">' in told
    assert "【示例】" in told
    assert told.count(" · 示例") == sum(
        bool(action["quarters"]) for action in document(made_up)["actions"]
    )


def document(app: Flask) -> dict:  # type: ignore[type-arg]
    known = app.extensions["promises_keeper"].document()
    return known["years"][0]  # type: ignore[no-any-return]


def test_are_the_figures_those_of_accepted_rows_and_corrections_shown(
    made_up: Flask,
) -> None:
    for action in document(made_up)["actions"]:
        for quarter in action["quarters"]:
            expected = raw.totals(quarter["period"], ("accepted",))
            for indicator in quarter["indicators"]:
                if indicator["measure"] in ("narrative", "milestone"):
                    continue
                found = [one["value"] for one in indicator["places"] if one["value"] is not None]
                known = [
                    value
                    for cell, value in expected.items()
                    if cell.partition("/")[0] == indicator["code"]
                ]
                assert [Decimal(value) for value in found] == known
    told = page(made_up)
    assert told.count("（更正后）") > 0
    assert "（更正后）" in page(made_up, "/promises/2023")
    assert made_up.test_client().get("/promises/2022").status_code == 404
