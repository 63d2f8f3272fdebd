"""Does the ledger see what the published map itself can count, and tell the two hotlines apart?"""

from decimal import Decimal

import pytest

from geo.atlas import Atlas
from geo.listing import Hotline
from server.ledger.seen import Seen, differs, seen
from tests.geo.material import baked, edition, entry, site
from tests.server.ledger.desk import PROGRAMME

LINES = ("全国统一心理援助热线", "淄博市24小时心理援助公益热线", "青少年服务台（维权和心理咨询）")


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    kinds = ("practice_base", "practice_base", "reading_space")
    places = [site(name=f"馆{n}", kind=kind) for n, kind in enumerate(kinds)]
    lines = [Hotline(name=name, number=f"1235{n}") for n, name in enumerate(LINES)]
    entries = [entry(n, document) for n, document in enumerate([*places, *lines], 1)]
    return baked(edition(entries), tmp_path_factory.mktemp("seen") / "edition")


def test_what_does_the_map_show_of_what_was_promised(atlas: Atlas) -> None:
    found = seen(atlas, PROGRAMME)
    assert {code: one.number for code, one in found.items()} == {
        "3.2": 2, "3.3": 0, "4.2": 1, "4.3": 0, "8.1": 1,
    }  # fmt: skip
    assert found["4.2"].names == ("淄博市24小时心理援助公益热线",), "the nation's line is not ours"
    assert {one.edition for one in found.values()} == {7}


@pytest.mark.parametrize(
    ("number", "value", "done", "expected"),
    [
        (100, Decimal(100), None, False),
        (99, Decimal(100), None, True),
        (101, Decimal(100), None, True),
        (0, None, None, False),
        (0, None, True, True),
        (1, None, True, False),
        (1, None, False, False),
    ],
)
def test_when_does_the_map_contradict_a_report(
    number: int, value: Decimal | None, done: bool | None, expected: bool
) -> None:
    assert differs(Seen(number, 7), value, done) is expected
    assert not differs(None, value, done)
