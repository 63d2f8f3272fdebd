"""Is it told rightly, and in which words, whether a place is open?"""

from typing import Any

import pytest

from tests.miniapp_api.conftest import World


def state(world: World, name: str, at: str) -> Any:
    return world.get(f"/sites/{world.ids[name]}?at={at}%2B08:00")["open"]


@pytest.mark.parametrize(
    ("name", "at", "now", "kind", "text", "until"),
    [
        # Mo-Fr 09:00-17:00; PH off
        ("博物馆", "2026-11-24T08:59:59", False, "closed", "今天 9:00 开放", "11-24T09:00"),
        ("博物馆", "2026-11-24T09:00", True, "open", "今天开放至 17:00", "11-24T17:00"),
        ("博物馆", "2026-11-24T16:29", True, "open", "今天开放至 17:00", "11-24T17:00"),
        ("博物馆", "2026-11-24T16:30", True, "closing_soon", "30 分钟后闭馆", "11-24T17:00"),
        ("博物馆", "2026-11-24T16:59:59", True, "closing_soon", "1 分钟后闭馆", "11-24T17:00"),
        ("博物馆", "2026-11-24T17:00", False, "closed", "明天 9:00 开放", "11-25T09:00"),
        ("博物馆", "2026-11-28T12:00", False, "closed", "周一 9:00 开放", "11-30T09:00"),
        # 国庆节, and the Saturday that is worked in return
        ("博物馆", "2026-09-30T18:00", False, "closed", "10月8日 9:00 开放", "10-08T09:00"),
        ("博物馆", "2026-10-01T10:00", False, "closed", "10月8日 9:00 开放", "10-08T09:00"),
        ("博物馆", "2026-10-09T18:00", False, "closed", "明天 9:00 开放", "10-10T09:00"),
        ("博物馆", "2026-10-10T10:00", True, "open", "今天开放至 17:00", "10-10T17:00"),
        ("博物馆", "2026-10-17T10:00", False, "closed", "周一 9:00 开放", "10-19T09:00"),
        # Tu-Su 10:00-16:00, closed for a new exhibition
        ("科技馆", "2026-11-02T12:00", False, "closed", "11月11日 10:00 开放", "11-11T10:00"),
        ("科技馆", "2026-11-05T12:00", False, "closed", "周三 10:00 开放", "11-11T10:00"),
        ("科技馆", "2026-11-11T12:00", True, "open", "今天开放至 16:00", "11-11T16:00"),
        ("人民公园", "2026-11-24T03:00", True, "open", "24 小时开放", None),
        ("桃花溪", "2026-11-24T12:00", None, "unknown", "开放时间待核实", None),
        # A year whose holidays nobody has entered
        ("博物馆", "2027-03-01T12:00", None, "unknown", "开放时间待核实", None),
    ],
)
def test_a_place_is_open_or_why_not(
    world: World, name: str, at: str, now: bool | None, kind: str, text: str, until: str | None
) -> None:
    told = state(world, name, at)
    assert (told["now"], told["state"], told["text"]) == (now, kind, text)
    assert told["until"] == (f"2026-{until}:00+08:00" if until else None)
    assert told["reason"]
    (item,) = [
        item
        for item in world.get(f"/sites?limit=100&at={at}%2B08:00")["items"]
        if item["name"] == name
    ]
    assert item["open"] == told


def test_the_reason_says_what_is_special_about_the_day(world: World) -> None:
    assert state(world, "博物馆", "2026-10-10T10:00")["reason"] == "调休上班日，按工作日开放"
    assert "国庆节" in state(world, "博物馆", "2026-10-01T10:00")["reason"]
    assert "布展" in state(world, "科技馆", "2026-11-05T12:00")["reason"]
    assert "2027 年的节假日安排尚未录入" in state(world, "博物馆", "2027-03-01T12:00")["reason"]


def test_a_time_without_a_zone_is_the_citys(world: World) -> None:
    noon = [
        world.get(f"/sites?at={at}")["items"]
        for at in (
            "2026-11-24T12:00",
            "2026-11-24T12:00:00%2B08:00",
            "2026-11-24T12:00:00+08:00",
            "2026-11-24T04:00:00Z",
            "2026-11-23T23:00:00.5-05:00",
        )
    ]
    assert all(items == noon[0] for items in noon)


def test_a_line_that_is_always_open_says_so(world: World) -> None:
    lines = {
        line["name"]: line for line in world.get("/hotlines?at=2026-11-28T12:00%2B08:00")["items"]
    }
    assert list(lines) == ["报警", "青少年服务台", "心理援助"]
    assert [line["always_open"] for line in lines.values()] == [True, False, False]
    assert [line["open"]["text"] for line in lines.values()] == [
        "24 小时开放",
        "周一 9:00 开放",
        "开放时间待核实",
    ]
    assert (lines["心理援助"]["number"], lines["心理援助"]["display"]) == (
        "05332345678",
        "0533-2345678",
    )
