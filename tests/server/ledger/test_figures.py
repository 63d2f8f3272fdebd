"""Do the figures of a quarter stay right whatever became of the quarters and versions before?"""

from datetime import datetime

import pytest
from flask import Flask

from geo.opening import SHANGHAI
from server.db import db
from server.ledger import indicators, item_keeping, owing, reports
from server.ledger.cells import ReportKey
from server.ledger.checks import Unready
from server.ledger.content import Draft
from server.ledger.item_checks import ItemSaid, ListKey, WrongItems
from server.ledger.states import Standing, standing
from server.models import Report
from server.revisions import writing
from tests.server.ledger.desk import (
    BUREAU,
    BUSES,
    CITY,
    COUNCIL,
    LATE,
    PROGRAMME,
    SCHOOLS,
    SIGNED,
    TOWN,
    TRANSPORT,
    Clerk,
    accept,
    filled,
    hand_in,
    send_back,
)

Q2, Q3 = (SCHOOLS._replace(period=f"2023Q{quarter}") for quarter in (2, 3))
JUNE, SEPTEMBER = (datetime(2023, month, 20, 9, tzinfo=SHANGHAI) for month in (6, 9))
NOTHING = Draft(nothing=True, nothing_reason="施工期", **SIGNED)
NONE = {"not_ours": True}


def stands(key: ReportKey) -> Report:
    report = reports.find(db.session, key)
    assert report is not None
    return report


def take_back(key: ReportKey) -> None:
    clerk = Clerk("reporter", key.unit)
    with writing(db.session):
        reports.withdraw(db.session, clerk, PROGRAMME, key, stands(key).edit, LATE)


def begin_correction(key: ReportKey) -> None:
    head = Clerk("unit_head", key.unit)
    with writing(db.session):
        reports.correct(db.session, head, PROGRAMME, key, "漏报一所", stands(key).edit)


def drop_correction(key: ReportKey) -> None:
    head = Clerk("unit_head", key.unit)
    with writing(db.session):
        reports.drop_correction(db.session, head, PROGRAMME, key, stands(key).edit)


def test_does_nothing_new_carry_on_what_stood_before_a_quarter_that_is_missing(app: Flask) -> None:
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="10"))
    made = hand_in(Q3, NOTHING, SEPTEMBER)
    assert reports.statement(made).cells["1.1"].value == 10


def test_does_a_fall_over_a_missing_quarter_ask_for_a_reason(app: Flask) -> None:
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="10"))
    with pytest.raises(Unready, match="10"):
        hand_in(Q3, filled(Q3, c1_1="9"), SEPTEMBER)


def test_is_what_was_withdrawn_carried_on_by_nobody(app: Flask) -> None:
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="10"))
    send_back(SCHOOLS, c1_1="请附名单")
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="25"), LATE)
    take_back(SCHOOLS)
    before = reports.before(db.session, PROGRAMME, Q2)
    assert before is not None
    assert before.cells["1.1"].value == 10


def test_does_nothing_new_wait_until_what_was_returned_is_mended(app: Flask) -> None:
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="25"))
    send_back(SCHOOLS, c1_1="应为 5 所")
    with pytest.raises(Unready, match="第一季度"):
        hand_in(Q2, NOTHING, JUNE)
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="5"), LATE)
    assert reports.statement(hand_in(Q2, NOTHING, JUNE)).cells["1.1"].value == 5


def test_does_a_returned_report_stay_returned_when_it_is_taken_back_again(app: Flask) -> None:
    hand_in(SCHOOLS)
    send_back(SCHOOLS, c1_1="请附名单")
    hand_in(SCHOOLS, at=LATE)
    take_back(SCHOOLS)
    assert stands(SCHOOLS).state == "returned"
    owed = owing.owed_by(db.session, PROGRAMME, BUREAU, LATE.date())
    assert owed[0].reasons == {"1.1": "请附名单"}
    hand_in(TOWN)
    take_back(TOWN)
    assert stands(TOWN).state == "draft"


def test_does_the_standing_tell_of_the_version_that_counts(app: Flask) -> None:
    due = PROGRAMME.period("2023Q2")

    def now_() -> Standing:
        return standing(stands(Q2), due, JUNE.date())

    hand_in(Q2, at=JUNE)
    accept(Q2)
    begin_correction(Q2)
    hand_in(Q2, NOTHING, JUNE)
    assert now_() is Standing.FILED
    send_back(Q2, 2, general="不能改成无进展")
    assert now_() is Standing.FILED
    drop_correction(Q2)
    assert (now_(), stands(Q2).state) == (Standing.FILED, "accepted")
    begin_correction(Q2)
    hand_in(Q2, NOTHING, JUNE)
    accept(Q2, 3)
    assert now_() is Standing.WITHOUT_PROGRESS


