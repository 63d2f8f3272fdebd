"""Does an edition come back as it was packed, and does a damaged one say so?"""

import hashlib
import struct
from datetime import date
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geo import edition as editions
from geo.edition import DamagedEdition, Edition, PackedEdition, Tombstone, pack
from geo.listing import Hotline
from tests.geo.material import edition, entry, of_sites, site

WHOLE = edition(
    [
        entry(3, site(name="图书馆", opening_hours="Tu-Su 09:00-17:00", introduction="一\n二")),
        entry(5, Hotline(name="妇女热线", number="12338"), changed_in=2),
    ],
    [
        Tombstone(
            id=9,
            type="site",
            name="旧馆",
            reason="搬迁",
            retired_on=date(2026, 1, 2),
            changed_in=4,
            merged_into=3,
        )
    ],
)
PACKED = pack(WHOLE)


def packed(raw: bytes, number: int = 7, **frame: Any) -> PackedEdition:
    """Well packed, whatever it says."""
    body = zstandard.ZstdCompressor(**frame).compress(raw)
    return PackedEdition(number=number, sha256=hashlib.sha256(raw).hexdigest(), body=body)


def said(**changed: Any) -> bytes:
    return orjson.dumps(WHOLE.model_dump(mode="json") | changed)


def test_does_an_edition_come_back_as_it_was() -> None:
    assert PACKED.unpack() == WHOLE
    assert hashlib.sha256(PACKED.raw()).hexdigest() == PACKED.sha256


def test_is_packing_canonical() -> None:
    """The same content has the same checksum, in whatever order it was put down."""
    shuffled = dict(reversed(WHOLE.model_dump().items()))
    assert pack(Edition.model_validate(shuffled)) == PACKED
    raw = PACKED.raw()
    assert raw == orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)


def test_does_an_empty_edition_come_back() -> None:
    assert pack(edition()).unpack() == edition()


@given(st.integers(0, len(PACKED.body) - 1), st.integers(1, 255))
def test_is_a_flipped_byte_noticed(place: int, flip: int) -> None:
    body = bytearray(PACKED.body)
    body[place] ^= flip
    damaged = PACKED.model_copy(update={"body": bytes(body)})
    try:
        # Some bits of a frame's head mean nothing to what it unpacks to.
        assert damaged.unpack() == WHOLE
    except DamagedEdition as error:
        assert str(error).startswith("edition 7: ")  # noqa: PT017


@pytest.mark.parametrize("length", range(0, len(PACKED.body), 7))
def test_is_a_truncated_body_noticed(length: int) -> None:
    cut = PACKED.model_copy(update={"body": PACKED.body[:length]})
    with pytest.raises(DamagedEdition, match=r"^edition 7: does not decompress: "):
        cut.unpack()


def test_is_another_checksum_noticed() -> None:
    other = PACKED.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(DamagedEdition, match=r"^edition 7: checksum differs from 000000000000"):
        other.unpack()


def test_is_another_number_noticed() -> None:
    with pytest.raises(DamagedEdition, match=r"^edition 8: says that it is 7"):
        PACKED.model_copy(update={"number": 8}).unpack()


@pytest.mark.parametrize("states_size", [True, False])
def test_is_a_bomb_refused(monkeypatch: pytest.MonkeyPatch, states_size: bool) -> None:
    """Whether or not the frame's head tells how much it will be."""
    monkeypatch.setattr(editions, "MAX_BYTES", 1 << 20)
    bomb = packed(b" " * (3 << 20), write_content_size=states_size)
    assert len(bomb.body) < 1000
    with pytest.raises(
        DamagedEdition, match=r"claims to unpack to 3145728 bytes|does not decompress"
    ):
        bomb.unpack()


def test_does_a_lie_about_the_size_cost_no_memory() -> None:
    lie = bytearray(packed(said()).body)
    # A head with an eight-byte content size of 2 ** 50, then the true blocks.
    head = bytes(lie[:4]) + b"\xc0" + b"\x58" + struct.pack("<Q", 1 << 50)
    with pytest.raises(DamagedEdition, match="claims to unpack to 1125899906842624 bytes"):
        PACKED.model_copy(update={"body": head + bytes(lie[8:])}).unpack()


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "JSON"),
        (b"null", "object"),
        (b"\xff\xfe", "JSON"),
        (said(format=2), "format: "),
        (said(number=0), "number: "),
        (said(official=None), "official: "),
        (said(surprise=1), "surprise: "),
        (said(entries=[{"id": 1}]), "entries: 0: changed_in: "),
        (said(tombstones=[{}]), "tombstones: 0: id: "),
        (said(city={}), "city: code: "),
    ],
)
def test_is_what_is_no_edition_told(raw: bytes, complaint: str) -> None:
    with pytest.raises(DamagedEdition, match=f"^edition 7: .*{complaint}"):
        packed(raw).unpack()


@pytest.mark.parametrize(
    ("faulty", "complaint"),
    [
        ({"kind": "zoo"}, "listing 1: unknown kind"),
        ({"theme": "zoo"}, "listing 1: unknown theme"),
        ({"district": "zoo"}, "listing 1: unknown district"),
        ({"facilities": ["toilet", "zoo"]}, "listing 1: unknown facility"),
    ],
)
def test_is_a_word_that_the_city_lacks_refused(faulty: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        of_sites([site(**faulty)])


def test_does_a_listing_stand_once_only() -> None:
    stone = WHOLE.tombstones[0]
    with pytest.raises(ValidationError, match="listing 4 stands twice"):
        edition([entry(4, site()), entry(6, site()), entry(4, site())])
    with pytest.raises(ValidationError, match="listing 9 stands twice"):
        edition([entry(9, site())], [stone])


def test_is_a_hotline_without_a_number_refused() -> None:
    with pytest.raises(ValidationError, match="listing 2: a hotline without a number"):
        edition([entry(2, Hotline(name="妇女热线"))])


@pytest.mark.parametrize("id_", [0, -1, 1 << 63])
def test_which_ids_are_refused(id_: int) -> None:
    with pytest.raises(ValidationError):
        entry(id_, site())


def test_does_an_edition_never_change() -> None:
    with pytest.raises(ValidationError):
        WHOLE.number = 8
