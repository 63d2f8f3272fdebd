"""What WeChat's server API answers, typed. Nothing personal or secret shows in a ``repr``."""

from dataclasses import dataclass, field
from typing import Literal

Suggestion = Literal["pass", "review", "risky"]

LABELS = {
    100: "正常",
    10001: "广告",
    20001: "时政",
    20002: "色情",
    20003: "辱骂",
    20006: "违法犯罪",
    20008: "欺诈",
    20012: "低俗",
    20013: "版权",
    21000: "其他",
}
"""The labels of a checked text, in Chinese for staff."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a code of ``wx.login`` belongs to. The ``session_key`` beside it is not even read: what
    nobody has, nobody can lose."""

    openid: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TextCheck:
    """What WeChat thinks of a text."""

    suggest: Suggestion
    label: int
    """See ``LABELS``; others may come."""


@dataclass(frozen=True, slots=True)
class CodePicture:
    """A mini-program code as a picture."""

    content: bytes = field(repr=False)
    media_type: Literal["image/png", "image/jpeg"]
