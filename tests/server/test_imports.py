"""Does each row of a table become what it says, is told what is wrong, and never comes twice?"""

import io
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from geo.city import City
from geo.crs import convert
from geo.opening import check_expression
from geo.opening_chinese import to_expression
from server import audit
from server.db import db
from server.field_labels import FIELDS
from server.imports import applying, batches
from server.imports.applying import Applied
from server.imports.columns import COLUMNS, folded, known_heading
from server.imports.matching import Options, guess, missing
from server.imports.positions import evidence
from server.models import AuditEvent, ImportBatch, ImportRow, Listing, Revision
from server.revisions import Member, Refused, newest, save, writing
from server.sheets.opening import open_table
from server.sheets.table import Table
from tests.server.material import add, hotline, revise, set_state, site
from tests.server.members import hired

Rows = list[dict[str, Any]]
HEADINGS = "名称,类别,主题,区县,经度,纬度"
NEW = "丙馆,儿童友好实践基地,科学探索,博山区,117.85,36.5"


def text(*lines: str) -> bytes:
    return "\n".join(lines).encode()


class Import:
    """One table on its way, by the functions that pages and commands use."""

    def __init__(
        self, app: Flask, body: bytes, type_: str = "site", by: Member | None = None, **options: Any
    ) -> None:
        self.app, self.by = app, by
        table = open_table(body)
        with writing(db.session):
            self.id = batches.receive(db.session, table, body, "表.csv", type_, by).id
        self.match(table, **options)

    @property
    def batch(self) -> ImportBatch:
        return db.session.get_one(ImportBatch, self.id)

    def match(self, table: Table, **options: Any) -> None:
        chosen = replace(batches.options_of(self.batch), **({"crs": "wgs84"} | options))
        with writing(db.session):
            batches.match(db.session, self.batch, table, chosen)

    def check(self) -> Rows:
        settings, city = self.app.extensions["settings"], self.app.extensions["city"]
        rows = batches.check(db.session, settings, city, self.batch, self.by)
        with writing(db.session):
            batches.keep(db.session, self.id, rows)
        return rows

    def apply(self, mode: str = "all") -> Applied:
        with writing(db.session):
            return applying.apply(db.session, self.id, mode, self.by)


def checked(
    app: Flask, *lines: str, type_: str = "site", by: Member | None = None, **options: Any
) -> Rows:
    return Import(app, text(*lines), type_, by, **options).check()


def beside(heading: str, cell: str) -> tuple[str, str]:
    """A sound row with one more cell, whatever commas it holds."""
    return "\t".join((*HEADINGS.split(","), heading)), "\t".join((*NEW.split(","), cell))


def outcomes(rows: Rows) -> list[str]:
    return [row["outcome"] for row in rows]


def messages(rows: Rows) -> list[str]:
    return [f"{cell} {told}" for row in rows for cell, told in row["messages"]]


def revisions() -> int:
    return db.session.scalar(select(func.count()).select_from(Revision)) or 0


# Headings


def test_does_no_heading_mean_two_columns() -> None:
    for type_, columns in COLUMNS.items():
        named = [
            name
            for column in columns
            for name in {
                folded(one) for one in (column.heading, column.field, *column.synonyms.split())
            }
        ]
        assert len(set(named)) == len(named), type_
        for column in columns:
            if column.field in FIELDS[type_]:
                assert column.heading == FIELDS[type_][column.field]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("基地名称", "name"),
        ("*名称（必填）", "name"),
        ("联系电话", "phone"),
        ("Lng", "lon"),
        ("经 度", "lon"),
        ("所属区县：", "district"),
        ("适合年龄(岁)", "ages"),
        ("编号", "key"),
        ("童友图编号", "id"),
        ("序号", None),
        ("", None),
    ],
)
def test_which_column_does_a_heading_mean(heading: str, field: str | None) -> None:
    assert known_heading("site", heading) == field


