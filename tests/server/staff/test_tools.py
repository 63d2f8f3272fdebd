"""Do the inputs of a form get sensible answers while it is being filled in?"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from geo.crs import convert
from geo.opening import SHANGHAI
from geo.sphere import distance_m
from server.db import db
from server.models import CalendarDayRow
from tests import tencent
from tests.server.pages import Page, fill, served, settings_in
from tests.server.staff.people import Person, somebody
from tests.tencent import KEY, Tencent


@pytest.fixture(scope="module")
def service() -> Iterator[Tencent]:
    with tencent.running() as running:
        yield running


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, service: Tencent) -> Iterator[Flask]:
    settings = settings_in(tmp_path_factory.mktemp("tools"))
    settings = settings.model_copy(
        update={"tencent_key": type(settings)(tencent_key=KEY).tencent_key}
        | {"tencent_url": service.base}
    )
    with served(settings, fill) as app:
        yield app


@pytest.fixture(scope="module")
def editor(desk: Flask) -> Person:
    return somebody(desk, "editor")


def today() -> date:
    return datetime.now(SHANGHAI).date()


def ask(person: Person, tool: str, **fields: str) -> tuple[int, dict[str, Any]]:
    answer = person.client.post(
        f"/staff/tools/{tool}",
        data=fields,
        headers={"X-CSRFToken": person.token, "Accept": "application/json"},
    )
    return answer.status_code, answer.json or {}


def test_is_a_pasted_position_told_in_our_own_system(editor: Person) -> None:
    x, y = convert(118.05, 36.8, "wgs84", "gcj02")
    status, told = ask(editor, "position", text=f"{y:.6f}, {x:.6f}", crs="gcj02")
    assert status == 200
    assert distance_m(told["lon"], told["lat"], 118.05, 36.8) < 0.3
    assert told["typed"] == pytest.approx([x, y], abs=2e-6)
    assert told["within"]
    assert told["notes"] == []


def test_is_it_told_where_it_would_be_by_another_system(editor: Person) -> None:
    _, told = ask(editor, "position", text="118.05, 36.8", crs="wgs84")
    far = {one["crs"]: one["metres"] for one in told["readings"]}
    assert far["wgs84"] == 0
    assert 300 < far["gcj02"] < 700
    assert 600 < far["bd09"] < 1600
    assert [one["title"] for one in told["readings"]][1] == "腾讯、高德、微信（GCJ-02）"


def test_are_a_wrong_order_and_another_city_told(editor: Person) -> None:
    _, turned = ask(editor, "position", text="lat=118.05&lng=36.8", crs="wgs84")
    assert turned["notes"] == ["经度和纬度写反了，已经对调。"]
    _, beijing = ask(editor, "position", text="116.397, 39.909")
    assert beijing["within"] is False
    assert "不在淄博市范围内" in beijing["notes"][0]
    _, link = ask(editor, "position", text="https://uri.amap.com/marker?position=118.05,36.8")
    assert link["crs"] == "gcj02"
    assert "腾讯、高德、微信（GCJ-02）" in link["notes"][0]


@pytest.mark.parametrize("text", ["", "张店区", "<script>", "9" * 5000])
def test_is_what_is_no_position_told(editor: Person, text: str) -> None:
    status, told = ask(editor, "position", text=text)
    assert status == 422
    assert not told["message"].isascii()
    assert "<" not in told["message"]


def test_is_an_address_looked_up(editor: Person, service: Tencent) -> None:
    service.behaviour = 0
    status, told = ask(editor, "geocode", address="张店区商场西街153号")
    assert status == 200
    assert told["within"]
    assert KEY not in str(told)


def test_is_a_failing_service_told(editor: Person, service: Tencent) -> None:
    service.behaviour = 121
    status, told = ask(editor, "geocode", address="张店区商场西街153号")
    service.behaviour = 0
    assert (status, "次数已用完" in told["message"]) == (422, True)


def test_are_the_next_days_told_with_closures(editor: Person) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    closure = {"closures.0.start": tomorrow, "closures.0.end": "", "closures.0.reason": "布展"}
    _, told = ask(editor, "hours", opening_hours="Mo-Su 09:00-17:00", **closure)
    assert len(told["days"]) == 14
    assert told["days"][0]["hours"] == "9:00–17:00"
    assert (told["days"][1]["hours"], told["days"][1]["note"]) == ("不开放", "临时关闭：布展")


def test_is_a_mistake_told_with_its_place(editor: Person) -> None:
    _, told = ask(editor, "hours", opening_hours="Mo-Fr 9点到17点")
    assert told["days"] == []
    assert "看不懂" in told["mistake"]
    assert told["column"] == 7


def test_is_a_year_without_calendar_told(desk: Flask, editor: Person) -> None:
    _, told = ask(editor, "hours", opening_hours="Mo-Fr 09:00-17:00; PH off")
    assert "节假日安排还没有录入" in told["remarks"][0]
    with desk.app_context():
        for day in (today(), today() + timedelta(days=13)):
            if not db.session.query(CalendarDayRow).filter_by(date=date(day.year, 10, 1)).first():
                row = CalendarDayRow(date=date(day.year, 10, 1), kind="holiday", name="国庆节")
                db.session.add(row)
                db.session.commit()
    _, told = ask(editor, "hours", opening_hours="Mo-Fr 09:00-17:00; PH off")
    assert told["remarks"] == []
    _, told = ask(editor, "hours", opening_hours="Mo-Fr 09:00-17:00; SH 08:00-18:00")
    assert "寒暑假安排还没有录入" in told["remarks"][0]


def test_is_what_nobody_typed_called_unknown(editor: Person) -> None:
    _, told = ask(editor, "hours", opening_hours=" ")
    assert {day["known"] for day in told["days"]} == {False}
    assert "开放时间待核实" in told["remarks"][0]
    _, always = ask(editor, "hours", opening_hours="24/7")
    assert always["remarks"] == ["全年 24 小时开放。"]
    _, never = ask(editor, "hours", opening_hours="off")
    assert "都不开放" in never["remarks"][-1]


def test_does_the_preview_work_without_scripts(editor: Person) -> None:
    answer = editor.post("/staff/tools/hours", opening_hours="Mo-Su 09:00-17:00")
    assert "9:00–17:00" in Page(answer.text).text
    wrong = editor.post("/staff/tools/hours", opening_hours="<b>Mo")
    assert wrong.status_code == 200
    assert "<b>Mo" not in wrong.text
    assert "看不懂" in Page(wrong.text).text


@pytest.mark.parametrize(
    ("role", "tool", "status"),
    [
        ("viewer", "position", 200),
        ("viewer", "hours", 200),
        ("viewer", "geocode", 403),
        ("dispatcher", "geocode", 403),
        ("reviewer", "geocode", 200),
    ],
)
def test_may_who_looks_only_preview(desk: Flask, role: str, tool: str, status: int) -> None:
    person = somebody(desk, role, f"{role}-{tool}")
    fields = {"text": "118.05, 36.8", "opening_hours": "24/7", "address": "张店区"}
    assert ask(person, tool, **fields)[0] == status


@pytest.mark.parametrize("tool", ["position", "geocode", "hours"])
def test_is_nothing_answered_without_token_or_sign_in(
    desk: Flask, editor: Person, tool: str
) -> None:
    assert editor.client.post(f"/staff/tools/{tool}").status_code == 400
    assert desk.test_client().post(f"/staff/tools/{tool}").status_code == 401


def test_are_settings_told_apart(tmp_path: Path) -> None:
    with served(settings_in(tmp_path), fill) as app:
        person = somebody(app, "editor")
        status, told = ask(person, "geocode", address="张店区")
        assert (status, "没有设置" in told["message"]) == (422, True)
