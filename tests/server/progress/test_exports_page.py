"""What can a person take away from the ledger, and is it noted?"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import unquote

import pytest
from docx import Document
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app import create_app
from server.db import db
from server.models import AuditEvent, ImportantMatter, ListedItem, ReportVersion
from server.outside import is_marked
from tests.server.ledger import made_up_year, raw
from tests.server.ledger.desk import BUREAU, COUNCIL
from tests.server.pages import settings_in
from tests.server.staff.people import Person, somebody

BASE = "/staff/progress/exports"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    settings = settings_in(tmp_path_factory.mktemp("exports"))
    made_up_year.lay(settings.instance)
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def leader(house: Flask) -> Person:
    return somebody(house, "leader")


@pytest.fixture(scope="module")
def clerk(house: Flask) -> Person:
    return somebody(house, "reporter", unit=BUREAU)


def last_event(app: Flask) -> AuditEvent:
    with app.app_context():
        query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)
        return db.session.scalars(query).one()


def test_is_the_form_handed_out_and_noted(house: Flask, leader: Person) -> None:
    told = leader.get(BASE).text
    assert "示例数据，不是真实的工作进展" in told
    answer = leader.get(f"{BASE}/form.xlsx?period=2023Q2&unit=&action=3")
    told = answer.headers["Content-Disposition"]
    assert told.isascii()
    name = unquote(told)
    assert "2023年第二季度-第3项行动-示例.xlsx" in name
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert {row[0].value[0] for row in sheet.iter_rows(min_row=5) if row[1].value} == {"3"}
    event = last_event(house)
    assert (event.action, event.actor) == ("ledger.exported", "leader")
    assert event.detail["form"] == "form.xlsx"
    assert leader.get(f"{BASE}/form.docx?period=2023").data[:2] == b"PK"


def test_gets_a_unit_its_own_alone(clerk: Person) -> None:
    assert units_in(clerk.get(f"{BASE}/2023.json").get_json()) == {BUREAU}
    assert clerk.get(f"{BASE}/form.xlsx?period=2023Q1&unit={COUNCIL}").status_code == 403
    assert clerk.get(f"{BASE}/form.xlsx?period=2023Q1&action=9").status_code == 403
    assert clerk.get(f"{BASE}/form.xlsx?period=2023Q1").status_code == 200


def units_in(document: dict[str, list[dict[str, str]]]) -> set[str]:
    """Units that any row of any table is of."""
    found = set()
    for name in ("reports", "versions", "values", "items", "matters"):
        found |= {row["unit"] for row in document[name]}
    return found | {event["detail"]["unit"] for event in document["events"]}  # type: ignore[index]


def test_holds_the_document_all_there_is(house: Flask, leader: Person) -> None:
    document = leader.get(f"{BASE}/2023.json").get_json()
    assert document["demo"] == "示例数据，不是真实的工作进展"
    with house.app_context():
        stored = list(raw.versions())
        for name, model in (("items", ListedItem), ("matters", ImportantMatter)):
            ids = db.session.scalars(select(model.id)).all()
            assert [row["id"] for row in document[name]] == sorted(ids)
        digests = set(db.session.scalars(select(ReportVersion.digest)))
    assert {row["digest"] for row in document["versions"]} == digests
    told = {
        (row["unit"], row["action"], row["period"], row["number"], row["cell"]): row["value"]
        for row in document["values"]
    }
    assert told == {
        (*key, content["number"], cell): said["value"]
        for key, _, content in stored
        for cell, said in content["cells"].items()
    }
    actions = {event["action"] for event in document["events"]}
    assert {"report.submitted", "report.accepted", "totals.confirmed", "period.closed",
            "items.added", "matter.told", "ledger.demo_filled"} <= actions  # fmt: skip


def test_does_the_briefing_tell_how_the_quarter_stands(leader: Person, clerk: Person) -> None:
    body = leader.get(f"{BASE}/briefing.docx?period=2023Q4").data
    made = Document(io.BytesIO(body))
    text = "\n".join(line.text for line in made.paragraphs)
    assert "示例数据，不是真实的工作进展" in text
    assert "应报 28 份，截止日期 2023-12-31；已报 19 份" in text
    assert "已通过 11 份，待审核 6 份，已退回 2 份" in text
    rows = [[cell.text for cell in row.cells] for row in made.tables[0].rows]
    with leader.app.app_context():
        expected = raw.totals("2023Q4")
    for row in rows[1:]:
        told = expected.get(row[0])
        if isinstance(told, Decimal):
            assert Decimal(row[5].replace(",", "")) == told
        elif told is None and "：" not in row[1]:
            assert row[5] == "未报"
    with zipfile.ZipFile(io.BytesIO(body)) as inside:
        chart = inside.read("word/charts/chart1.xml").decode()
        data = load_workbook(io.BytesIO(inside.read("word/embeddings/chart1.xlsx"))).active
    assert chart.count("<c:ser>") == 5
    counts = [[cell or 0 for cell in row[1:]] for row in data.iter_rows(2, values_only=True)]
    assert [sum(column) for column in zip(*counts, strict=True)] == [11, 6, 2, 4, 5]
    assert clerk.get(f"{BASE}/briefing.docx?period=2023Q4").status_code == 403
    assert leader.get(f"{BASE}/briefing.docx?period=x").status_code == 303


def test_is_every_table_to_be_had_as_csv(leader: Person) -> None:
    document = leader.get(f"{BASE}/2023.json").get_json()
    for name in ("reports", "versions", "values", "items", "matters", "events"):
        body = leader.get(f"{BASE}/2023/{name}.csv").data
        assert body.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
        # What was exported above is an event more by now.
        assert len(rows) - 1 >= len(document[name])
    assert json.loads(rows[1][6])


def test_is_what_is_not_there_told(leader: Person) -> None:
    for path in ("form.pdf?period=2023", "1999.json", "2023/secrets.csv"):
        assert leader.get(f"{BASE}/{path}").status_code == 404
    assert leader.get(f"{BASE}/form.xlsx?period=2023Q5").status_code == 303
    assert leader.get(f"{BASE}/form.xlsx?period=2023Q1&action=x").status_code == 303
    assert leader.get(f"{BASE}/form.xlsx?period=2023Q1&unit=x").status_code == 403


@pytest.mark.parametrize(
    "endpoint",
    ["progress.export_form", "progress.export_briefing", "progress.export_everything",
     "progress.export_table", "progress.printed_docx", "ledger_api.api_export"],
)  # fmt: skip
def test_is_a_document_written_beside_the_thread_that_answers_the_public(
    house: Flask, endpoint: str
) -> None:
    assert is_marked(house.view_functions[endpoint])