def test_are_the_headings_found_under_a_title() -> None:
    table = open_table(
        text("淄博市基地汇总表,,", "填报单位：某局,,", f"序号,{HEADINGS}", f"1,{NEW}")
    )
    options = guess("site", table.sheet())
    assert options.header == 3
    assert options.columns["name"] == 1


def test_what_must_a_table_have() -> None:
    whole = Options(columns={"name": 0, "lon": 1, "lat": 2}, crs="gcj02")
    assert missing(whole) == []
    assert "坐标系" in missing(replace(whole, crs=None))[0]
    assert "经度和纬度" in missing(replace(whole, columns={"name": 0, "lon": 1}))[0]
    assert "认不出每一行" in missing(replace(whole, columns={"lon": 1, "lat": 2}))[0]


# Cells


@pytest.mark.parametrize(
    ("heading", "cell", "field", "value"),
    [
        ("电话", "（0533）2164568", "phone", "0533-2164568"),
        ("电话", "０５３３－２１６４５６８", "phone", "0533-2164568"),
        ("电话", "5332164568.0", "phone", "5332164568"),
        ("适合年龄", "3～12周岁", "ages", {"min": 3, "max": 12}),
        ("适合年龄", "6岁及以上", "ages", {"min": 6, "max": 18}),
        ("设施", "母婴室、parking", "facilities", ["nursing_room", "parking"]),
        ("是否免费", "否", "free", False),
        ("开放时间", "周二至周日 9:00-17:00，周一闭馆", "opening_hours",
         "Tu-Su 09:00-17:00; Mo off"),
        ("开放时间", "Tu-Su 09:00-17:00", "opening_hours", "Tu-Su 09:00-17:00"),
        ("别名", "市博；博物馆", "aliases", ["市博", "博物馆"]),
        ("临时关闭", "2026-12-01至2026-12-05 检修", "closures",
         [{"start": "2026-12-01", "end": "2026-12-05", "reason": "检修"}]),
        ("介绍", "=不是公式", "introduction", "=不是公式"),
        ("区县", "博山", "district", "boshan"),
    ],
)  # fmt: skip
def test_how_is_a_cell_read(app: Flask, heading: str, cell: str, field: str, value: Any) -> None:
    if heading == "区县":
        rows = checked(app, HEADINGS, NEW.replace("博山区", cell))
    else:
        rows = checked(
            app, f"{HEADINGS}\t{heading}".replace(",", "\t"), f"{NEW}\t{cell}".replace(",", "\t")
        )
    assert outcomes(rows) == ["new"], messages(rows)
    assert rows[0]["document"][field] == value


@pytest.mark.parametrize(
    ("heading", "cell", "told"),
    [
        ("电话", "2164568/2164569", "G2 “2164568/2164569”：一格只写一个号码"),
        ("电话", "没有", "应为能直接拨打的号码"),
        ("适合年龄", "2026-03-12", "被表格程序改成了日期"),
        ("适合年龄", "12-3岁", "上限小于下限"),
        ("设施", "母婴", "是不是“母婴室”？"),
        ("是否免费", "看情况", "应为“是”或“否”"),
        ("开放时间", "9点-5点", "读不懂"),
        ("开放时间", "节假日另行通知", "读不懂"),
        ("确认日期", "2026-13-20", "不是日期"),
        ("确认日期", "2026-11-20", "缺少"),
        ("网站", "example.org", "http:// 或 https://"),
        ("介绍", "长" * 2001, "文字太长"),
    ],
)
def test_is_what_can_not_be_read_told_by_its_cell(
    app: Flask, heading: str, cell: str, told: str
) -> None:
    rows = checked(
        app, f"{HEADINGS}\t{heading}".replace(",", "\t"), f"{NEW}\t{cell}".replace(",", "\t")
    )
    assert outcomes(rows) == ["wrong"]
    assert told in messages(rows)[0]
    assert messages(rows)[0].startswith("G2 ") or heading == "确认日期"


