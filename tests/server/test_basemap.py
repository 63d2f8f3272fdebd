"""Does the map follow its settings, with everything on it in the tiles' own coordinate system?"""

from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError

from config.settings import Settings
from geo.city import City, load_city
from geo.crs import convert
from server import security_headers, starting
from server.basemap import base_crs, map_config, tile_hosts

TILES = "https://{s}.tiles.example.cn/{z}/{x}/{y}.png"


def settings(**changes: Any) -> Settings:
    return Settings(_env_file=None, **changes)


@pytest.fixture(scope="module")
def zibo() -> City:
    return load_city(settings().city)


def policy(of: Settings) -> str:
    app = Flask("headers")
    app.extensions["settings"] = of
    security_headers.register(app)
    app.add_url_rule("/", "page", lambda: "<p>")
    policy = app.test_client().get("/").headers["Content-Security-Policy"]
    return next(part for part in policy.split("; ") if part.startswith("img-src"))


def test_does_the_default_need_no_host_and_no_key(zibo: City) -> None:
    config = map_config(settings(), zibo)
    assert config["tiles"] is None
    assert config["crs"] == "wgs84"
    assert config["centre"] == list(zibo.centre)
    assert config["bounds"] == list(zibo.bounds)
    assert policy(settings()) == "img-src 'self' data:"


def test_does_tianditu_get_its_key_and_both_layers(zibo: City) -> None:
    chosen = settings(
        basemap="tianditu", tianditu_key="abc123", map_approval="审图号：GS（2024）0650号"
    )
    config = map_config(chosen, zibo)
    tiles = config["tiles"]
    for layer, url in (("vec", tiles["url"]), ("cva", tiles["labels_url"])):
        assert url.startswith(f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?")
        assert f"LAYER={layer}&" in url
        assert url.endswith("TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=abc123")
    assert config["crs"] == "wgs84"
    assert config["approval"] == "审图号：GS（2024）0650号"
    assert policy(chosen).split() == [
        "img-src", "'self'", "data:", *(f"https://t{n}.tianditu.gov.cn" for n in range(8)),
    ]  # fmt: skip


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_does_everything_follow_the_tiles_coordinate_system(zibo: City, crs: Any) -> None:
    chosen = settings(basemap="xyz", tiles_url=TILES, tiles_subdomains="a,b", tiles_crs=crs)
    config = map_config(chosen, zibo)
    assert config["crs"] == base_crs(chosen) == crs
    assert config["centre"] == pytest.approx(convert(*zibo.centre, "wgs84", crs), abs=1e-6)
    assert config["bounds"][:2] == pytest.approx(convert(*zibo.bounds[:2], "wgs84", crs), abs=1e-6)


def test_do_outlines_stay_in_wgs84_whatever_tiles_might_have_been() -> None:
    assert base_crs(settings(tiles_url=TILES, tiles_subdomains="a", tiles_crs="gcj02")) == "wgs84"


def test_may_pictures_come_from_the_hosts_of_the_tiles_and_no_others() -> None:
    chosen = settings(
        basemap="xyz",
        tiles_url=TILES,
        tiles_labels_url="http://labels.example.cn:8080/{z}/{x}/{-y}.png",
        tiles_subdomains="a,b",
    )
    assert tile_hosts(chosen) == [
        "https://a.tiles.example.cn",
        "https://b.tiles.example.cn",
        "http://labels.example.cn:8080",
    ]
    own = settings(basemap="xyz", tiles_url="/tiles/{z}/{x}/{y}.png")
    assert tile_hosts(own) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://example.cn/{z}/{x}.png",
        "https://example.cn/{z}/{x}/{y}/{-y}.png",
        "https://example.cn/tiles",
        "https://example.cn/{z}/{x}/{y}/{key}.png",
        "ftp://example.cn/{z}/{x}/{y}.png",
        "//example.cn/{z}/{x}/{y}.png",
        "javascript:alert(1)/{z}/{x}/{y}",
        "https://example.cn;script-src *;/{z}/{x}/{y}",
        "https://example.cn 'unsafe-inline'/{z}/{x}/{y}",
        "https://{z}.example.cn/{x}/{y}",
        'https://example.cn/{z}/{x}/{y}" onerror="',
        "https://user:pass@example.cn/{z}/{x}/{y}",
        "tiles.cn/{z}/{x}/{y}",
    ],
)
def test_are_other_templates_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValidationError, match="应为 https:// 或 / 开头的瓦片网址") as caught:
        settings(basemap="xyz", tiles_url=url)
    assert url not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"BASEMAP": "tianditu"}, "TONGYOU_BASEMAP：用天地图须同时设置 TONGYOU_TIANDITU_KEY"),
        ({"BASEMAP": "xyz"}, "TONGYOU_BASEMAP：用其他瓦片须同时设置 TONGYOU_TILES_URL"),
        ({"BASEMAP": "google"}, "TONGYOU_BASEMAP：应为 outlines、tianditu、xyz 之一"),
        ({"TILES_CRS": "epsg3857"}, "TONGYOU_TILES_CRS：应为 wgs84、gcj02、bd09 之一"),
        ({"TIANDITU_KEY": "a&b"}, "TONGYOU_TIANDITU_KEY：天地图的密钥只有字母和数字"),
        ({"TILES_URL": TILES}, "TONGYOU_TILES_SUBDOMAINS：瓦片网址里有 {s}"),
        ({"TILES_SUBDOMAINS": "a;b"}, "TONGYOU_TILES_SUBDOMAINS：应为小写字母和数字"),
        ({"TILES_MAX_ZOOM": "40"}, "TONGYOU_TILES_MAX_ZOOM：太大，不能大于 22"),
    ],
)
def test_is_a_wrong_setting_told_in_one_chinese_line(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], told: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"TONGYOU_{name}", value)
    with pytest.raises(starting.CannotStart) as caught:
        starting.read_settings()
    assert told in caught.value.message
    assert "\n" not in caught.value.message
