"""Does a form say what its document says, and the other way round?"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import convert
from geo.listing import LISTING, Hotline, Site
from server.listing_fields import FIELDS, GROUPS, MODELS, fields
from server.listing_form import beside, blank, dialable, kept, read, typed
from server.revisions import NotReady, canonical
from tests.server.material import hotline, site


@pytest.mark.parametrize("model", [Site, Hotline])
def test_has_every_field_of_a_model_its_input(model: type[Site] | type[Hotline]) -> None:
    type_ = model.model_fields["type"].default
    assert MODELS[type_] is model
    assert {field.name for field in FIELDS[type_]} == set(model.model_fields) - {"type", "facts"}
    assert {field.group for field in FIELDS[type_]} <= set(GROUPS)
    assert all(field.label for field in fields(type_))


def test_is_what_the_model_demands_known_to_the_form() -> None:
    known = {field.name: field for field in fields("site")}
    assert {name for name, field in known.items() if field.required} == {
        "name", "kind", "theme", "district", "lon", "lat",
    }  # fmt: skip
    assert (known["name"].max, known["address"].max, known["introduction"].max) == (60, 200, 2000)
    assert known["opening_hours"].max == 500


texts = st.sampled_from(["", "甲", "乙 丙", "一\n二"])
lines = st.sampled_from(["", "甲", "乙 丙"])
days = st.dates().map(str)
photo = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b"]).map(lambda digit: digit * 64),
        "alt": st.just("门口"),
        "credit": lines,
        "width": st.integers(1, 1920),
        "height": st.integers(1, 2000),
    }
)
sites = st.fixed_dictionaries(
    site()
    | {
        "type": st.just("site"),
        "name": st.sampled_from(["甲", "乙 丙"]),
        "kind": st.just("practice_base"),
        "theme": st.just("science"),
        "district": st.just("zhangdian"),
        "lon": st.floats(117.5, 118.6),
        "lat": st.floats(36.0, 37.3),
        "address": lines,
        "aliases": st.lists(st.sampled_from(["甲", "乙"]), unique=True),
        "phone": st.sampled_from([None, "0533-2164568", "110"]),
        "website": st.sampled_from([None, "https://example.org/"]),
        "opening_hours": st.sampled_from([None, "Mo-Su 09:00-17:00", "24/7"]),
        "closures": st.lists(
            days.map(lambda day: {"start": day, "end": day, "reason": "布展"}), max_size=3
        ),
        "free": st.sampled_from([None, True, False]),
        "ages": st.sampled_from([None, {"min": 3, "max": 12}, {"min": 0, "max": 0}]),
        "facilities": st.lists(st.sampled_from(["aed", "parking"]), unique=True).map(sorted),
        "introduction": texts,
        "photos": st.lists(photo, max_size=2, unique_by=lambda one: one["id"]),
        "verified": st.booleans(),
        "facts": st.dictionaries(
            st.sampled_from(["", "phone", "fee"]),
            st.fixed_dictionaries({"source": st.just("来函"), "confirmed_on": st.none() | days}),
        ),
    }
)


@given(sites)
def test_is_a_document_typed_and_read_the_same(given_: dict[str, Any]) -> None:
    document = LISTING.validate_python(given_).model_dump(mode="json")
    assert canonical(read("site", typed(document))) == document


def test_is_a_hotline_typed_and_read_the_same() -> None:
    document = canonical(hotline(internal=True, facts={"number": {"source": "函"}}))
    assert canonical(read("hotline", typed(document))) == document
    assert read("hotline", blank("hotline")) == {
        "type": "hotline", "internal": False, "verified": False, "facts": {},
    }  # fmt: skip


@given(st.dictionaries(st.sampled_from(list(typed(site()))), st.text(max_size=30)))
def test_is_there_no_text_that_the_form_breaks_on(raw: dict[str, str]) -> None:
    lacks = []
    try:
        canonical(read("site", raw))
    except NotReady as error:
        lacks = error.lacks
    told = beside("site", raw, [(lack.field, lack.message) for lack in lacks])
    assert sum(map(len, told.values())) == len(lacks)


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("0533-2164568", "0533-2164568"),
        (" 0533 2164568 ", "0533-2164568"),
        ("（0533）2164568", "0533-2164568"),
        ("０５３３－２１６４５６８", "0533-2164568"),
        ("0533—2164568", "0533-2164568"),
        ("110", "110"),
        ("打前台电话", "打前台电话"),
        ("", ""),
    ],
)
def test_how_is_a_number_dialled_that_people_write(written: str, dialled: str) -> None:
    assert dialable(written) == dialled


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_are_positions_stored_as_wgs84(crs: Any) -> None:
    lon, lat = convert(118.05, 36.8, "wgs84", crs)
    document = read("site", typed(site()) | {"lon": str(lon), "lat": str(lat), "crs": crs})
    assert document["lon"] == pytest.approx(118.05, abs=1e-6)
    assert document["lat"] == pytest.approx(36.8, abs=1e-6)


@pytest.mark.parametrize("typed_", ["nan", "inf", "1e400", "东经", "118,05"])
def test_does_what_is_no_position_stay_as_typed(typed_: str) -> None:
    document = read("site", typed(site()) | {"lon": typed_, "crs": "gcj02"})
    assert document["lon"] == typed_
    with pytest.raises(NotReady):
        canonical(document)


def test_where_does_a_message_stand() -> None:
    raw = typed(site()) | {
        "aliases": "好\n" + "长" * 61,
        "closures.0.start": "",
        "closures.7.start": "2026-12-05",
        "closures.7.end": "2026-12-01",
        "ages.min": "9",
        "ages.max": "3",
        "facts.phone.source": "函",
        "facts.phone.confirmed_on": "昨天",
        "facts.nonsense.source": "函",
        "photos.3.id": "a" * 64,
        "photos.3.alt": "",
        "photos.3.width": "1",
        "photos.3.height": "1",
    }
    with pytest.raises(NotReady) as error:
        canonical(read("site", raw))
    told = beside("site", raw, [(lack.field, lack.message) for lack in error.value.lacks])
    assert set(told) == {
        "aliases", "closures.7.end", "ages.max", "facts.phone.confirmed_on", "photos.3.alt",
    }  # fmt: skip
    assert told["aliases"] == ["第 2 个：文字太长，最多 60 个字"]


def test_does_one_date_make_a_closure_of_a_day() -> None:
    raw = typed(site()) | {"closures.0.end": "2026-12-05"}
    assert read("site", raw)["closures"] == [
        {"start": "2026-12-05", "end": "2026-12-05", "reason": ""}
    ]


def test_are_inputs_of_no_form_left_out() -> None:
    given_ = {"name": "馆", "csrf_token": "x", "ages.min": "3", "evil": "1", "act": "save"}
    assert kept(given_.items(), "site") == {"name": "馆", "ages.min": "3"}
    assert "number" not in kept({"number": "1"}.items(), "site")