def test_are_all_mistakes_of_a_row_told_at_once(app: Flask) -> None:
    rows = checked(app, HEADINGS, "坏馆,实践,科学,张店区区,,")
    assert len(messages(rows)) == 5
    assert [m.split()[0] for m in messages(rows)] == ["B2", "C2", "D2", "E2", "F2"]


def test_are_messages_told_along_the_row(app: Flask) -> None:
    headings = f"电话,{HEADINGS},开放时间"
    rows = checked(app, headings, "05331234,坏馆,书屋,科学,博山区,117.85,36.5,看天气")
    assert [m.split()[0] for m in messages(rows)] == ["A2", "C2", "D2", "H2"]


@pytest.mark.parametrize(
    ("called", "code"),
    [("实践基地", "practice_base"), ("书屋", "reading_space"), ("城市书房", "reading_space")],
)
def test_is_a_kind_taken_by_the_word_that_people_use_for_it(
    app: Flask, called: str, code: str
) -> None:
    rows = checked(app, HEADINGS, NEW.replace("儿童友好实践基地", called))
    assert rows[0]["document"]["kind"] == code
    assert f"“{called}”读作“儿童" in messages(rows)[0]


@pytest.mark.parametrize(
    ("number", "doubtful"),
    [
        ("0533-21645", True),
        ("05331234", True),
        ("216456", True),
        ("139053312", True),
        ("0533-2164568", False),
        ("2164568", False),
        ("13905331234", False),
        ("110", False),
        ("12345", False),
        ("96567", False),
        ("400-123-4567", False),
    ],
)
def test_is_a_number_of_no_likely_length_doubted_but_taken(
    app: Flask, number: str, doubtful: bool
) -> None:
    rows = checked(app, f"{HEADINGS},电话", f"{NEW},{number}")
    assert outcomes(rows) == ["new"]
    assert any("请核对" in told for told in messages(rows)) == doubtful


def test_is_what_to_do_with_unreadable_hours_said(app: Flask) -> None:
    (told,) = messages(checked(app, f"{HEADINGS},开放时间", f"{NEW},看天气"))
    assert told.endswith("这样，或留空，写进介绍")
    assert "OpenStreetMap" not in told
    (told,) = messages(checked(app, f"{HEADINGS},开放时间", f"{NEW},Mo-Fr 9点"))
    assert "第" in told


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("24小时", "24/7"),
        ("全天开放", "24/7"),
        ("每天 8:30—17:30", "Mo-Su 08:30-17:30"),
        ("9:00-17:00（周一闭馆）", "Mo-Su 09:00-17:00; Mo off"),
        ("周一闭馆，每天9:00至17:00", "Mo-Su 09:00-17:00; Mo off"),
        ("周一至周五 上午9:00-11:30，下午2:00-5:00", "Mo-Fr 09:00-11:30,14:00-17:00"),
        ("周二、周四 9:00-11:00；周六日 9点-17点", "Tu,Th 09:00-11:00; Sa,Su 09:00-17:00"),
        ("工作日9:00-17:00，周末休息", "Mo-Fr 09:00-17:00; Sa-Su off"),
        ("周一至周五、周日 9:00-17:00", "Mo-Fr,Su 09:00-17:00"),
        ("9:00-5:00", None),
        ("9:00-17:00，节假日除外", None),
        ("闭馆", None),
        ("以公告为准", None),
        ("夏季 9:00-17:00", None),
        ("", None),
    ],
)
def test_are_opening_hours_in_chinese_understood_or_left_alone(
    written: str, meant: str | None
) -> None:
    assert to_expression(written) == meant


@given(st.text(alphabet="周一二三日至、，;0123456789:-点分上下午闭馆每天工作休息( )", max_size=40))
def test_is_what_is_understood_always_an_expression(written: str) -> None:
    meant = to_expression(written)
    if meant is not None:
        check_expression(meant)


# Positions


