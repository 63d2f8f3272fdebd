"""A form of the console read as a browser reads it: what it would send if nothing were touched."""

from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

from tests.server.staff.people import Person


class Inputs(HTMLParser):
    """The values of all inputs of the form with a mark (that of autosave unless said), by name."""

    def __init__(self, html: str, mark: str = "data-autosave") -> None:
        super().__init__()
        self._mark = mark
        self.values: dict[str, str] = {}
        self._inside = False
        self._area = self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = self._mark in given
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
        elif tag == "select":
            self._select = name
        elif tag == "option" and (self._select not in self.values or "selected" in given):
            self.values[self._select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data


def inputs(answer: TestResponse) -> dict[str, str]:
    """What the form on a page would send."""
    return Inputs(answer.text).values


def fill_in(person: Person, path: str, act: str = "save", **changes: Any) -> TestResponse:
    """Open a form, change some inputs, and send it; dots in names are written ``__``."""
    opened = person.get(path)
    assert opened.status_code == 200, opened.text
    sent = inputs(opened) | {name.replace("__", "."): text for name, text in changes.items()}
    return person.client.post(path, data=sent | {"act": act})
