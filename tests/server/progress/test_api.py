"""Does the ledger's door for programs keep to the rules, and say clearly what it refuses?"""

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import create_app
from config.settings import ROOT, Settings
from server.db import db
from server.ledger import seal_code, tokens
from server.ledger.cells import ReportKey
from server.ledger.content import Draft
from server.models import AuditEvent, LedgerToken, Report
from server.revisions import writing
from tests.server.ledger.desk import (
    BUREAU,
    COUNCIL,
    OFFICE_HEAD,
    PROGRAMME,
    SCHOOLS,
    TOWN,
    filled,
)
from tests.server.ledger.sheets_of_paper import picture, sheet

BASE = "/internal/v1/progress"
ONE = f"{BASE}/reports/{BUREAU}/1"


class Program:
    """A system that speaks by its token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self._token = client, token

    def __call__(
        self, method: str, path: str, body: Any = None, edit: int | None = None, **more: Any
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self._token}"}
        if edit is not None:
            headers["If-Match"] = f'"{edit}"'
        sent = {"json": body} if body is not None else more
        return self._client.open(path, method=method, headers=headers, **sent)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = create_app(Settings(_env_file=None, instance=tmp_path_factory.mktemp("door")))
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


def program(app: Flask, unit: str | None, *scopes: str) -> Program:
    with app.app_context(), writing(db.session):
        _, text = tokens.add(db.session, OFFICE_HEAD, {2023: PROGRAMME}, "测试系统", unit, scopes)
    return Program(app.test_client(), text)


@pytest.fixture(scope="module")
def bureau(door: Flask) -> Program:
    return program(door, BUREAU, "read", "write")


@pytest.fixture(scope="module")
def office(door: Flask) -> Program:
    return program(door, None, "read", "review")


def sent(draft: Draft) -> dict[str, Any]:
    return draft.model_dump(exclude_defaults=True)


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.get_json()
    assert body["status"] == status
    assert not body["detail"].isascii()
    return body


def locs(body: dict[str, Any]) -> set[str]:
    return {one["loc"] for one in body["errors"]}


def handed_in(bureau: Program, path: str, draft: Draft) -> dict[str, Any]:
    edit = bureau("GET", path).get_json()["edit"]
    saved = bureau("PUT", path, sent(draft), edit)
    assert saved.status_code == 200, saved.text
    done = bureau("POST", f"{path}/submit", edit=saved.get_json()["edit"])
    assert done.status_code == 200, done.text
    told: dict[str, Any] = done.get_json()
    return told


def test_is_a_report_written_handed_in_returned_and_accepted(
    door: Flask, bureau: Program, office: Program
) -> None:
    path = f"{ONE}/2023Q1"
    first = bureau("GET", path)
    assert (first.headers["ETag"], first.get_json()["state"]) == ('"0"', "not_started")
    told = handed_in(bureau, path, filled(SCHOOLS))
    assert (told["state"], told["standing"], told["late"]) == ("submitted", "filed", True)
    assert told["newest"]["report_number"] == "2023Q1-01-01-1"
    assert told["newest"]["content"]["cells"]["1.1"]["value"] == "7"
    back = {"number": 1, "reasons": {"1.1": "请附名单"}, "resubmit_by": "2099-01-01"}
    told = office("POST", f"{path}/return", back, told["edit"]).get_json()
    assert told["newest"]["reasons"] == {"1.1": "请附名单"}
    told = handed_in(bureau, path, filled(SCHOOLS))
    body = {"number": 2, "unsealed": "测试：没有扫描件"}
    told = office("POST", f"{path}/accept", body, told["edit"]).get_json()
    assert (told["state"], told["in_force"]["number"]) == ("accepted", 2)
    with door.app_context():
        report = db.session.scalars(select(Report).where(Report.period == "2023Q1")).one()
        events = select(AuditEvent.actor).where(AuditEvent.subject_id == report.id)
        actors = set(db.session.scalars(events.where(AuditEvent.subject_type == "report")))
        assert actors == {"令牌 1 测试系统", "令牌 2 测试系统"}


def test_who_comes_second_is_shown_what_stands(bureau: Program) -> None:
    path = f"{ONE}/2023Q2"
    assert problem(bureau("PUT", path, {}), 428)
    first = bureau("PUT", path, {"progress": "甲"}, 0)
    assert first.headers["ETag"] == '"1"'
    for edit in (0, 7):
        late = bureau("PUT", path, {"progress": "乙"}, edit)
        assert problem(late, 412)["current"]["draft"] == {"progress": "甲"}
        assert late.headers["ETag"] == '"1"'
    assert problem(bureau("POST", f"{path}/submit", edit=0), 412)
    wild = bureau._client.put(
        path, json={}, headers={"Authorization": f"Bearer {bureau._token}", "If-Match": "*"}
    )
    assert problem(wild, 412)


def test_is_every_wrong_field_named(bureau: Program, office: Program) -> None:
    path = f"{ONE}/2023Q3"
    odd = {"cells": {"1.1": {"value": 5}}, "colour": "red"}
    assert locs(problem(bureau("PUT", path, odd, 0), 422)) == {"cells.1.1.value", "colour"}
    strange = {"cells": {"1.1": {"value": "5"}, "9.9": {}, "x" * 9999: {"value": "5"}}}
    assert locs(problem(bureau("PUT", path, strange, 0), 422)) == {"cells.9.9", "cells." + "x" * 40}
    assert problem(bureau("PUT", path, data=b"{", content_type="application/json", edit=0), 400)
    assert problem(bureau("PUT", path, data=b"{}", content_type="text/plain", edit=0), 415)
    huge = b'{"progress": "' + b"x" * (2 << 20) + b'"}'
    assert problem(bureau("PUT", path, data=huge, content_type="application/json", edit=0), 413)
    nonsense = {"cells": {"1.1": {"value": "-3"}, "1.2": {"value": "1e309"}}}
    edit = bureau("PUT", path, nonsense, 0).get_json()["edit"]
    body = problem(bureau("POST", f"{path}/submit", edit=edit), 422)
    assert locs(body) == {"1.1", "1.2", "1.3", "1.4", "filled_by", "signed_by"}
    # Nothing waits there yet.
    accepted = office("POST", f"{path}/accept", {"number": 1}, edit)
    assert problem(accepted, 409)
    for wrong in ({"number": 0}, {"number": "x"}, {}, {"number": 1, "more": 1}):
        assert problem(office("POST", f"{path}/accept", wrong, edit), 422)


def test_does_a_return_name_its_fields_and_a_day(bureau: Program, office: Program) -> None:
    path = f"{ONE}/2023Q4"
    edit = handed_in(bureau, path, filled(SCHOOLS._replace(period="2023Q4")))["edit"]
    good = {"number": 1, "reasons": {"1.1": "请附名单"}, "resubmit_by": "2099-01-01"}
    for wrong, loc in (
        ({"reasons": {"9.9": "没有这一栏"}}, "reasons"),
        ({"reasons": {"1.1": " "}}, "reasons"),
        ({"reasons": {}}, "reasons"),
        ({"resubmit_by": "2023-04-01"}, "resubmit_by"),
        ({"resubmit_by": "明天"}, "resubmit_by"),
    ):
        assert locs(problem(office("POST", f"{path}/return", good | wrong, edit), 422)) == {loc}
    assert problem(office("POST", f"{path}/return", good | {"number": 2}, edit), 409)
    assert problem(office("POST", f"{path}/accept", {"number": 1}, edit), 409)  # no seal, no word
    assert problem(office("POST", f"{path}/accept", {"number": 1}), 428)
    assert problem(office("POST", f"{path}/return", good, edit - 1), 412)
    assert office("POST", f"{path}/return", good, edit).status_code == 200


def test_is_a_stamped_scan_put_to_its_version(door: Flask, bureau: Program) -> None:
    path = f"{BASE}/reports/{BUREAU}/4/2023Q1"
    key = ReportKey(BUREAU, 4, "2023Q1")
    assert problem(bureau("PUT", f"{path}/scan", data=b"%PDF-1.7"), 409)  # nothing handed in
    told = handed_in(bureau, path, filled(key))["newest"]
    code = seal_code.code_of(told["report_number"], told["digest"])
    body = picture(sheet(code), "PNG")
    kept = bureau("PUT", f"{path}/scan", data=body, content_type="image/png")
    assert kept.status_code == 200, kept.text
    assert kept.get_json()["matched_by"] == "code"
    assert (kept.get_json()["number"], kept.get_json()["counts"]) == (1, True)
    assert problem(bureau("PUT", f"{path}/scan", data=b"<html>", content_type="image/png"), 422)
    other = f"{BASE}/reports/{BUREAU}/7/2023Q1"
    handed_in(bureau, other, filled(ReportKey(BUREAU, 7, "2023Q1")))
    assert "不是这一份报表的" in problem(bureau("PUT", f"{other}/scan", data=body), 422)["detail"]
    assert problem(program(door, BUREAU, "read")("PUT", f"{path}/scan", data=body), 403)


def test_is_what_is_anothers_or_not_owed_refused(door: Flask, bureau: Program) -> None:
    town = f"{BASE}/reports/{COUNCIL}/3/2023Q1"
    assert problem(bureau("GET", town), 403)
    assert problem(bureau("PUT", town, sent(filled(TOWN)), 0), 403)
    for path in (
        f"{BASE}/reports/{BUREAU}/2/2023Q1",
        f"{BASE}/reports/{BUREAU}/1/2023Q5",
        f"{BASE}/reports/{BUREAU}/1/1999Q1",
        f"{BASE}/reports/{BUREAU}/1/x",
        f"{BASE}/reports/{BUREAU}/99999999999999999999/2023Q1",
        f"{BASE}/programmes/1999",
        f"{BASE}/export.pdf?period=2023",
    ):
        assert problem(bureau("GET", path), 404)
    assert problem(bureau("GET", f"{BASE}/reports?period=2023Q1&unit={COUNCIL}"), 403)
    assert problem(bureau("GET", f"{BASE}/export.xlsx?period=2023Q1&unit={COUNCIL}"), 403)


def test_does_a_token_do_no_more_than_its_scopes(door: Flask, bureau: Program) -> None:
    path = f"{ONE}/2023Q1"
    reader, writer = program(door, BUREAU, "read"), program(door, BUREAU, "write")
    judge = program(door, None, "review")
    assert problem(reader("PUT", path, {}, 0), 403)
    assert problem(reader("POST", f"{path}/submit", edit=0), 403)
    assert problem(writer("GET", path), 403)
    assert problem(judge("GET", path), 403)
    assert problem(judge("PUT", path, {}, 0), 403)
    for call in ("accept", "return"):
        assert problem(bureau("POST", f"{path}/{call}", {"number": 1}, 0), 403)
    # Who may write but not read is not shown what stands.
    assert "current" not in problem(writer("PUT", path, {}, 0), 412)
    other = f"{BASE}/reports/{BUREAU}/4/2023Q2"
    kept = writer("PUT", other, {"progress": "甲"}, 0).get_json()
    assert (kept["edit"], kept.keys() & {"draft", "newest", "in_force"}) == (1, set())


def test_is_what_controls_a_machine_left_out_of_texts(bureau: Program, office: Program) -> None:
    path = f"{BASE}/reports/{BUREAU}/4/2023Q3"
    key = ReportKey(BUREAU, 4, "2023Q3")
    draft = filled(key, progress="甲").model_copy(update={"problems": "乙\x00\x0b\u202e丙\r\n丁"})
    told = handed_in(bureau, path, draft)
    assert told["newest"]["content"]["problems"] == "乙丙\n丁"
    back = {"number": 1, "reasons": {"4.1": "请\x00补充"}, "resubmit_by": "2099-01-01"}
    told = office("POST", f"{path}/return", back, told["edit"]).get_json()
    assert told["newest"]["reasons"] == {"4.1": "请补充"}


def test_does_no_wrong_or_revoked_token_come_in(door: Flask) -> None:
    client = door.test_client()
    for header in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer "}):
        answer = client.get(f"{BASE}/programmes/2023", headers=header)
        assert problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tongyou"'
    assert problem(Program(client, "tongyou_ledger_x")("GET", f"{BASE}/programmes/2023"), 401)
    one = program(door, BUREAU, "read")
    assert one("GET", f"{BASE}/programmes/2023").status_code == 200
    with door.app_context():
        row = db.session.scalars(select(LedgerToken).order_by(LedgerToken.id.desc())).first()
        assert row is not None
        assert row.last_used_at is not None
        assert one._token not in (row.sha256, row.name)
        number = row.id
        with writing(db.session):
            tokens.revoke(db.session, OFFICE_HEAD, number)
    assert problem(one("GET", f"{BASE}/programmes/2023"), 401)


def test_are_reports_listed_by_what_is_asked(bureau: Program, office: Program) -> None:
    told = office("GET", f"{BASE}/reports?period=2023Q1").get_json()
    assert told["total"] == len(PROGRAMME.owed)
    own = bureau("GET", f"{BASE}/reports?period=2023Q1").get_json()["items"]
    assert {one["unit"] for one in own} == {BUREAU}
    bureau("PUT", f"{BASE}/reports/{BUREAU}/7/2023Q2", {"progress": "甲"}, 0)
    asked = f"{BASE}/reports?period=2023Q2&state=draft&action=7&unit={BUREAU}"
    found = office("GET", asked).get_json()["items"]
    assert [one["standing"] for one in found] == ["overdue"]
    for wrong, loc in (
        ("period=2023", "period"),
        ("", "period"),
        ("period=2023Q1&state=gone", "state"),
        ("period=2023Q1&action=x", "action"),
        ("period=2023Q1&unit=x", "unit"),
        ("period=2023Q1&colour=red", "colour"),
        ("period=2023Q1&period=2023Q2", "period"),
    ):
        assert locs(problem(office("GET", f"{BASE}/reports?{wrong}"), 422)) == {loc}


def test_are_programme_totals_and_form_told(door: Flask, office: Program) -> None:
    key = ReportKey("市体育局", 10, "2023Q1")
    sports = program(door, key.unit, "read", "write")
    ours = {"c10_3": {"not_ours": True}, "c10_4": {"not_ours": True}}
    handed_in(sports, f"{BASE}/reports/{key.unit}/10/2023Q1", filled(key, **ours))
    year = sports("GET", f"{BASE}/programmes/2023").get_json()
    assert [one["code"] for one in year["periods"]] == [p.code for p in PROGRAMME.periods]
    told = office("GET", f"{BASE}/summary?period=2023Q1").get_json()
    health = told["actions"][9]["totals"][0]
    assert (health["cell"], health["value"], health["target"]) == ("10.1", "750", "3000")
    assert {"unit": key.unit, "action": 10, "accepted": False} in told["parts"]
    own = sports("GET", f"{BASE}/summary?period=2023Q1").get_json()
    assert [action["number"] for action in own["actions"]] == [10]
    form = sports("GET", f"{BASE}/export.xlsx?period=2023Q1")
    assert "attachment" in form.headers["Content-Disposition"]
    rows = load_workbook(io.BytesIO(form.data)).worksheets[0].iter_rows(values_only=True)
    assert next(row for row in rows if row[0] == "10.1")[5] == 750
    document = office("GET", f"{BASE}/export.docx?period=2023&action=10")
    assert document.data[:2] == b"PK"


def test_is_the_handbooks_example_taken(bureau: Program) -> None:
    handbook = (ROOT / "docs/ledger.md").read_text("utf-8")
    found = re.search(r"-d '(\{.*?\})'", handbook, re.DOTALL)
    assert found
    path = f"{ONE}/2023Q3"
    kept = bureau("PUT", path, json.loads(found[1]), bureau("GET", path).get_json()["edit"])
    assert kept.status_code == 200, kept.text
    assert kept.get_json()["draft"]["cells"]["1.4"] == {"value": "1925"}