def test_is_a_position_converted_from_the_system_that_was_chosen(app: Flask) -> None:
    lon, lat = convert(117.85, 36.5, "wgs84", "bd09")
    row = NEW.replace("117.85,36.5", f"{lon:.6f},{lat:.6f}")
    said = checked(app, HEADINGS, row, crs="bd09")[0]["document"]
    assert (said["lon"], said["lat"]) == pytest.approx((117.85, 36.5), abs=2e-6)


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("36.5,117.85", "写反了"),
        ("116.4,39.9", "不在淄博市范围内"),
        ("117.85,", "只写了一个"),
        ("东经一百,36.5", "不是小数写的度数"),
    ],
)
def test_is_a_wrong_position_told(app: Flask, where: str, told: str) -> None:
    rows = checked(app, HEADINGS, NEW.replace("117.85,36.5", where))
    assert outcomes(rows) == ["wrong"]
    assert told in messages(rows)[0]


def test_is_a_position_in_one_cell_read_either_way_round(app: Flask) -> None:
    for pair in ("117.85,36.5", "36.5，117.85"):
        row = f"丙馆\t儿童友好实践基地\t科学探索\t博山区\t{pair}"
        rows = checked(app, "名称\t类别\t主题\t区县\t坐标", row)
        assert (rows[0]["document"]["lon"], rows[0]["document"]["lat"]) == (117.85, 36.5)
    assert "已对调" in messages(rows)[0]


def test_is_the_system_guessed_from_listings_of_the_same_names() -> None:
    places = [
        (118.0 + n / 100, 36.8, *convert(118.0 + n / 100, 36.8, "gcj02", "wgs84")) for n in range(5)
    ]
    found = evidence(places)
    assert (found.crs, found.compared) == ("gcj02", 5)
    assert "像是 GCJ-02" in found.told
    assert evidence([]).crs is None
    assert evidence([(118, 36.8, 118.2, 36.9)]).crs is None


# Which listing


def test_is_a_listing_known_by_id_key_or_name(app: Flask) -> None:
    add(site("甲馆"))
    keyed = add(site("乙馆"))
    db.session.get_one(Listing, keyed).external_key = "区教育局/7"
    db.session.commit()
    rows = checked(
        app,
        "童友图编号,外部编号,名称,电话",
        "1,,甲馆（改名）,0533-1111111",
        ",7,乙馆,0533-2222222",
        origin="区教育局",
    )
    assert [row["listing_id"] for row in rows] == [1, 2]
    assert outcomes(rows) == ["changed", "changed"]
    assert any("原来叫“甲馆”" in told for told in messages(rows))
    by_name = checked(app, "名称,电话", "甲馆,0533-1111111")
    assert by_name[0]["listing_id"] == 1


def test_does_a_table_change_only_what_it_has_columns_for(app: Flask) -> None:
    add(site("甲馆", address="某路 1 号", phone="0533-1", website="https://example.org/"))
    row = checked(app, "名称,电话,地址", "甲馆,0533-2222222,")[0]
    assert row["document"]["address"] == "某路 1 号"
    assert row["document"]["phone"] == "0533-2222222"
    assert row["document"]["website"] == "https://example.org/"
    cleared = checked(app, "名称,电话,地址", "甲馆,0533-2222222,", clears=True)[0]
    assert cleared["document"]["address"] == ""


def test_which_rows_name_no_listing_that_can_be_changed(app: Flask) -> None:
    add(site("甲馆"))
    set_state(add(site("乙馆")), "retired", "停办")
    add(site("丙馆"))
    set_state(3, "merged", into=1)
    add(site("重名"))
    add(site("重名"))
    rows = checked(
        app,
        "童友图编号,名称,电话",
        "9,,1234567",
        "2,,1234567",
        "3,,1234567",
        ",重名,1234567",
        "x,,1",
    )
    assert outcomes(rows) == ["wrong"] * 5
    for told, row in zip(
        ("没有编号为 9", "已撤下", "已并入编号 1", "有几个条目都叫", "不是编号"), rows, strict=True
    ):
        assert told in row["messages"][0][1]


