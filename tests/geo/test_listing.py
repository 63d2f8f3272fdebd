"""Which documents are refused, what is said of them, and what keeps one from being published?"""

import math
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from geo.calendar import Calendar
from geo.listing import LISTING, Ages, Closure, Hotline, Site, obstacles
from tests.geo.material import CITY, site

CALENDAR, TODAY = Calendar(), date(2026, 11, 23)

SITE: dict[str, Any] = {
    "type": "site",
    "name": "图书馆",
    "kind": "reading_space",
    "theme": "science",
    "district": "zhangdian",
    "lon": 118.05,
    "lat": 36.8,
}
HOTLINE: dict[str, Any] = {"type": "hotline", "name": "妇女热线", "number": "12338"}


def complaints(document: dict[str, Any]) -> list[tuple[str, str]]:
    """(field, message) of all that is wrong."""
    with pytest.raises(ValidationError) as caught:
        LISTING.validate_python(document)
    # The first part of each place is the type's tag.
    return [
        (".".join(str(part) for part in error["loc"][1:]), error["msg"])
        for error in caught.value.errors()
    ]


BAD: list[tuple[str, Any]] = [
    ("name", ""),
    ("name", "   "),
    ("name", "馆" * 61),
    ("name", "图书\n馆"),
    ("name", "图书\t馆"),
    ("name", "图书\x00馆"),
    ("name", "图书\x1b[31m馆"),
    ("name", "图书\x85馆"),
    ("name", "图书\u2028馆"),
    ("name", "图书\u202e馆"),
    ("name", None),
    ("name", 7),
    ("kind", "Reading Space"),
    ("kind", "../etc"),
    ("theme", ""),
    ("district", "张店"),
    ("address", "路" * 201),
    ("address", "一号\n二号"),
    ("lon", math.nan),
    ("lon", math.inf),
    ("lon", 180.001),
    ("lon", "东经"),
    ("lon", None),
    ("lat", math.nan),
    ("lat", -math.inf),
    ("lat", -90.5),
    ("phone", "不详"),
    ("phone", "12"),
    ("phone", "0533 2345678"),
    ("phone", "0533-2345678转8"),
    ("phone", "１２３４５"),
    ("phone", "12338\n"),
    ("phone", "0533--2345678"),
    ("website", "javascript:alert(1)"),
    ("website", "example.org"),
    ("website", "ftp://example.org"),
    ("website", " https://example.org"),
    ("website", "https://example.org/a b"),
    ("website", 'https://example.org/"onclick="'),
    ("website", "https://example.org/<script>"),
    ("website", "https://example.org/\x00"),
    ("website", "https://example.org/" + "a" * 300),
    ("cover", "javascript:alert(1)"),
    ("cover", "data:image/svg+xml,<svg/>"),
    ("cover", "http://example.org/a.jpg"),
    ("cover", "//example.org/a.jpg"),
    ("cover", "/\\example.org/a.jpg"),
    ("cover", "/"),
    ("cover", "/a b.jpg"),
    ("cover", "/a\x07.jpg"),
    ("opening_hours", "九点到五点"),
    ("opening_hours", "Mo-Fr 25:00-26:00"),
    ("opening_hours", ""),
    ("opening_hours", "Mo 09:00-10:00; " * 40),
    ("free", "也许"),
    ("fee", "元" * 201),
    ("introduction", "长" * 2001),
    ("introduction", "响\x07铃"),
    ("introduction", "左\u202e右"),
    ("aliases", ["馆"] * 11),
    ("aliases", [""]),
    ("facilities", ["toilet"] * 31),
    ("facilities", ["卫生间"]),
    ("closures", [{"start": "2026-03-02", "end": "2026-03-01"}]),
    ("closures", [{"start": "2026-02-30", "end": "2026-03-01"}]),
    ("closures", [{"start": "2026-03-01", "end": "2026-03-01"}] * 51),
    ("closures", [{"start": "2026-03-01", "end": "2026-03-01", "reason": "a\nb"}]),
    ("ages", {"min": 7, "max": 6}),
    ("ages", {"min": -1, "max": 6}),
    ("ages", {"min": 3, "max": 19}),
    ("ages", {"min": 3}),
    ("ages", "3-6"),
    ("facts", {"phone": {}}),
    ("facts", {"phone": {"source": "114\nx"}}),
    ("facts", {"phone": {"source": "114", "confirmed_on": "昨天"}}),
    ("surprise", 1),
]


@pytest.mark.parametrize(("field", "value"), BAD, ids=repr)
def test_is_a_bad_value_refused_at_its_field(field: str, value: Any) -> None:
    assert LISTING.validate_python(SITE)
    assert {place.split(".")[0] for place, _ in complaints(SITE | {field: value})} == {field}


@pytest.mark.parametrize("field", ["name", "kind", "theme", "district", "lon", "lat"])
def test_which_facts_must_be_given(field: str) -> None:
    rest = {name: value for name, value in SITE.items() if name != field}
    assert complaints(rest) == [(field, "Field required")]


@pytest.mark.parametrize("type_", ["zoo", None, "Site"])
def test_is_an_unknown_type_refused(type_: str | None) -> None:
    with pytest.raises(ValidationError, match="union_tag"):
        LISTING.validate_python(SITE | {"type": type_})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "一二三三八"),
        ("number", ""),
        ("number", "12338;ext=1"),
        ("opening_hours", "全天"),
        ("note", "\x00"),
        ("lon", 118.0),
    ],
)
def test_is_a_bad_hotline_refused(field: str, value: Any) -> None:
    assert LISTING.validate_python(HOTLINE)
    assert [place for place, _ in complaints(HOTLINE | {field: value})] == [field]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ages": {"min": 7, "max": 6}}, "适合年龄前后矛盾：上限小于下限"),
        (
            {"closures": [{"start": "2026-03-02", "end": "2026-03-01"}]},
            "临时关闭的日期前后矛盾：结束早于开始",
        ),
        (
            {"facts": {"telephone": {"source": "114"}, "url": {"source": "114"}}},
            "来源注明了不存在的字段：telephone、url",
        ),
    ],
)
def test_are_contradictions_told_in_chinese(changed: dict[str, Any], message: str) -> None:
    assert [said for _, said in complaints(SITE | changed)] == [f"Value error, {message}"]


