"""A report's form as a browser reads and sends it, for tests of the unit's pages."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

from werkzeug.test import TestResponse

from server.ledger.cells import ReportKey
from tests.server.staff.people import Person

P = "/staff/progress"


def path(key: ReportKey, what: str = "") -> str:
    return f"{P}/{key.period}/{key.action}/{quote(key.unit)}{what}"


class Inputs(HTMLParser):
    """What the report's form would send if nothing were touched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._inside, self._area = False, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = "data-report" in given
        if not self._inside:
            return
        name = given.get("name", "")
        if tag == "input" and given.get("type") in ("radio", "checkbox"):
            if "checked" in given:
                self.values[name] = given["value"]
        elif tag == "input":
            self.values[name] = given.get("value", "")
        elif tag == "textarea":
            self._area, self.values[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data


def inputs(answer: TestResponse) -> dict[str, str]:
    return Inputs(answer.text).values


def send(
    person: Person, key: ReportKey, opened: dict[str, str], act: str = "save", **changes: str
) -> TestResponse:
    """Send a form that was opened, with changes by field."""
    return person.client.post(path(key), data=opened | {"act": act} | changes)


def fill_in(person: Person, key: ReportKey, act: str = "save", **changes: Any) -> TestResponse:
    """Open a report, change some of its fields, and send it."""
    opened = person.get(path(key))
    assert opened.status_code == 200, opened.text
    return send(person, key, inputs(opened), act, **changes)
