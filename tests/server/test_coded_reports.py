"""Does what the public taps reach whoever is to look into it, and come back answered?"""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from server import coded_reports
from server.db import db
from server.models import AuditEvent, CodedReport
from server.revisions import Refused, writing
from tests.server.material import add, hotline, site


@dataclass
class Member:
    role: str
    account_id: int | None = None
    login: str = "somebody"
    districts: list[str] | None = None
    listings: list[int] | None = None


EDITOR = Member("editor")
ELSEWHERE = Member("editor", districts=["boshan"])
DISPATCHER = Member("dispatcher")


def tap(listing_id: int, what: str, type_: str = "site") -> CodedReport:
    with writing(db.session):
        return coded_reports.receive(db.session, listing_id, type_, what)


def test_reports_of_one_kind_wait_together_and_are_answered_together(app: Flask) -> None:
    place = add(site("馆"))
    receipts = [tap(place, "closed").receipt for _ in range(3)]
    tap(place, "wrong_phone")
    first, other = coded_reports.waiting(db.session, EDITOR)
    assert (first.name, first.what, first.number, first.checking) == ("馆", "closed", 3, 0)
    assert other.number == 1
    with writing(db.session):
        assert coded_reports.take_up(db.session, EDITOR, place, "closed") == 3
    assert coded_reports.waiting(db.session, EDITOR)[0].checking == 3
    with writing(db.session):
        coded_reports.decide(db.session, EDITOR, place, "closed", changed=True, reason="已标明闭馆")
    found = [coded_reports.look_up(db.session, receipt) for receipt in receipts]
    assert {(one.state, one.reason) for one in found if one} == {("changed", "已标明闭馆")}
    assert [one.what for one in coded_reports.waiting(db.session, EDITOR)] == ["wrong_phone"]
    told = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert told == ["coded_report.taken_up", "coded_report.decided"]


def test_nothing_is_left_unchanged_without_a_reason(app: Flask) -> None:
    place = add(site("馆"))
    tap(place, "closed")
    hiding = ("不改\x00原因", "\u200b\u200b\u200b", "右\u202e左")
    for reason in ("", " ", "x", "长" * 201, *hiding):
        with pytest.raises(Refused), writing(db.session):
            coded_reports.decide(db.session, EDITOR, place, "closed", changed=False, reason=reason)
    assert db.session.scalars(select(CodedReport.state)).all() == ["received"]


def test_what_is_said_of_places_elsewhere_is_not_theirs(app: Flask) -> None:
    place = add(site("馆"))
    tap(place, "closed")
    for by in (ELSEWHERE, DISPATCHER, Member("viewer"), Member("reporter")):
        assert coded_reports.waiting(db.session, by) == []
        with pytest.raises(Refused), writing(db.session):
            coded_reports.take_up(db.session, by, place, "closed")


def test_is_a_word_that_is_no_report_refused(app: Flask) -> None:
    place = add(site("馆"))
    tap(place, "closed")
    for what in ("\x00", "late", "x" * 300):
        with pytest.raises(Refused, match="没有这种问题"), writing(db.session):
            coded_reports.take_up(db.session, EDITOR, place, what)


def test_the_second_to_answer_is_told(app: Flask) -> None:
    place = add(site("馆"))
    tap(place, "closed")
    with writing(db.session):
        coded_reports.decide(db.session, EDITOR, place, "closed", changed=True, reason="")
    with pytest.raises(Refused, match="处理过"), writing(db.session):
        coded_reports.decide(db.session, EDITOR, place, "closed", changed=True, reason="")


def test_a_listing_can_only_be_wrong_as_its_kind_can(app: Flask) -> None:
    line = add(hotline("热线"))
    with pytest.raises(Refused):
        tap(line, "late", "hotline")
    with pytest.raises(Refused):
        tap(line, "closed", "notice")


def test_a_receipt_is_read_however_it_is_typed(app: Flask) -> None:
    receipt = tap(add(site("馆")), "closed").receipt
    for typed in (receipt, receipt.lower(), f"{receipt[:5]}-{receipt[5:]}", f" {receipt} "):
        assert coded_reports.look_up(db.session, typed) is not None
    for typed in ("", receipt[:-1], receipt + "A", "0" * 10, "%" * 10):
        assert coded_reports.look_up(db.session, typed) is None