def test_are_rows_that_repeat_each_other_told(app: Flask) -> None:
    rows = checked(app, HEADINGS, NEW, NEW)
    assert outcomes(rows) == ["new", "wrong"]
    assert "与第 2 行重复" in messages(rows)[-1]


def test_is_a_new_row_near_a_listing_warned_of(app: Flask) -> None:
    add(site("张店书房", lon=117.85, lat=36.5))
    rows = checked(app, HEADINGS, NEW)
    assert outcomes(rows) == ["new"]
    assert "与编号 1“张店书房”可能重复：相距 0 米" in messages(rows)[0]


def test_is_a_listing_that_jumps_warned_of(app: Flask) -> None:
    add(site("甲馆", lon=118.05, lat=36.8))
    rows = checked(app, "名称,经度,纬度", "甲馆,118.0556,36.8005")
    assert outcomes(rows) == ["changed"]
    assert "位置移动了" in messages(rows)[0]


def test_does_a_hotline_bring_the_source_of_its_number(app: Flask) -> None:
    add(hotline("甲热线", "12345"))
    rows = checked(
        app,
        "热线名称,电话,号码来源,号码确认日期,服务时间",
        "甲热线,12399,某局来函,2026-11-20,24小时",
        "乙热线,0533-7654321,,,",
        type_="hotline",
    )
    assert outcomes(rows) == ["changed", "new"]
    assert rows[0]["document"]["facts"]["number"] == {
        "source": "某局来函",
        "confirmed_on": "2026-11-20",
    }


# Applying


@pytest.fixture
def editor(app: Flask) -> Member:
    return hired("editor")


def test_does_the_same_table_again_change_nothing(app: Flask, editor: Member) -> None:
    add(site("甲馆"))
    lines = (
        f"{HEADINGS},外部编号",
        f"{NEW},A1",
        "甲馆,儿童友好实践基地,科学探索,张店区,118.0,36.8,A2",
    )
    one = Import(app, text(*lines), by=editor)
    one.check()
    done = one.apply()
    assert (done.new, done.changed) == (1, 1)
    count = revisions()
    again = Import(app, text(*lines), by=editor)
    assert outcomes(again.check()) == ["unchanged", "unchanged"]
    again.apply()
    assert revisions() == count
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "import.applied")
    ).first()
    assert event is not None
    assert event.detail["new"] == 1
    assert audit.verify(db.session) is None


def test_does_the_same_table_leave_what_staff_have_mended(app: Flask, editor: Member) -> None:
    lines = (f"{HEADINGS},电话", f"{NEW},0533-1111111")
    one = Import(app, text(*lines), by=editor)
    one.check()
    one.apply()
    last = newest(db.session, 1)
    assert last is not None
    with writing(db.session):
        save(db.session, editor, 1, {**last.document, "phone": "0533-2222222"}, last.id)
    rows = checked(app, *lines)
    assert outcomes(rows) == ["unchanged"]
    assert "保留编辑后的内容" in messages(rows)[0]
    newer = checked(app, lines[0], lines[1].replace("1111111", "3333333"))
    assert outcomes(newer) == ["changed"]


def test_is_it_all_or_nothing(app: Flask, editor: Member) -> None:
    one = Import(app, text(HEADINGS, NEW, "坏馆,x,,,,"), by=editor)
    one.check()
    with pytest.raises(Refused, match="一行也没有写"):
        one.apply("all")
    assert revisions() == 0
    assert one.apply("good").new == 1
    assert one.apply("good").new == 1  # what was done is told again
    assert revisions() == 1
    assert db.session.scalars(select(ImportRow.listing_id).order_by(ImportRow.line)).all() == [
        1,
        None,
    ]


