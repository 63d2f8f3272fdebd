"""A part of the year 2023 as the office finds it, for tests of its pages."""

from datetime import datetime

from geo.opening import SHANGHAI
from server.db import db
from server.ledger import closings, reports
from server.ledger.cells import ReportKey
from server.revisions import writing
from tests.server.ledger.desk import (
    BUREAU,
    OFFICE_HEAD,
    PROGRAMME,
    accept,
    filled,
    hand_in,
    save,
    send_back,
)

LATE = {("市体育局", 10), ("市科协", 8)}
FIRST = ReportKey(BUREAU, 1, "2023Q2")
"""Handed in for the second quarter, after a return."""
CLOSED = "2023Q1"


def at(month: int, day: int, hour: int = 9) -> datetime:
    """A moment of the year in Zibo."""
    return datetime(2023, month, day, hour, tzinfo=SHANGHAI)


def keep_first_half() -> None:
    """The first quarter accepted and closed; of the second some of each kind."""
    owed = PROGRAMME.owed
    for place, (unit, action) in enumerate(owed):
        key = ReportKey(unit, action, "2023Q1")
        shared = len(PROGRAMME.action(action).units) > 1
        draft = filled(key, progress=f"第一季度，{unit}按计划推进，各项工作有序开展。")
        if shared:
            draft = draft.model_copy(update={"problems": "部分区县进度不一。"})
        hand_in(key, draft, at(4, 2) if (unit, action) in LATE else at(3, 20 + place % 9))
        accept(key)
    with writing(db.session):
        closings.close(db.session, OFFICE_HEAD, PROGRAMME.period(CLOSED))
    hand_in(FIRST, None, at(6, 20))
    send_back(FIRST, c1_1="数字与上月调度不符，请附竣工备案号", progress="请写明做法")
    again = filled(FIRST, c1_1="15", progress="二季度新竣工 8 所，竣工备案号见清单。")
    hand_in(FIRST, again, at(6, 24))
    for unit, action in owed[1:14]:
        key = ReportKey(unit, action, "2023Q2")
        hand_in(key, None, at(6, 25))
    for unit, action in owed[1:5]:
        accept(ReportKey(unit, action, "2023Q2"))
    key = ReportKey(*owed[6], "2023Q2")
    send_back(key, seal="扫描件缺一页")
    for unit, action in owed[14:18]:
        save(ReportKey(unit, action, "2023Q2"), filled(ReportKey(unit, action, "2023Q2")),
             at=at(6, 28))  # fmt: skip
    assert reports.find(db.session, FIRST) is not None
