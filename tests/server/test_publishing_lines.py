"""Which school lines and notices go out, and what is told of those that can't?"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from config.settings import Settings
from geo.city import City
from geo.opening import SHANGHAI
from geo.transit import Service, ServiceException
from server import publishing
from server.composing import NotPublishable
from server.db import db
from server.models import EditionRow
from tests.geo.gtfs_material import line
from tests.server.material import add

pytestmark = pytest.mark.usefixtures("app")

TODAY = datetime.now(SHANGHAI).date()


def document(off: int = 0, **given: Any) -> dict[str, Any]:
    """A line that runs every day from today on, but for its first ``off`` days."""
    days = tuple(ServiceException(date=TODAY + timedelta(n), runs=False) for n in range(off))
    daily = Service(
        id="wk",
        weekdays="1111111",
        start=TODAY,
        end=TODAY + timedelta(60),
        rule="plain",
        exceptions=days,
    )
    return line(services=(daily,), **given).model_dump(mode="json")


def suspension(routes: list[int], first: date, **given: Any) -> dict[str, Any]:
    """For ten days from ``first`` on."""
    start = datetime.combine(first, datetime.min.time(), SHANGHAI)
    return {
        "type": "notice",
        "name": "停运",
        "effect": "suspension",
        "text": "道路施工。",
        "routes": routes,
        "announced_at": start.isoformat(),
        "start": start.isoformat(),
        "end": (start + timedelta(days=10)).isoformat(),
        "replacement": "请家长接送",
    } | given


def told(settings: Settings, city: City) -> str:
    with pytest.raises(NotPublishable) as caught:
        publishing.publish(settings, city)
    assert db.session.scalar(select(func.count()).select_from(EditionRow)) == 0
    return str(caught.value)


def test_is_a_line_without_runs_explained_by_its_notice(settings: Settings, city: City) -> None:
    id_ = add(document(off=8))
    assert f"{id_} 张店八中一号线：services：今后 7 天没有班次" in told(settings, city)
    add(suspension([id_], TODAY))
    assert publishing.publish(settings, city).total == 2


def test_does_another_lines_notice_explain_nothing(settings: Settings, city: City) -> None:
    trips = [{**trip, "id": f"other-{trip['id']}"} for trip in document()["trips"]]
    id_, other = add(document(off=8)), add(document(trips=trips))
    add(suspension([other], TODAY))
    problems = told(settings, city)
    assert f"{id_} 张店八中一号线：services" in problems
    assert problems.count("没有班次") == 1


def test_are_a_lines_mistakes_and_a_notices_told_together(settings: Settings, city: City) -> None:
    backward = document()
    backward["trips"][0]["stop_times"][1]["arrival"] = "06:40"
    id_, fine = add(backward), add(document(name="二号线"))
    notice = add(suspension([fine, 999], TODAY, replacement=""))
    problems = told(settings, city)
    assert f"{id_} 张店八中一号线：trips.0.stop_times.1.arrival：" in problems
    assert "时间倒退" in problems
    assert f"{notice} 停运：routes.1：没有编号为 999 的线路" in problems
    assert f"{notice} 停运：replacement：" in problems


def test_are_lines_that_contradict_each_other_told(settings: Settings, city: City) -> None:
    add(document())
    renamed = document(name="二号线")
    renamed["stops"][0]["name"] = "另一站"
    id_ = add(renamed)
    problems = told(settings, city)
    assert f"{id_} 二号线：stops.0.name：站点“a”在另一条线路上叫“甲站”" in problems
    assert f"{id_} 二号线：trips.0.id：班次编号“m”已被“张店八中一号线”使用" in problems
