"""Is a list what its count is, and is nothing on it counted twice?"""

import threading
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from geo.opening import SHANGHAI
from server.db import db
from server.ledger import item_keeping, reports
from server.ledger.checks import Unready
from server.ledger.item_checks import ItemSaid, ListKey, WrongItems
from server.ledger.people import Unseen
from server.models import AuditEvent, ListedItem
from server.revisions import Refused, writing
from tests.server.ledger.desk import (
    BUREAU,
    CITY,
    IN_TIME,
    LATE,
    LEADER,
    PROGRAMME,
    REPORTER,
    SCHOOLS,
    Clerk,
    accept,
    filled,
    hand_in,
    save,
)

NURSERIES = ListKey(2023, "1.1", BUREAU)
LECTURES = ListKey(2023, "7.4", "市妇联")
COUNCIL = Clerk("reporter", "市妇联")


def add(
    *names: str, key: ListKey = NURSERIES, by: Clerk = REPORTER, period: str = "2023Q1", **more: Any
) -> list[ListedItem]:
    given = [ItemSaid(name, period, **more) for name in names]
    with writing(db.session):
        return item_keeping.add(db.session, by, PROGRAMME, key, given, CITY, LATE)


def names(key: ListKey = NURSERIES) -> list[str]:
    return [row.name for row in item_keeping.listed(db.session, key)]


def test_is_the_number_of_a_report_the_length_of_its_list(app: Flask) -> None:
    add("甲幼儿园", "乙幼儿园")
    add("丙幼儿园", period="2023Q2")
    made = hand_in(SCHOOLS, filled(SCHOOLS, c1_1="999"), LATE)
    cell = reports.statement(made).cells["1.1"]
    assert cell.value == 2
    assert [item.name for item in cell.items or ()] == ["甲幼儿园", "乙幼儿园"]


@pytest.mark.parametrize(
    ("again", "key", "by", "period"),
    [
        ("甲幼儿园", NURSERIES, REPORTER, "2023Q1"),
        ("甲 幼儿园。", NURSERIES, REPORTER, "2023Q2"),
        ("甲幼儿园", NURSERIES, REPORTER, "2023Q2"),
    ],
)
def test_does_no_item_count_twice(
    app: Flask, again: str, key: ListKey, by: Clerk, period: str
) -> None:
    add("甲幼儿园")
    with pytest.raises(WrongItems, match="已在市教育局 2023 年第一季度的清单里"):
        add("丁幼儿园", again, key=key, by=by, period=period)
    assert names() == ["甲幼儿园"]


def test_does_no_item_count_for_two_units(app: Flask) -> None:
    add("家教讲座", key=LECTURES, by=COUNCIL)
    with pytest.raises(WrongItems, match="已在市妇联"):
        add("家教讲座", key=LECTURES._replace(unit=BUREAU))
    # Another indicator is another count.
    assert add("家教讲座")


def test_are_all_mistakes_of_a_paste_told_and_nothing_of_it_kept(app: Flask) -> None:
    with pytest.raises(WrongItems) as error:
        add("甲", "……", "甲", "长" * 101, period="2023Q1")
    assert [(one.place, one.field) for one in error.value.wrong] == [
        (1, "name"),
        (3, "name"),
        (2, "name"),
    ]
    for period in ("2023Q4", "2024Q1", "x"):
        with pytest.raises(WrongItems, match=r"还没有开始|选择季度"):
            add("甲", period=period)
    with pytest.raises(WrongItems, match="区县"):
        add("甲", district="zhangdian")
    with pytest.raises(WrongItems, match="没有编号为 77"):
        add("甲", listing_id=77)
    with pytest.raises(Refused, match="一次最多"):
        add(*(f"第{n}所" for n in range(501)))
    assert names() == []


def test_does_a_district_count_by_itself(app: Flask) -> None:
    key = ListKey(2023, "2.2", "市卫生健康委")
    by = Clerk("reporter", key.unit)
    with pytest.raises(WrongItems, match="区县"):
        add("甲托育园", key=key, by=by)
    add("甲托育园", key=key, by=by, district="zhangdian")
    assert [row.district for row in item_keeping.listed(db.session, key)] == ["zhangdian"]


