"""What can go wrong with WeChat: one family of errors, each with a Chinese message for people.

No message holds anything that WeChat sent or was sent: neither a secret, nor a token, nor a
person's openid.
"""

NO_CREDENTIALS = frozenset({40001, 40014, 42001})
"""The access token is wrong or has expired."""

CODE_OF_NO_USE = frozenset({40029, 40163})
"""The code of ``wx.login`` is not one, is too old, or was used."""

BLOCKED = 40226
"""WeChat lets this person not sign in."""

CONSENT_GONE = 43101
"""The person has no consent left, or has withdrawn it: never try again."""

VALUE_BREAKS_RULE = 47003
"""A value of the message is not as its kind wants it: never try again."""

TOO_OFTEN = frozenset({45009, 45011})
"""A quota is used up: not again within the minute."""

BUSY = -1
"""WeChat's system is busy: may be tried again."""

MEANINGS = {
    40001: "access_token 或 AppSecret 不对",
    40002: "grant_type 不对",
    40003: "openid 不对，或不属于这个小程序",
    40013: "AppID 不对",
    40014: "access_token 不合法",
    40029: "登录凭证（code）无效",
    40037: "消息模板的编号不对",
    40097: "参数不对",
    40125: "AppSecret 不对",
    40163: "登录凭证（code）已经用过",
    40164: "这台服务器的 IP 不在小程序的白名单里",
    40169: "小程序码的 scene 不合要求",
    40226: "微信认定这位用户有风险，不让登录",
    41030: "小程序里没有这个页面，或还没有发布",
    42001: "access_token 已过期",
    43101: "用户没有同意接收，或已取消",
    45009: "微信的调用次数用完了",
    45011: "调用太频繁",
    47003: "消息里某一项的内容不合规则",
    61010: "用户近两小时没有访问过小程序",
    87009: "签名不对",
    87014: "内容含有违法违规信息",
    89503: "这台服务器的 IP 要由小程序的管理员确认",
    89506: "这台服务器的 IP 被管理员拒绝，24 小时内不能再试",
    89507: "这台服务器的 IP 被管理员拒绝，1 小时内不能再试",
}
"""Chinese, for staff and operators."""


class WeChatError(Exception):
    """Something went wrong with WeChat; the message is Chinese and safe to show to anybody."""


class NotConfigured(WeChatError):
    """The settings have no AppID or no AppSecret."""

    def __init__(self) -> None:
        super().__init__("本站还没有接入微信小程序。")


class WeChatDown(WeChatError):
    """No answer that can be understood: too slow, cut off, 5xx, not JSON, busy time and again."""

    def __init__(self, why: str, *, maybe_done: bool) -> None:
        super().__init__("微信暂时没有回应，请稍后再试。")
        self.why = why
        """For the log: one English word or two, such as ``timeout`` or ``http 502``."""
        self.maybe_done = maybe_done
        """Whether WeChat may have done what was asked: a message must then not be sent again."""


class WeChatRefused(WeChatError):
    """WeChat answered that it won't, with a code."""

    def __init__(self, errcode: int, key: str | None = None) -> None:
        meaning = MEANINGS.get(errcode, "未说明原因")
        super().__init__(f"微信没有接受（{errcode}：{meaning}）。")
        self.errcode = errcode
        self.key = key
        """47003: the key of ``data`` whose value breaks the rule, as far as WeChat said."""
