"""Does an address become a position, and whatever goes wrong a Chinese sentence without the key?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from config.settings import HERE, Settings
from geo.city import load_city
from geo.crs import convert
from geo.sphere import distance_m
from server.geocoder import Address, CannotGeocode, geocode
from tests import tencent
from tests.tencent import KEY, MUSEUM, Tencent

ZIBO = load_city(HERE / "zibo.toml")


@pytest.fixture(scope="module")
def running() -> Iterator[Tencent]:
    with tencent.running() as service:
        yield service


@pytest.fixture
def service(running: Tencent) -> Tencent:
    running.behaviour, running.level = 0, 10
    running.asked.clear()
    return running


def ask(service: Tencent, address: str = "张店区商场西街153号", key: str = KEY) -> Address:
    settings = Settings(_env_file=None, tencent_key=key, tencent_url=service.base)
    return geocode(settings, ZIBO, address)


def test_is_an_address_found_in_our_own_coordinates(service: Tencent) -> None:
    found = ask(service)
    lon, lat = convert(MUSEUM["lng"], MUSEUM["lat"], "gcj02", "wgs84")
    assert distance_m(found.lon, found.lat, lon, lat) < 0.2
    assert distance_m(found.lon, found.lat, MUSEUM["lng"], MUSEUM["lat"]) > 300
    assert found.precise
    assert found.told == "淄博市张店区商场西街"


def test_is_the_city_named_once(service: Tencent) -> None:
    ask(service, " 张店区  商场西街153号 ")
    ask(service, "山东省淄博市张店区商场西街153号")
    assert [asked["address"] for asked in service.asked] == [
        "淄博市张店区 商场西街153号",
        "山东省淄博市张店区商场西街153号",
    ]


def test_is_a_guess_called_a_guess(service: Tencent) -> None:
    service.level = 2
    assert not ask(service).precise


@pytest.mark.parametrize("status", sorted(tencent.MESSAGES))
def test_is_every_refusal_told_in_chinese_and_without_the_key(
    service: Tencent, status: int
) -> None:
    service.behaviour = status
    with capture_logs() as logs, pytest.raises(CannotGeocode) as caught:
        ask(service)
    assert not str(caught.value).isascii()
    assert str(caught.value).endswith(("点", "管理员", "再试"))
    assert KEY not in str(caught.value) + str(logs)
    assert [entry["status"] for entry in logs] == [status]


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("slow", "没有及时回答"),
        ("html", "暂时用不了"),
        ("elsewhere", "暂时用不了"),
        ("other", "看不懂"),
        ("list", "看不懂"),
        ("hollow", "看不懂"),
        (599, "代码 599"),
    ],
)
def test_is_a_service_that_misbehaves_told(
    service: Tencent, behaviour: str | int, told: str
) -> None:
    service.behaviour = behaviour
    with capture_logs() as logs, pytest.raises(CannotGeocode, match=told) as caught:
        ask(service)
    # Not even the error behind the error holds the address that was called.
    assert caught.value.__cause__ is None
    assert KEY not in str(logs)


def test_is_a_service_that_is_away_told(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, tencent_key=KEY, tencent_url="http://127.0.0.1:9")
    with capture_logs() as logs, pytest.raises(CannotGeocode, match="暂时用不了"):
        geocode(settings, ZIBO, "张店区")
    assert KEY not in str(logs)


def test_is_a_wrong_key_told(service: Tencent) -> None:
    with pytest.raises(CannotGeocode, match="密钥无效"):
        ask(service, key="AAAAA-BBBBB")


@pytest.mark.parametrize(
    ("address", "told"), [("", "请先填写"), ("  ", "请先填写"), ("长" * 101, "地址太长")]
)
def test_is_nothing_asked_for_what_is_no_address(service: Tencent, address: str, told: str) -> None:
    with pytest.raises(CannotGeocode, match=told):
        ask(service, address)
    assert service.asked == []


@pytest.mark.parametrize("key", [None, "", "  "])
def test_is_the_lack_of_a_key_told(key: str | None) -> None:
    with pytest.raises(CannotGeocode, match="没有设置腾讯位置服务的密钥"):
        geocode(Settings(_env_file=None, tencent_key=key), ZIBO, "张店区")


def test_is_the_key_hidden_in_the_settings() -> None:
    assert KEY not in repr(Settings(_env_file=None, tencent_key=KEY))
