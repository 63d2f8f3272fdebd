"""A report's form as a browser reads and sends it, for tests of the unit's pages."""

from typing import Any
from urllib.parse import quote

from werkzeug.test import TestResponse

from server.ledger.cells import ReportKey
from tests.server.staff.forms import Inputs
from tests.server.staff.people import Person

P = "/staff/progress"


def path(key: ReportKey, what: str = "") -> str:
    return f"{P}/{key.period}/{key.action}/{quote(key.unit)}{what}"


def inputs(answer: TestResponse) -> dict[str, str]:
    """What the report's form would send if nothing were touched."""
    return Inputs(answer.text, "data-report").values


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
