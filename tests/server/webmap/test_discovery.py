"""Do search engines and phones find what there is?"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from config.settings import Settings
from tests.miniapp_api.lines import line
from tests.server.material import add, site
from tests.server.pages import Page, served, settings_in
from tests.server.webmap.lines import LINE

SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def locations(client: FlaskClient) -> list[str]:
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    root = ElementTree.fromstring(answer.data)
    return [one.text or "" for one in root.findall("s:url/s:loc", SPACE)]


def test_does_the_sitemap_lead_to_pages_that_are_there(client: FlaskClient) -> None:
    found = locations(client)
    assert len(found) == len(set(found)) == 5 + 3 + 24
    assert f"http://localhost/bus/{LINE}" in found
    for location in found:
        assert client.get(location.removeprefix("http://localhost")).status_code == 200


def test_is_a_day_of_update_told_where_there_is_one(client: FlaskClient) -> None:
    text = client.get("/sitemap.xml").text
    assert re.search(r"/sites/1</loc><lastmod>\d{4}-\d\d-\d\d</lastmod>", text)
    assert "/sites/4</loc></url>" in text


def test_do_robots_stay_out_of_what_is_not_for_them(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Disallow: /staff/\n" in answer.text
    assert "Sitemap: http://localhost/sitemap.xml\n" in answer.text


def test_can_a_phone_keep_the_map_as_an_app(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    told = answer.get_json(force=True)
    (icon,) = told["icons"]
    for path in (told["start_url"], icon["src"], *(one["url"] for one in told["shortcuts"])):
        assert client.get(path).status_code == 200
    linked = Page(client.get("/").text).all("link")
    assert "/manifest.webmanifest" in [one["href"] for one in linked if one["rel"] == "manifest"]


def test_is_the_public_address_told_rather_than_the_hosts(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None, instance=tmp_path / "instance", public_url="https://map.example.cn"
    )

    def start() -> None:
        add(site())

    with served(settings, start) as app:
        client = app.test_client()
        assert "https://map.example.cn/sites/1" in locations(client)
        html = client.get("/sites/1").text
        assert 'rel="canonical" href="https://map.example.cn/sites/1"' in html


@pytest.fixture(scope="module")
def nameless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A service that wasn't told where the public finds it."""

    def start() -> None:
        add(site())
        add(line())

    with served(settings_in(tmp_path_factory.mktemp("nameless")), start) as app:
        yield app.test_client()


@pytest.mark.parametrize("path", ["/", "/reading", "/sites/1", "/bus", "/bus/2", "/about"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil:80"])
def test_does_a_host_that_somebody_made_up_stay_out_of_a_page(
    nameless: FlaskClient, path: str, host: str
) -> None:
    answer = nameless.get(path, headers={"Host": host})
    assert answer.status_code == 200
    assert answer.cache_control.public
    assert "evil" not in answer.text
    assert "canonical" not in answer.text
    assert "og:url" not in answer.text
    assert "og:title" in answer.text


def test_does_a_made_up_host_stay_out_of_what_search_engines_ask_for(nameless: FlaskClient) -> None:
    robots = nameless.get("/robots.txt", headers={"Host": "evil.example"})
    assert "Disallow: /staff/" in robots.text
    assert "Sitemap" not in robots.text
    sitemap = nameless.get("/sitemap.xml", headers={"Host": "evil.example"})
    assert sitemap.status_code == 404
    assert "evil" not in sitemap.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
def test_is_our_own_machine_told_by_its_name(nameless: FlaskClient, host: str) -> None:
    asked = {"Host": host}
    assert f'rel="canonical" href="http://{host}/bus"' in nameless.get("/bus", headers=asked).text
    assert f"Sitemap: http://{host}/sitemap.xml" in nameless.get("/robots.txt", headers=asked).text
    assert f"<loc>http://{host}/sites/1</loc>" in nameless.get("/sitemap.xml", headers=asked).text