def add(unit: str, *names: str, period: str = "2023Q1") -> list[int]:
    key = ListKey(2023, "3.1", unit)
    said = [ItemSaid(name, period) for name in names]
    with writing(db.session):
        clerk = Clerk("reporter", unit)
        rows = item_keeping.add(db.session, clerk, PROGRAMME, key, said, CITY, LATE)
        return [row.id for row in rows]


@pytest.mark.parametrize("taken_off", [True, False])
def test_is_nothing_counted_by_two_while_one_s_report_still_counts_it(
    app: Flask, taken_off: bool
) -> None:
    (row,) = add(COUNCIL, "城西社区")
    hand_in(TOWN, filled(TOWN, c3_3=NONE))
    accept(TOWN)
    begin_correction(TOWN)
    clerk = Clerk("reporter", COUNCIL)
    with writing(db.session):
        if taken_off:
            item_keeping.remove(db.session, clerk, PROGRAMME, row, "重复", LATE)
        else:
            known = item_keeping.listed(db.session, ListKey(2023, "3.1", COUNCIL))[0]
            was, other = item_keeping.stamp(known), ItemSaid("城东社区", "2023Q1")
            item_keeping.change(db.session, clerk, PROGRAMME, row, other, was, CITY, LATE)
    with pytest.raises(WrongItems, match="已在市妇联"):
        add(TRANSPORT, "城西 社区")
    if taken_off:
        # Its own list may name it again.
        add(COUNCIL, "城西社区")
    else:
        hand_in(TOWN, filled(TOWN, c3_3=NONE), LATE)
        accept(TOWN, 2)
        add(TRANSPORT, "城西社区")


def test_does_nothing_new_not_pass_over_a_list_that_is_another_now(app: Flask) -> None:
    add(COUNCIL, "城西社区")
    hand_in(TOWN, filled(TOWN, c3_3=NONE))
    send_back(TOWN, c3_1="名称有误")
    (row,) = (one.id for one in item_keeping.listed(db.session, ListKey(2023, "3.1", COUNCIL)))
    with writing(db.session):
        clerk = Clerk("reporter", COUNCIL)
        item_keeping.remove(db.session, clerk, PROGRAMME, row, "重复", LATE)
    add(COUNCIL, "城东社区")
    # Out of the way: the report of the first quarter counts again, with what its list was then.
    hand_in(TOWN, filled(TOWN, c3_3=NONE), LATE)
    add_later = TOWN._replace(period="2023Q2")
    made = hand_in(add_later, NOTHING, JUNE)
    assert [one.name for one in reports.statement(made).cells["3.1"].items or ()] == ["城东社区"]


def test_does_a_percentage_agree_with_the_numbers_it_is_made_of(app: Flask) -> None:
    key = TOWN._replace(action=5)
    rate = {"value": "90", "numerator": "170", "denominator": "200"}
    with pytest.raises(Unready, match="85"):
        hand_in(key, filled(key, c5_1=rate))
    made = hand_in(key, filled(key, c5_1=rate | {"value": "85%"}))
    assert reports.statement(made).cells["5.1"].value == 85


def test_may_a_unit_that_had_nothing_to_report_leave_a_cell_to_others_later(app: Flask) -> None:
    hand_in(BUSES, NOTHING)
    later = BUSES._replace(period="2023Q2")
    made = hand_in(later, filled(later, c3_1=NONE, c3_2=NONE), JUNE)
    assert reports.statement(made).cells["3.1"].not_ours


def test_is_a_total_with_a_part_missing_no_fall(app: Flask) -> None:
    def community() -> indicators.Reached:
        found = indicators.year(db.session, PROGRAMME, CITY).of("3.1")[0]
        assert found.newest is not None
        assert not (found.newest.missing and found.is_behind(JUNE.date()))
        return found.newest

    hand_in(TOWN, filled(TOWN, c3_1="5", c3_3=NONE))
    hand_in(BUSES, filled(BUSES, c3_1="4", c3_2=NONE))
    town, buses = (key._replace(period="2023Q2") for key in (TOWN, BUSES))
    hand_in(town, filled(town, c3_1="6", c3_3=NONE), JUNE)
    newest = community()
    assert (newest.total.value, newest.fell, newest.missing) == (6, False, (TRANSPORT,))
    why = {"value": "2", "reason": "重复统计"}
    hand_in(buses, filled(buses, c3_1=why, c3_2=NONE), JUNE)
    newest = community()
    assert (newest.total.value, newest.fell, newest.missing) == (8, True, ())
