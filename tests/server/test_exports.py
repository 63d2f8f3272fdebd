"""Is what was exported the same when it is imported again, and never a formula?"""

import csv
import io
import json
from typing import Any

import openpyxl
import pytest
from flask import Flask

from geo.city import City
from server.db import db
from server.listing_export import collect, written
from tests.server.material import add, hotline, set_state, site
from tests.server.test_imports import Import, outcomes

FULL: dict[str, Any] = {
    "address": '=HYPERLINK("http://example.org")',
    "aliases": ["市博", "甲、乙馆"],
    "phone": "0533-2164568",
    "website": "https://example.org/",
    "opening_hours": "Tu-Su 09:00-17:00; Mo off",
    "closures": [
        {"start": "2026-12-01", "end": "2026-12-02", "reason": "检修；布展"},
        {"start": "2026-12-05", "end": "2026-12-05", "reason": ""},
    ],
    "free": False,
    "fee": "+10 元",
    "booking": "-",
    "ages": {"min": 0, "max": 18},
    "facilities": ["nursing_room", "aed"],
    "introduction": "@第一段\n\n'=第二段",
    "verified": True,
    "facts": {
        "": {"source": "馆方来函", "confirmed_on": "2026-11-02"},
        "phone": {"source": "114", "confirmed_on": None},
    },
}


def fill() -> list[int]:
    return [
        add(site("甲馆", **FULL)),
        add(site("乙馆", lon=117.8512345678, lat=36.5, free=True)),
        add(site("'=丙馆", lon=118.3)),
        add(hotline("甲热线", "12345", internal=True, note="=1+1",
                    facts={"number": {"source": "来函", "confirmed_on": "2026-11-01"}})),
        add(hotline("乙热线", None)),
    ]  # fmt: skip


def body(ids: list[int], form: str, city: City) -> bytes:
    return b"".join(written(collect(db.session, ids), form, city, "条目").body)


@pytest.mark.parametrize("form", ["xlsx", "csv", "geojson"])
def test_does_an_import_of_an_export_change_nothing(app: Flask, city: City, form: str) -> None:
    ids = fill()
    again = Import(app, body(ids, form, city))
    rows = again.check()
    assert outcomes(rows) == ["unchanged"] * 3, [row["messages"] for row in rows]
    assert [row["listing_id"] for row in rows] == ids[:3]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_do_hotlines_come_back_the_same(app: Flask, city: City, form: str) -> None:
    again = Import(app, body(fill()[3:], form, city), "hotline")
    assert outcomes(again.check()) == ["unchanged"] * 2


def test_is_nothing_in_a_workbook_a_formula(app: Flask, city: City) -> None:
    book = openpyxl.load_workbook(io.BytesIO(body(fill(), "xlsx", city)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [sheet.title for sheet in book] == ["地点", "热线"]


def test_is_nothing_in_a_csv_file_a_formula(app: Flask, city: City) -> None:
    text = body(fill()[:3], "csv", city).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert len(cells) > 60
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_is_the_geojson_what_maps_read(app: Flask, city: City) -> None:
    document = json.loads(body(fill(), "geojson", city))
    assert [f["id"] for f in document["features"]] == [1, 2, 3]
    assert document["features"][1]["geometry"]["coordinates"] == [117.8512345678, 36.5]


def test_are_all_states_exported_in_the_order_asked_for(app: Flask, city: City) -> None:
    ids = fill()
    set_state(ids[1], "retired", "停办")
    found = collect(db.session, [ids[2], ids[1], ids[0], 999])
    assert [one.id for one in found.listings["site"]] == [3, 2, 1]
    assert found.counts == {"site": 3}