def test_does_a_bad_expression_say_why_in_chinese() -> None:
    ((place, message),) = complaints(SITE | {"opening_hours": "Mo-Fr sunrise-sunset"})
    assert place == "opening_hours"
    assert "不支持日出日落" in message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Ｋ歌·（欢乐谷）—— 618 №7"),
        ("phone", "12356"),
        ("phone", "0533-2345678"),
        ("phone", "400-123-4567"),
        ("phone", "+86533-2345678"),
        ("website", "http://图书馆.cn/?a=1&b=%20#c"),
        ("cover", "/files/ab12.jpg"),
        ("cover", "https://example.org/a.jpg"),
        ("introduction", "第一段\n\n第二段\t表"),
        ("lon", -180.0),
        ("lat", 90.0),
        ("ages", {"min": 6, "max": 6}),
        ("closures", [{"start": "2026-03-01", "end": "2026-03-01", "reason": "布展"}]),
        ("facts", {"": {"source": "市妇儿工委", "confirmed_on": "2026-02-01"}}),
        ("facts", {"phone": {"source": "", "confirmed_on": None}}),
        ("opening_hours", None),
    ],
)
def test_is_a_good_value_kept(field: str, value: Any) -> None:
    document = LISTING.validate_python(SITE | {field: value})
    assert document.model_dump(mode="json")[field] == value


def test_is_the_space_around_a_text_taken_off() -> None:
    document = site(name=" 图书馆\u3000", address="\n人民路 1 号 ", introduction="\r\n一\r\n二\r\n")
    assert document.name == "图书馆"
    assert document.address == "人民路 1 号"
    assert document.introduction == "一\n二"


def test_does_a_document_never_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        site().name = "别的馆"
    with pytest.raises(ValidationError, match="frozen"):
        Ages(min=1, max=2).min = 0


def test_is_what_is_not_known_left_unknown() -> None:
    document = site()
    assert (document.free, document.ages, document.opening_hours, document.phone) == (None,) * 4
    assert not document.verified
    assert Closure(start=date(2026, 3, 1), end=date(2026, 3, 1)).reason == ""


# What keeps a document from being published


def test_has_a_complete_place_no_obstacle() -> None:
    assert obstacles(site(facilities=["toilet"]), CITY, CALENDAR, TODAY) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"kind": "zoo"}, [("kind", "没有这个代码：zoo")]),
        ({"theme": "zoo"}, [("theme", "没有这个代码：zoo")]),
        ({"district": "qingzhou"}, [("district", "没有这个代码：qingzhou")]),
        (
            {"facilities": ["toilet", "slide", "pool"]},
            [("facilities", "没有这个代码：slide"), ("facilities", "没有这个代码：pool")],
        ),
        (
            {"lon": 36.8, "lat": 18.05},
            [("lat", "位置不在淄博市范围内，请检查坐标系和经纬度次序")],
        ),
        (
            {"kind": "zoo", "lat": 40.0},
            [
                ("kind", "没有这个代码：zoo"),
                ("lat", "位置不在淄博市范围内，请检查坐标系和经纬度次序"),
            ],
        ),
    ],
)
def test_what_keeps_a_place_from_being_published(
    changed: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert obstacles(site(**changed), CITY, CALENDAR, TODAY) == expected


@pytest.mark.parametrize(("corner", "inside"), [((117.45, 35.85), True), ((117.4499, 36.0), False)])
def test_is_the_city_s_own_border_within_it(corner: tuple[float, float], inside: bool) -> None:
    assert (obstacles(site(lon=corner[0], lat=corner[1]), CITY, CALENDAR, TODAY) == []) is inside


@pytest.mark.parametrize(
    ("number", "expected"), [(None, [("number", "缺少电话号码")]), ("12338", [])]
)
def test_can_a_hotline_be_published_without_a_number(
    number: str | None, expected: list[tuple[str, str]]
) -> None:
    assert obstacles(Hotline(name="妇女热线", number=number), CITY, CALENDAR, TODAY) == expected


PHOTO = {"id": "a" * 64, "alt": "正门", "width": 800, "height": 600}


def test_does_a_place_stored_before_there_were_photos_have_none() -> None:
    assert Site.model_validate(SITE).photos == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "../../etc/passwd"},
        {"id": "A" * 64},
        {"alt": ""},
        {"alt": "  "},
        {"alt": "行\n行"},
        {"alt": "字" * 101},
        {"width": 0},
        {"width": 1921},
        {"height": 0},
        {"gps": "36.8"},
    ],
)
def test_is_a_photo_without_what_it_needs_refused(changes: dict[str, object]) -> None:
    Site.model_validate(SITE | {"photos": [PHOTO]})
    with pytest.raises(ValidationError):
        Site.model_validate(SITE | {"photos": [PHOTO | changes]})


def test_are_eight_photos_the_most() -> None:
    Site.model_validate(SITE | {"photos": [PHOTO] * 8})
    with pytest.raises(ValidationError):
        Site.model_validate(SITE | {"photos": [PHOTO] * 9})