def test_is_a_listing_that_somebody_edited_meanwhile_left_out(app: Flask, editor: Member) -> None:
    add(site("甲馆"))
    one = Import(app, text("名称,电话", "甲馆,0533-1111111"), by=editor)
    one.check()
    revise(1, site("甲馆", address="新地址"))
    with pytest.raises(Refused, match="1 行不能写入"):
        one.apply("all")
    done = one.apply("good")
    assert (done.changed, len(done.left_out)) == (0, 1)
    assert "有人编辑过" in done.left_out[0][1]
    assert newest(db.session, 1).document["address"] == "新地址"  # type: ignore[union-attr]


def test_is_a_listing_of_the_same_name_made_meanwhile_not_doubled(
    app: Flask, editor: Member
) -> None:
    one = Import(app, text(HEADINGS, NEW), by=editor)
    one.check()
    add(site("丙馆"))
    assert "同名" in one.apply("good").left_out[0][1]
    assert db.session.scalar(select(func.count()).select_from(Listing)) == 1


def test_are_two_imports_of_one_table_at_once_one(app: Flask, editor: Member) -> None:
    one, other = (Import(app, text(HEADINGS, NEW), by=editor) for _ in range(2))
    for each in (one, other):
        each.check()
    batch_ids, told = (one.id, other.id), []
    db.session.remove()

    def write(batch_id: int) -> None:
        with app.app_context(), writing(db.session):
            told.append(applying.apply(db.session, batch_id, "good", editor).new)

    threads = [threading.Thread(target=write, args=(id_,)) for id_ in batch_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [0, 1]
    assert db.session.scalar(select(func.count()).select_from(Listing)) == 1


def test_do_the_bounds_of_an_editor_hold_for_each_row(app: Flask) -> None:
    add(site("甲馆", district="zhangdian"))
    bounded = hired("editor", districts=["boshan"])
    rows = checked(app, HEADINGS, NEW, NEW.replace("博山", "张店").replace("丙", "丁"),
                   "甲馆,儿童友好实践基地,科学探索,博山区,117.85,36.5", by=bounded)  # fmt: skip
    assert outcomes(rows) == ["new", "wrong", "wrong"]
    (row,) = checked(app, HEADINGS, "远馆,实践,科学探索,张店区,117.85,36.5", by=bounded)
    assert [message.split()[0] for message in messages([row])] == ["B2", "D2"]
    assert "不在您负责的范围内" in messages([row])[1]
    (row,) = checked(app, HEADINGS, "远馆,儿童友好实践基地,科学探索,,117.85,36.5", by=bounded)
    assert "范围" not in "".join(messages([row]))
    line = checked(app, "名称,号码", "某热线,12345", type_="hotline", by=bounded)
    assert "不在您负责的范围内" in "".join(messages(line))
    viewer = hired("viewer")
    one = Import(app, text(HEADINGS, NEW), by=viewer)
    one.check()
    with pytest.raises(Refused, match="角色不能导入"):
        one.apply()


def test_does_a_workbook_of_excel_round_trip_odd_texts(app: Flask, city: City) -> None:
    from server.sheets.writing import Sheet, delimited, xlsx

    odd = ["=1+1", "'=1+1", "''-x", "+86 533", "@a", "-", "甲\n乙", "’", "'普通", "0533"]
    rows = [[text, "x"] for text in odd]
    book = open_table(xlsx([Sheet("表", ["甲", "乙"], rows)])).sheet()
    assert [row.cell(0) for row in book.rows[1:]] == odd
    body = b"".join(delimited(["甲", "乙"], rows))
    assert [row.cell(0) for row in open_table(body).sheet().rows[1:]] == odd
    assert b"'=1+1" in body
    import openpyxl

    cells = openpyxl.load_workbook(io.BytesIO(xlsx([Sheet("表", ["甲", "乙"], rows)]))).active
    assert cells is not None
    assert {cell.data_type for row in cells.iter_rows() for cell in row} == {"s"}
