"""Is a number that no row can have, in an address's query or a form, simply not there?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from geo.opening import SHANGHAI
from server.row_ids import LARGEST_ID, row_id
from tests.miniapp_api.lines import notice
from tests.server.material import add, site
from tests.server.pages import served, settings_in
from tests.server.staff.people import Person, somebody
from tests.server.test_publishing_lines import document

HUGE = "9" * 30


def fill() -> None:
    """1 is a place, 2 a line, 3 a notice of it; their revisions have the same numbers."""
    today = datetime.now(SHANGHAI).date()
    add(site("甲馆"))
    add(document())
    add(notice("改道", today.isoformat(), (today + timedelta(days=9)).isoformat(), routes=[2]))


@pytest.fixture(scope="module")
def boss(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    with served(settings_in(tmp_path_factory.mktemp("numbers")), fill) as app:
        yield somebody(app, "administrator")


@pytest.mark.parametrize(
    "path",
    ["jobs?before={}", "listings?q={}", "export?ids={}",
     "editions/1?against={}", "notices/new?route={}"],
)  # fmt: skip
def test_is_an_address_with_a_huge_number_answered(boss: Person, path: str) -> None:
    assert boss.get(f"/staff/{path.format(HUGE)}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["listings/1/revisions/1/restore", "listings/1/photos", "listings/1/submit", "lines/2/edit",
     "notices/3/edit", "notices/3/end", "notices/3/until"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["based_on", "revision", "if_match"])
def test_is_a_form_with_a_huge_number_answered(boss: Person, path: str, name: str) -> None:
    end = datetime.now(SHANGHAI) + timedelta(days=2)
    number = f'"r{HUGE}"' if name == "if_match" else HUGE
    answer = boss.post(f"/staff/{path}", **{name: number, "end": f"{end:%Y-%m-%dT%H:%M}"})
    assert answer.status_code < 500


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        (" 007 ", 7),
        (str(LARGEST_ID), LARGEST_ID),
        (str(LARGEST_ID + 1), None),
        (HUGE, None),
        ("9" * 5000, None),
        ("-1", None),
        ("1.0", None),
        ("七", None),
        ("²", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_which_text_names_a_row(text: str | None, number: int | None) -> None:
    assert row_id(text) == number
