"""A quarter's briefing as a Word document, with charts that Word can edit. ``briefing_docx``."""

import io
from decimal import Decimal
from typing import Any

from server.ledger.attention import KINDS
from server.ledger.briefing import Briefing
from server.ledger.demo_mark import MARK
from server.ledger.docx_chart import Bars, Series, add_bars
from server.ledger.docx_parts import (
    FANGSONG,
    HEI,
    RED,
    SONG,
    fill,
    footer,
    grid,
    mark,
    new_document,
    say,
)
from server.ledger.indicators import Progress, Reached
from server.ledger.states import Work, on_the_wall
from server.ledger.totals import Total
from server.ledger.values import told

_NUMERALS = "一二三四五六七八九十"
_COLOURS = {
    Work.ACCEPTED: ("已通过", "0B6B63"),
    Work.SUBMITTED: ("待审核", "D9A441"),
    Work.RETURNED: ("已退回", "B3452C"),
    Work.DRAFT: ("填报中", "9FB7B4"),
    Work.NOT_STARTED: ("未开始", "D9D9D9"),
}
_INDICATOR_MM = (12, 60, 16, 18, 18, 20, 18)
_OPEN_MM = (62, 100)
_MOST_SHARE = Decimal(120)
"""Per cent at which a bar ends: what is beyond is told by its number in the table."""


def briefing_docx(of: Briefing) -> bytes:
    """The briefing."""
    title = f"{of.programme.title}工作简报"
    made = new_document(title, across=False)
    say(made, title, SONG, 20, bold=True, centred=True, after=4)
    say(made, f"（{of.period.title}）", FANGSONG, 14, centred=True, after=4)
    if of.demo:
        say(made, MARK, HEI, 12, centred=True, colour=RED)
    day = f"{of.today.year} 年 {of.today.month} 月 {of.today.day} 日"
    say(made, f"{of.programme.office}　　{day}", size=12, centred=True, after=10)
    parts = (_reporting, _progress, _behind, _open, _matters)
    for number, part in enumerate(parts):
        part(made, of, _NUMERALS[number])
    footer(made, f"审计记录第 {of.head.number} 条 · {of.head.hash[:12]}")
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def _reporting(made: Any, of: Briefing, number: str) -> None:
    _heading(made, f"{number}、报送情况")
    counts, work = of.counts, of.counts.work
    text = (
        f"{of.period.title}应报 {counts.owed} 份，截止日期 {of.period.due}；已报 {counts.filed} 份"
        f"（其中无进展 {counts.without_progress} 份，迟报 {counts.late} 份），"
        f"应报未报 {counts.overdue} 份。已通过 {work[Work.ACCEPTED]} 份，"
        f"待审核 {work[Work.SUBMITTED]} 份，已退回 {work[Work.RETURNED]} 份。"
    )
    _paragraph(made, text)
    actions = of.programme.actions
    series = [
        Series(name, colour, [of.by_action[one.number].work[state] or None for one in actions])
        for state, (name, colour) in _COLOURS.items()
    ]
    bars = Bars([f"{one.number}. {one.title}" for one in actions], series, stacked=True)
    _caption(made, "图 1　各项行动的报送情况（份）")
    add_bars(made, bars, width=160, height=95, alt=f"各项行动的报送情况：{text}")


def _progress(made: Any, of: Briefing, number: str) -> None:
    _heading(made, f"{number}、指标进展")
    known = [cell for cell in of.counted if cell.value is not None]
    reached = [cell for cell in known if cell.reached]
    behind = [cell for cell in known if cell.is_behind(of.today)]
    _paragraph(
        made,
        f"有数字目标的指标（按区县的逐区县计）共 {len(of.counted)} 项，已有数 {len(known)} 项，"
        f"其中已达到年度目标 {len(reached)} 项，落后于时间进度两成以上 {len(behind)} 项。"
        "下列数字为年初以来累计，含已提交、尚未审核的报表。",
    )
    _table_of_indicators(made, of)
    shown = [cell for cell in known if cell.cell.district is None]
    if shown:
        bars = Bars(
            [f"{cell.indicator.code} {cell.cell.title}" for cell in shown],
            [Series("完成率%", "0B6B63", [_share(cell) for cell in shown])],
            stacked=False,
            most=float(_MOST_SHARE),
        )
        _caption(made, "图 2　各项指标完成年度目标的比例（%，按最近一次填报）")
        alt = "；".join(f"{cell.cell.title} {_share(cell)}%" for cell in shown)
        add_bars(made, bars, width=160, height=30 + 6.2 * len(shown), alt=alt)


