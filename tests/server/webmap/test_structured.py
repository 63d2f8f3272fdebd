"""What are search engines told, in the terms of schema.org?"""

from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from server.webmap import listing, structured
from server.webmap.structured import line as line_told
from tests.server.pages import NASTY
from tests.server.webmap.lines import EXAMPLE, HOSTILE, LINE

NOON = "at=2026-11-24T12:00:00%2B08:00"
"""A Tuesday."""
SCRIPT = '<script type="application/ld+json">'


def told(client: FlaskClient, path: str) -> dict[str, Any]:
    html = client.get(path).text
    script = html.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    document: dict[str, Any] = orjson.loads(script)
    return document


def test_is_a_place_told_to_search_engines(client: FlaskClient) -> None:
    place = told(client, f"/sites/1?{NOON}")
    assert place["@type"] == "Place"
    assert place["name"] == "淄博市博物馆"
    assert place["url"] == "http://localhost/sites/1"
    assert place["telephone"] == "0533-2164568"
    assert place["isAccessibleForFree"] is True
    assert place["geo"] == {"@type": "GeoCoordinates", "latitude": 36.8, "longitude": 118.05}
    assert place["address"]["streetAddress"] == "商场西街153号"
    days = {hours["validFrom"]: hours for hours in place["openingHoursSpecification"]}
    assert len(days) == 7
    assert (days["2026-11-24"]["opens"], days["2026-11-24"]["closes"]) == ("09:00", "17:00")
    assert (days["2026-11-30"]["opens"], days["2026-11-30"]["closes"]) == ("00:00", "00:00")


def test_is_what_is_not_known_left_out_there(client: FlaskClient) -> None:
    place = told(client, "/sites/4")
    assert {"telephone", "isAccessibleForFree", "openingHoursSpecification"} & set(place) == set()
    assert told(client, "/sites/3")["isAccessibleForFree"] is False


def test_can_a_name_not_end_the_script_that_holds_it(client: FlaskClient) -> None:
    html = client.get("/sites/2").text
    assert html.count("<script") == html.count("</script>")
    assert told(client, "/sites/2")["name"].startswith("<script>alert('1')</script>")
    assert "<script>alert" not in html


@pytest.mark.parametrize("path", ["/", "/reading", "/?lat=36.8&lon=118.06"])
def test_is_the_site_told_with_its_lists(client: FlaskClient, path: str) -> None:
    site, _ = told(client, path)["@graph"]
    assert site == {
        "@type": "WebSite",
        "name": "童友图",
        "url": "http://localhost/",
        "inLanguage": "zh-CN",
    }


def test_are_the_first_places_of_a_list_told_in_its_order(client: FlaskClient) -> None:
    _, found = told(client, "/?lat=36.8&lon=118.05&district=zhangdian")["@graph"]
    assert (found["@type"], found["numberOfItems"]) == ("ItemList", 3)
    first, second, _ = found["itemListElement"]
    assert first == {
        "@type": "ListItem",
        "position": 1,
        "name": "淄博市博物馆",
        "url": "http://localhost/sites/1",
    }
    assert second["name"] == NASTY
    _, everything = told(client, "/")["@graph"]
    assert everything["numberOfItems"] == 24
    assert len(everything["itemListElement"]) == structured.MOST_LISTED


def test_do_positions_go_on_over_pages(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 20)
    monkeypatch.setattr("server.webmap.place_pages.PAGE", 20)
    _, found = told(client, "/?page=2")["@graph"]
    assert [one["position"] for one in found["itemListElement"]] == [21, 22, 23, 24]


def test_is_a_line_told_with_where_it_begins_and_ends(client: FlaskClient) -> None:
    to_school, to_home = told(client, f"/bus/{LINE}")["@graph"]
    assert to_school == {
        "@type": "BusTrip",
        "url": f"http://localhost/bus/{LINE}",
        "name": "八中一号线，上学",
        "busName": "八中一号线",
        "provider": {"@type": "Organization", "name": "公交公司"},
        "departureBusStop": {"@type": "BusStop", "name": "世纪花园"},
        "arrivalBusStop": {"@type": "BusStop", "name": "南门"},
    }
    assert to_home["departureBusStop"]["name"] == "南门"


def test_is_an_example_not_told_as_if_it_were_a_line(client: FlaskClient) -> None:
    assert SCRIPT not in client.get(f"/bus/{EXAMPLE}").text


def test_is_an_end_on_which_runs_differ_left_out() -> None:
    runs = [
        {"direction": "to_school", "example": False, "stop_times": [{"stop": a}, {"stop": "g"}]}
        for a in ("a", "b")
    ]
    record = {
        "name": "线",
        "example": False,
        "agency": {"name": "公司"},
        "stops": [{"id": one, "name": one} for one in "abg"],
        "trips": runs,
    }
    (way,) = orjson.loads(str(line_told(record, None)))["@graph"]
    assert "departureBusStop" not in way
    assert way["arrivalBusStop"]["name"] == "g"
    assert "url" not in way
    for run in runs:
        run["example"] = True
    assert line_told(record, None) is None


def test_does_the_page_about_us_say_what_it_is(client: FlaskClient) -> None:
    assert told(client, "/about")["@type"] == "AboutPage"


def test_are_the_telephone_lines_not_told(client: FlaskClient) -> None:
    assert SCRIPT not in client.get("/hotlines").text


@pytest.mark.parametrize("path", ["/?q=alert", f"/bus/{HOSTILE}"])
def test_can_no_name_end_the_script_of_any_page(client: FlaskClient, path: str) -> None:
    html = client.get(path).text
    assert html.count("<script") == html.count("</script>")
    assert "<script>alert" not in html
    assert "<script>alert" in str(told(client, path))