def test_may_nobody_but_the_unit_keep_its_list(app: Flask) -> None:
    (row,) = add("甲幼儿园")
    for by in (COUNCIL, LEADER, Clerk("office_head"), Clerk("administrator"), Clerk("reporter")):
        with pytest.raises(Refused):
            add("乙幼儿园", by=by)
        with pytest.raises(Refused), writing(db.session):
            item_keeping.remove(db.session, by, PROGRAMME, row.id, "测试", LATE)
    for key in (NURSERIES._replace(indicator="9.9"), ListKey(2023, "2.1", "市卫生健康委")):
        with pytest.raises(Unseen):
            add("甲", key=key, by=Clerk("reporter", key.unit))
    assert names() == ["甲幼儿园"]


def test_is_a_list_fixed_once_its_quarter_is_handed_in(app: Flask) -> None:
    (row,) = add("甲幼儿园")
    hand_in(SCHOOLS, at=LATE)
    for attempt in ("提交", "通过"):
        with pytest.raises(WrongItems, match=attempt):
            add("乙幼儿园")
        with pytest.raises(Refused, match=attempt), writing(db.session):
            item_keeping.remove(db.session, REPORTER, PROGRAMME, row.id, "测试", LATE)
        if attempt == "提交":
            accept(SCHOOLS)
    assert add("乙幼儿园", period="2023Q2")


def test_is_who_changes_an_item_second_told(app: Flask) -> None:
    (row,) = add("甲幼儿园")
    was = item_keeping.stamp(row)

    def change(said: ItemSaid) -> None:
        with writing(db.session):
            item_keeping.change(db.session, REPORTER, PROGRAMME, row.id, said, was, CITY, LATE)

    change(ItemSaid("甲幼儿园", "2023Q1", place="柳泉路 1 号"))
    with pytest.raises(Refused, match="别人改过"):
        change(ItemSaid("甲甲幼儿园", "2023Q1"))
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "item.changed")).one()
    assert told.detail["changed"] == {"place": {"from": "", "to": "柳泉路 1 号"}}


def test_is_what_was_taken_off_free_to_be_listed_again(app: Flask) -> None:
    (row,) = add("甲幼儿园")
    for reason in ("", " x "):
        with pytest.raises(Refused, match="原因"), writing(db.session):
            item_keeping.remove(db.session, REPORTER, PROGRAMME, row.id, reason, LATE)
    with writing(db.session):
        item_keeping.remove(db.session, REPORTER, PROGRAMME, row.id, "不是今年建成的", LATE)
    with pytest.raises(Refused, match="已经移除"), writing(db.session):
        item_keeping.remove(db.session, REPORTER, PROGRAMME, row.id, "再来一次", LATE)
    add("甲幼儿园", period="2023Q2")
    assert len(names()) == 1


def test_is_what_two_add_at_once_listed_once(app: Flask) -> None:
    """Two units, so that no lock of one report makes them take turns."""
    start, outcomes = threading.Barrier(2), []

    def knock(unit: str) -> None:
        with app.app_context():
            start.wait()
            try:
                add("家教讲座", key=LECTURES._replace(unit=unit), by=Clerk("reporter", unit))
                outcomes.append("listed")
            except WrongItems as error:
                outcomes.append(str(error))
            finally:
                db.session.remove()

    people = [threading.Thread(target=knock, args=(unit,)) for unit in ("市妇联", BUREAU)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(names(LECTURES)) + len(names(LECTURES._replace(unit=BUREAU))) == 1
    assert sorted("不能重复计数" in told for told in outcomes) == [False, True]


def test_do_a_growing_list_and_no_progress_not_go_together(app: Flask) -> None:
    add("甲幼儿园")
    draft = filled(SCHOOLS).model_copy(update={"nothing": True, "nothing_reason": "施工期"})
    save(SCHOOLS, draft, at=IN_TIME)
    with pytest.raises(Unready) as error:
        hand_in(SCHOOLS, draft, datetime(2023, 3, 26, tzinfo=SHANGHAI))
    assert [one.field for one in error.value.mistakes] == ["1.1"]
