"""What the ledger's events are called in Chinese, for its timelines and for the audit trail.

Public names: ``EVENTS``, ``FIELDS``.
"""

from collections.abc import Mapping

EVENTS: Mapping[str, str] = {
    "report.saved": "填报保存",
    "report.submitted": "提交报表",
    "report.withdrawn": "撤回报表",
    "report.accepted": "通过报表",
    "report.returned": "退回报表",
    "report.correction_begun": "发起更正",
    "report.correction_dropped": "放弃更正",
    "scan.taken": "上传盖章扫描件",
    "scan.matched_by_hand": "人工核对扫描件",
    "items.added": "清单增加",
    "item.changed": "清单修改",
    "item.removed": "清单移除",
    "matter.told": "报告重要情况",
    "matter.seen": "阅知重要情况",
    "matter.answered": "答复重要情况",
    "totals.confirmed": "牵头单位确认合计",
    "period.closed": "季度封账",
    "period.reopened": "重新开账",
    "reminder.made": "催报",
}
"""By action."""

FIELDS: Mapping[str, str] = {
    "files": "附件",
    "indicator": "指标",
    "matched_by": "核对方式",
    "names": "名称",
    "scan": "扫描件编号",
    "year": "年度",
}
"""By key of what is told of an event, where the audit trail's own words don't have it."""
