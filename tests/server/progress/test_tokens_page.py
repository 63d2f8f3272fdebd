"""Who gives a system its token, sees it once, and takes it back?"""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from server.db import db
from server.models import AuditEvent, LedgerToken
from tests.server.ledger.desk import BUREAU, COUNCIL
from tests.server.pages import settings_in
from tests.server.staff.people import Person, somebody

PATH = "/staff/progress/tokens"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = create_app(settings_in(tmp_path_factory.mktemp("tokens")))
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def head(house: Flask) -> Person:
    return somebody(house, "unit_head", unit=BUREAU)


@pytest.fixture(scope="module")
def office(house: Flask) -> Person:
    return somebody(house, "office_head")


def newest(app: Flask) -> LedgerToken:
    with app.app_context():
        return db.session.scalars(select(LedgerToken).order_by(LedgerToken.id.desc())).first()  # type: ignore[return-value]


def test_is_a_tokens_text_shown_once(house: Flask, head: Person) -> None:
    made = head.post(PATH, name="项目系统", scope=["read", "write"])
    (text,) = re.findall(r"tongyou_ledger_[\w-]{43}", made.text)
    assert text not in head.get(PATH).text
    assert "项目系统" in head.get(PATH).text
    row = newest(house)
    assert (row.unit, row.scopes) == (BUREAU, ["read", "write"])
    with house.app_context():
        told = db.session.scalars(select(AuditEvent.detail)).all()
        assert text not in str(told)
    headers = {"Authorization": f"Bearer {text}"}
    programme = "/internal/v1/progress/programmes/2023"
    client = house.test_client()
    assert client.get(programme, headers=headers).status_code == 200
    assert head.post(f"{PATH}/{row.id}/revoke").status_code == 303
    assert client.get(programme, headers=headers).status_code == 401
    assert "早已吊销" in head.get(head.post(f"{PATH}/{row.id}/revoke").location).text


def test_keeps_a_unit_to_its_own(house: Flask, head: Person, office: Person) -> None:
    office.post(PATH, name="妇联系统", unit=COUNCIL, scope=["read"])
    theirs = newest(house)
    assert theirs.unit == COUNCIL
    assert "妇联系统" not in head.get(PATH).text
    answer = head.post(f"{PATH}/{theirs.id}/revoke")
    assert "其他单位" in head.get(answer.location).text
    assert newest(house).revoked_at is None
    # Whatever the form says, a unit's head makes tokens of their own unit.
    head.post(PATH, name="自己的", unit=COUNCIL, scope=["read"])
    assert newest(house).unit == BUREAU


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "", "unit": BUREAU, "scope": ["read"]}, "请填写令牌的用途"),
        ({"name": "x" * 61, "unit": BUREAU, "scope": ["read"]}, "请填写令牌的用途"),
        ({"name": "系统", "unit": BUREAU, "scope": []}, "请选择令牌的权限"),
        ({"name": "系统", "unit": BUREAU, "scope": ["review"]}, "单位的令牌不能审核"),
        ({"name": "系统", "unit": "office", "scope": ["write"]}, "办公室的令牌不能填报"),
        ({"name": "系统", "unit": "市没有局", "scope": ["read"]}, "方案里没有"),
        ({"name": "系统", "unit": "", "scope": ["read"]}, "请选择令牌属于谁"),
    ],
)
def test_is_what_will_not_do_refused_and_kept(
    office: Person, fields: dict[str, str], told: str
) -> None:
    answer = office.post(PATH, **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert f'value="{fields["name"]}"' in answer.text
    assert "tongyou_ledger_" not in answer.text
