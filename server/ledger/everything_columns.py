"""The tables of ``server.ledger.everything``, and their columns. Public: ``TABLES``, ``Column``."""

from collections.abc import Mapping
from typing import NamedTuple


class Column(NamedTuple):
    """One column, by its name in JSON and its heading in CSV."""

    name: str
    heading: str


_KEY = (Column("unit", "单位"), Column("action", "行动"), Column("period", "季度"))

TABLES: Mapping[str, tuple[str, tuple[Column, ...]]] = {
    "reports": (
        "报表",
        (
            *_KEY,
            Column("state", "状态"),
            Column("edit", "修改次数"),
            Column("filed_at", "首次提交"),
            Column("without_progress", "无进展"),
            Column("newest_number", "最新版"),
            Column("accepted_number", "有效版"),
            Column("resubmit_by", "重报期限"),
            Column("correction", "更正原因"),
            Column("draft", "草稿"),
        ),
    ),
    "versions": (
        "各版",
        (
            *_KEY,
            Column("number", "版"),
            Column("report_number", "编号"),
            Column("digest", "摘要"),
            Column("submitted_at", "提交"),
            Column("late", "迟报"),
            Column("outcome", "结果"),
            Column("decided_at", "审核"),
            Column("reasons", "退回原因"),
            Column("kind", "种类"),
            Column("progress", "进展情况"),
            Column("problems", "存在问题"),
            Column("next_steps", "下一步打算"),
            Column("nothing_reason", "无进展的原因"),
            Column("filled_by", "填报人"),
            Column("phone", "联系电话"),
            Column("signed_by", "单位负责人"),
            Column("correction", "更正原因"),
        ),
    ),
    "values": (
        "数值",
        (
            *_KEY,
            Column("number", "版"),
            Column("outcome", "结果"),
            Column("cell", "指标编号"),
            Column("title", "指标"),
            Column("value", "数值"),
            Column("measured_in", "计量单位"),
            Column("done", "已完成"),
            Column("numerator", "分子"),
            Column("denominator", "分母"),
            Column("not_ours", "不由本单位负责"),
            Column("listed", "清单条数"),
            Column("note", "说明"),
            Column("reason", "原因"),
        ),
    ),
    "items": (
        "清单",
        (
            Column("id", "编号"),
            Column("unit", "单位"),
            Column("indicator", "指标编号"),
            Column("district", "区县代码"),
            Column("period", "季度"),
            Column("name", "名称"),
            Column("place", "地点"),
            Column("evidence", "依据"),
            Column("listing_id", "地图条目"),
            Column("created_at", "加入"),
            Column("removed_at", "移除"),
        ),
    ),
    "matters": (
        "重要情况",
        (
            Column("id", "编号"),
            Column("unit", "单位"),
            Column("action", "行动"),
            Column("title", "标题"),
            Column("body", "内容"),
            Column("files", "附件数"),
            Column("told_at", "报告"),
            Column("seen_at", "已阅"),
            Column("answer", "答复"),
        ),
    ),
    "events": (
        "审计记录",
        (
            Column("id", "编号"),
            Column("at", "时间"),
            Column("actor", "谁"),
            Column("action", "做了什么"),
            Column("subject_type", "对象"),
            Column("subject_id", "对象编号"),
            Column("detail", "详情"),
            Column("hash", "摘要"),
        ),
    ),
}
"""By name the Chinese title and the columns."""
