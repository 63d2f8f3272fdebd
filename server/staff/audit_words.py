"""What the events of the audit trail are called in Chinese."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from geo.opening import SHANGHAI
from server.console.role_words import ROLES
from server.ledger import words as ledger
from server.models import AuditEvent

TITLES: Mapping[str, str] = {
    **ledger.EVENTS,
    "sign_in.succeeded": "登录",
    "sign_in.refused": "登录被拒：登录名或密码不对",
    "sign_in.code_refused": "登录被拒：验证码不对",
    "sign_in.throttled": "失败次数过多，暂停登录",
    "sign_in.ended": "退出登录",
    "password.changed": "更改自己的密码",
    "password.reset": "用链接重设密码",
    "password.renewed": "命令行：换随机密码",
    "session.ended": "退出自己的一处登录",
    "session.others_ended": "退出自己的其他登录",
    "second_step.set_up": "设置两步验证",
    "second_step.removed": "停用两步验证",
    "second_step.reset": "重置两步验证",
    "second_step.recovery_renewed": "生成新的恢复码",
    "account.invited": "邀请同事",
    "account.joined": "接受邀请",
    "account.link_made": "生成链接",
    "account.link_revoked": "撤回链接",
    "account.changed": "更改账号",
    "account.disabled": "停用账号",
    "account.enabled": "恢复账号",
    "account.signed_out": "退出某人的全部登录",
    "people.keys_rotated": "命令行：换小程序用户标识的密钥",
    "revision.saved": "保存草稿",
    "revision.submitted": "提交审核",
    "revision.withdrawn": "撤回提交",
    "revision.approved": "审核通过",
    "revision.returned": "退回",
    "revision.checked": "事后复核",
    "revision.carried_on": "接着别人的版本改",
    "revision.left_behind": "未审核的修改与已生效的版本冲突，留给作者处理",
    "listing.retired": "撤下条目",
    "listing.brought_back": "恢复条目",
    "listing.closed_today": "登记临时关闭",
    "listing.reopened": "登记恢复开放",
    "listing.confirmed": "确认仍然属实",
    "listing.merged": "合并条目",
    "listing.parted": "撤销合并",
    "listings.exported": "导出条目",
    "listing.told_apart": "认定不是同一个",
    "notice.published": "发布公告",
    "notice.ended": "结束公告",
    "notice.withdrawn": "撤回公告",
    "mailing.started": "开始把公告发给订阅的人",
    "mailing.stopped": "停止发送公告的消息",
    "mailing.resumed": "接着发公告的消息",
    "feedback.answered": "答复反馈",
    "feedback.closed": "关闭反馈",
    "photo.uploaded": "上传照片",
    "photo.removed": "清除没有用到的照片",
    "import.uploaded": "上传导入文件",
    "import.applied": "写入导入的内容",
    "import.cancelled": "取消导入",
    "coded_report.taken_up": "着手核实群众报错",
    "coded_report.decided": "答复群众报错",
    "scene.made": "生成打卡码",
    "scene.pictured": "取得小程序码",
    "scene.revoked": "停用打卡码",
    "round.started": "开始一轮核实",
    "round.closed": "结束一轮核实",
    "edition.published": "发布",
    "edition.restored": "回退",
    "schedule.made": "排期发布",
    "schedule.cancelled": "取消排期",
    "schedule.failed": "排期发布没有成功",
    "ledger.demo_filled": "命令行：填入一年的示例台账",
    "ledger.exported": "导出台账",
    "ledger_token.made": "发放台账接口令牌",
    "ledger_token.revoked": "吊销台账接口令牌",
}
"""By action; one that is not here is shown as it is."""

ACTORS: Mapping[str, str] = {"cli": "命令行", "system": "系统"}

FIELDS: Mapping[str, str] = {
    **ledger.FIELDS,
    "action": "操作",
    "address": "来自",
    "again": "更换",
    "at": "时间",
    "browser": "浏览器",
    "by": "凭",
    "changed": "新增或更改",
    "districts": "区县",
    "days": "距截止天数",
    "digest": "摘要",
    "done": "完成",
    "due_on": "截止",
    "edition": "期号",
    "feedback": "反馈编号",
    "fields": "改动的栏目",
    "file": "文件",
    "from": "原为",
    "into": "并入编号",
    "into_name": "并入",
    "job": "任务",
    "listings": "条目",
    "late": "迟报",
    "left_out": "略过",
    "login": "登录名",
    "mode": "写入方式",
    "name": "名称",
    "new": "新增",
    "note": "说明",
    "number": "版本",
    "open": "未完成",
    "other": "另一个",
    "parts": "各单位的版本",
    "period": "季度",
    "reached": "达到目标",
    "reason": "原因",
    "reasons": "退回原因",
    "removed": "撤下",
    "reset": "重设密码",
    "restored_from": "内容来自期号",
    "resubmit_by": "重报期限",
    "revision": "版本",
    "role": "角色",
    "schedule": "排期",
    "sessions_ended": "退出的登录数",
    "sha256": "摘要",
    "size": "大小",
    "title": "名称",
    "to": "改为",
    "total": "共",
    "totals": "合计",
    "type": "类型",
    "unit": "单位",
    "units": "单位",
    "unsealed": "没有盖章件的原因",
    "value": "数值",
    "why": "原因",
}
"""By key of what is told of an event."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "by": {"password": "密码", "code": "密码和验证码", "recovery": "密码和恢复码"},
    "role": ROLES,
}


def title(action: str) -> str:
    """What was done."""
    return TITLES.get(action, action)


def actor(event: AuditEvent) -> str:
    """Who did it."""
    return ACTORS.get(event.actor, event.actor)


def told(event: AuditEvent, districts: Mapping[str, str]) -> str:
    """What else is known of an event, as one line; ``districts`` are titles by code."""
    words = {**_WORDS, "districts": districts}
    return "；".join(
        f"{FIELDS.get(key, key)}：{_said(key, value, words)}"
        for key, value in event.detail.items()
        if value not in (None, "", [], {})
    )


def _said(key: str, value: Any, words: Mapping[str, Mapping[str, str]]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        if set(value) == {"from", "to"}:
            return " → ".join(_said(key, value[end], words) for end in ("from", "to"))
        return "，".join(f"{FIELDS.get(k, k)} {_said(k, v, words)}" for k, v in value.items())
    if isinstance(value, list):
        return "、".join(_said(key, one, words) for one in value) or "无"
    if value is None:
        return "不限" if key in ("districts", "listings") else "无"
    if key == "at" or key.endswith("_at"):
        return _moment(value)
    return words.get(key, {}).get(value, str(value))


def _moment(value: Any) -> str:
    try:
        return datetime.fromisoformat(value).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    except (TypeError, ValueError):
        return str(value)
