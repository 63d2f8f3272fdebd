"""What roles and actions are called in Chinese."""

from collections.abc import Mapping

from server.permissions import Action

ROLES: Mapping[str, str] = {
    "viewer": "查看",
    "editor": "编辑",
    "reviewer": "审核",
    "publisher": "发布",
    "dispatcher": "公交调度",
    "administrator": "管理员",
    "reporter": "单位填报",
    "unit_head": "单位负责人",
    "office_reviewer": "妇儿工委办审核",
    "office_head": "妇儿工委办负责人",
    "leader": "领导",
}

ACTIONS: Mapping[Action, str] = {
    Action.OWN_ACCOUNT: "管理自己的密码、两步验证和登录",
    Action.VIEW: "查看条目、历史、待办和已发布的各期",
    Action.EXPORT: "导出条目",
    Action.EDIT: "编辑地点和热线、提交审核、确认属实",
    Action.CLOSE: "紧急标明“今天临时关闭”",
    Action.IMPORT: "从表格导入",
    Action.EDIT_LINES: "编辑助学专线：站点、时刻、日历",
    Action.NOTIFY: "发布专线公告（立即生效）",
    Action.REVIEW: "审核别人提交的内容",
    Action.RETIRE: "撤下、恢复、合并条目",
    Action.PUBLISH: "发布、排期、回退",
    Action.AUDIT: "查看审计记录",
    Action.ACCOUNTS: "管理账号、邀请同事",
    Action.VIEW_LEDGER: "查看工作台账（单位的人只看本单位）",
    Action.REPORT: "填报、提交本单位的报表，上传盖章件，维护清单，报重要情况",
    Action.ANSWER_FOR_UNIT: "确认牵头行动的合计、更正已通过的报表",
    Action.REVIEW_REPORTS: "审核各单位的报表：通过、退回，人工核对盖章件，答复重要情况",
    Action.RUN_LEDGER: "封账、重新开账",
    Action.LEDGER_TOKENS: "发放、吊销台账的接口令牌（单位只管自己的）",
}
"""In the order in which a person comes to need them."""
