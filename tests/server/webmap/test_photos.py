"""Are photos on a place's page, in the API, and told to search engines, where there are any?"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.server.material import add, site
from tests.server.pages import Page, served, settings_in

WIDE = {
    "id": "a" * 64,
    "alt": "博物馆正门 <b>",
    "credit": "馆方提供",
    "width": 1920,
    "height": 1280,
}
SMALL = {"id": "b" * 64, "alt": "展厅", "credit": "", "width": 500, "height": 700}
ELSEWHERE = "https://example.org/cover.jpg"


def fill() -> None:
    add(site("有照片的馆", photos=[WIDE, SMALL]))
    add(site("没有照片的馆"))
    add(site("另有封面的馆", photos=[SMALL], cover=ELSEWHERE))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with served(settings_in(tmp_path_factory.mktemp("photos")), fill) as app:
        yield app.test_client()


def told(client: FlaskClient, id_: int) -> dict[str, Any]:
    return dict(client.get(f"/api/v1/sites/{id_}").json or {})


def pictures(page: Page) -> list[dict[str, str | None]]:
    return [one for one in page.all("img") if (one["src"] or "").startswith("/media/")]


def test_are_photos_shown_with_size_and_description(client: FlaskClient) -> None:
    page = Page(client.get("/sites/1").text)
    first, second = pictures(page)
    assert first["alt"] == "博物馆正门 <b>"
    assert (first["width"], first["height"]) == ("960", "640")
    assert first["loading"] == "lazy"
    assert first["src"] == f"/media/{'a' * 64}-960.jpg"
    assert first["srcset"] == ", ".join(
        f"/media/{'a' * 64}-{width}.jpg {width}w" for width in (320, 960, 1920)
    )
    assert (second["width"], second["height"]) == ("500", "700")
    assert second["srcset"] == f"/media/{'b' * 64}-320.jpg 320w, /media/{'b' * 64}-960.jpg 500w"
    assert "馆方提供" in page.text
    assert f"/media/{'a' * 64}-1920.jpg" in page.links


def test_costs_a_place_without_photos_nothing(client: FlaskClient) -> None:
    answer = client.get("/sites/2").text
    assert pictures(Page(answer)) == []
    assert "h-photos" not in answer


def test_does_the_api_list_photos_in_all_sizes(client: FlaskClient) -> None:
    photos = told(client, 1)["photos"]
    assert photos[0]["alt"] == "博物馆正门 <b>"
    assert photos[0]["credit"] == "馆方提供"
    assert photos[0]["sizes"] == [
        {"width": width, "height": height, "url": f"/media/{'a' * 64}-{width}.jpg"}
        for width, height in ((320, 213), (960, 640), (1920, 1280))
    ]
    assert [size["width"] for size in photos[1]["sizes"]] == [320, 500]
    assert told(client, 2)["photos"] == []


def test_does_the_first_photo_stand_for_a_place_without_another_cover(client: FlaskClient) -> None:
    covers = {item["id"]: item["cover"] for item in client.get("/api/v1/sites").json["items"]}  # type: ignore[index]
    assert covers == {1: f"/media/{'a' * 64}-320.jpg", 2: None, 3: ELSEWHERE}


def test_are_search_engines_told_of_photos(client: FlaskClient) -> None:
    page = client.get("/sites/1", headers={"Host": "localhost"}).text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    assert json.loads(found[1])["image"] == [
        f"http://localhost/media/{'a' * 64}-1920.jpg",
        f"http://localhost/media/{'b' * 64}-960.jpg",
    ]