def _table_of_indicators(made: Any, of: Briefing) -> None:
    _caption(made, "表 1　指标进展")
    names = ("编号", "指标", "单位", "目标", "上季度", "本季度", "完成率%")
    table = grid(made, names, _INDICATOR_MM)
    for cell in of.cells:
        if cell.indicator.measure == "narrative":
            continue
        row = table.add_row()
        mark(row, "w:cantSplit")
        now, before = (_reached(cell, of, back) for back in (0, 1))
        texts = (
            cell.indicator.code,
            cell.cell.title,
            cell.indicator.unit,
            told(cell.indicator.target),
            _told(before.total) if before else "",
            _told(now.total) if now else "未报",
            told(cell.newest.total.share) if cell.newest else "",
        )
        late = cell.is_behind(of.today)
        for place, (box, text) in enumerate(zip(row.cells, texts, strict=True)):
            at = "left" if place == 1 else "middle" if place in (0, 2) else "right"
            fill(box, text, at=at, colour=RED if late and place >= 5 else None)


def _behind(made: Any, of: Briefing, number: str) -> None:
    _heading(made, f"{number}、进度落后和下降的指标")
    found = [*of.open["behind"], *of.open["fell"], *of.open["map"]]
    if not found:
        _paragraph(made, "没有。")
        return
    table = grid(made, ("指标", "情况"), _OPEN_MM)
    for matter in found:
        row = table.add_row()
        mark(row, "w:cantSplit")
        fill(row.cells[0], matter.title)
        fill(row.cells[1], f"{KINDS[matter.kind]}：{matter.detail}")


def _open(made: Any, of: Briefing, number: str) -> None:
    _heading(made, f"{number}、应报未报、退回未重报和未确认的合计")
    found = [*of.open["overdue"], *of.open["returned"], *of.open["totals"]]
    if not found:
        _paragraph(made, "没有。")
        return
    table = grid(made, ("哪一份", "情况"), _OPEN_MM)
    for matter in found:
        row = table.add_row()
        mark(row, "w:cantSplit")
        fill(row.cells[0], matter.title)
        grave = matter.kind == "overdue"
        fill(row.cells[1], f"{KINDS[matter.kind]}：{matter.detail}", colour=RED if grave else None)


def _matters(made: Any, of: Briefing, number: str) -> None:
    _heading(made, f"{number}、重要情况")
    if not of.told:
        _paragraph(made, "本季度没有单位报告重要情况。")
    for row in of.told:
        head = f"{row.unit}（{on_the_wall(row.told_at)}）：{row.title}"
        say(made, head, FANGSONG, 12, bold=True, before=4, keep=True)
        _paragraph(made, row.body)
        answer = f"办公室答复：{row.answer}" if row.answer else "办公室尚未答复。"
        _paragraph(made, answer)


def _heading(made: Any, text: str) -> None:
    say(made, text, HEI, 14, before=12, after=4, keep=True)


def _paragraph(made: Any, text: str) -> None:
    for line in text.splitlines():
        say(made, line, FANGSONG, 12, indent=True)


def _caption(made: Any, text: str) -> None:
    say(made, text, HEI, 10.5, centred=True, before=8, keep=True)


def _share(cell: Progress) -> float | None:
    share = cell.newest.total.share if cell.newest else None
    return None if share is None else float(share)


def _reached(cell: Progress, of: Briefing, back: int) -> Reached | None:
    """What was reached by the end of the briefing's quarter, or of one so many before it."""
    wanted = of.period.quarter - back
    return next((one for one in cell.quarters if one.period.quarter == wanted), None)


def _told(total: Total) -> str:
    if total.done is not None:
        return "已完成" if total.done else "未完成"
    return told(total.value)
