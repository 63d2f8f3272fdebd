"""What a column of a table of listings is, and those that all tables have.

Public names: ``Column``, ``named``, ``ID``, ``KEY``, ``POSITION`` and the columns in capitals.
"""

from dataclasses import dataclass

from server.field_labels import FIELDS, PARTS

ID, KEY, POSITION = "id", "key", "position"


@dataclass(frozen=True)
class Column:
    """One column. ``reader`` names how its cells are read: see ``server.imports.reading``.

    ``synonyms`` are parted by spaces.
    """

    field: str
    heading: str
    reader: str
    hint: str
    example: str = ""
    synonyms: str = ""
    required: bool = False
    width: int = 14
    exported: bool = True


def named(
    type_: str,
    field: str,
    called: str,
    reader: str,
    hint: str,
    example: str = "",
    synonyms: str = "",
    *,
    required: bool = False,
    width: int = 14,
) -> Column:
    """A field of the documents, under the name that it has everywhere; ``called`` by many."""
    heading = FIELDS[type_][field]
    return Column(field, heading, reader, hint, example, f"{called} {synonyms}", required, width)


ID_COLUMN = Column(
    ID,
    "童友图编号",
    "id",
    "本系统给的编号，改已有条目时据以认出；新条目留空",
    synonyms="条目编号 listingid",
    width=12,
)
KEY_COLUMN = Column(
    KEY,
    "外部编号",
    "line",
    "您自己表里的编号，再次导入时据以认出同一条",
    "JY-001",
    "编号 编码 代码 基地编号 唯一编号 key code externalkey",
)
SOURCE_COLUMN = Column(
    "facts::source",
    PARTS["source"],
    "line",
    "这些内容从哪里来",
    "区教育局 2026 年台账",
    "数据来源 信息来源 依据 source",
    width=24,
)
CONFIRMED_COLUMN = Column(
    "facts::confirmed_on",
    PARTS["confirmed_on"],
    "date",
    "最近一次核实的日期；须同时写来源",
    "2026-11-20",
    "核实日期 核对日期 核实时间 confirmedon",
)
VERIFIED_COLUMN = Column(
    "verified",
    FIELDS["site"]["verified"],
    "flag",
    "是：全部内容已向场馆或主管单位确认过",
    "否",
    "已核实 是否核实 verified",
)
