"""Does everybody get the list that they see as a file?"""

import pytest
from flask import Flask
from sqlalchemy import select

from server.db import db
from server.models import AuditEvent
from server.sheets.opening import open_table
from tests.server.pages import Page
from tests.server.staff.people import somebody


def test_is_the_filtered_list_exported(console: Flask) -> None:
    viewer = somebody(console, "viewer")
    shown = Page(viewer.get("/staff/export?district=boshan").text)
    assert "地点 21 条" in shown.text
    answer = viewer.get("/staff/export?district=boshan&form=xlsx")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = open_table(answer.data).sheet().rows
    assert len(rows) == 22
    with console.app_context():
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "listings.exported")
        ).one()
        assert event.detail == {"form": "xlsx", "site": 21}


@pytest.mark.parametrize(
    ("form", "start"), [("csv", b"\xef\xbb\xbf"), ("geojson", b'{"type":"FeatureCollection"')]
)
def test_is_what_was_ticked_exported(console: Flask, form: str, start: bytes) -> None:
    answer = somebody(console, "viewer").get(f"/staff/export?ids=3,1,x,999&form={form}")
    assert answer.data.startswith(start)
    assert len(open_table(answer.data).sheet().rows) == 3


def test_is_an_export_of_nothing_told(console: Flask) -> None:
    viewer = somebody(console, "viewer")
    answer = viewer.get("/staff/export?q=没有这样的地方&form=xlsx")
    assert answer.status_code == 303
    assert "没有可以导出的条目" in viewer.get(answer.headers["Location"]).text
    assert "请选择一种格式" in viewer.get(viewer.get("/staff/export?form=exe").location).text
