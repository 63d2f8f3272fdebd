"""What a model refuses, in Chinese: one table for all who show it to people.

Pydantic words its errors in English, for programmers. The value that was refused is never
repeated: it may be a password in a setting, or somebody's position in a query.
"""

import re
from typing import Any

from pydantic_core import ErrorDetails

UNFIT = "内容不合规则或前后矛盾"
"""Of a model's own rule that is not worded for people."""

_MESSAGES = {
    "missing": "缺少这一项",
    "missing_argument": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "none_required": "应为空",
    "string_unicode": "含有无法识别的字符",
    "string_too_short": "太短，最少 {min_length} 个字",
    "string_too_long": "文字太长，最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不对，或含有不允许的字符",
    "too_short": "太少：{actual_length} 项，最少 {min_length} 项",
    "too_long": "太多：{actual_length} 项，最多 {max_length} 项",
    "finite_number": "应为有限的数",
    "greater_than": "太小，应大于 {gt}",
    "greater_than_equal": "太小，不能小于 {ge}",
    "less_than": "太大，应小于 {lt}",
    "less_than_equal": "太大，不能大于 {le}",
    "multiple_of": "应为 {multiple_of} 的倍数",
    "union_tag_not_found": "没有写明种类",
    "timezone_aware": "应写明时区",
    "timezone_naive": "不应写时区",
    "date_from_datetime_inexact": "应为日期，不带时刻",
    "date_past": "应为过去的日期",
    "date_future": "应为将来的日期",
    "datetime_past": "应为过去的时间",
    "datetime_future": "应为将来的时间",
}

_FAMILIES = {
    "int": "应为整数",
    "float": "应为数",
    "decimal": "应为数",
    "bool": "应为 true 或 false",
    "string": "应为文字",
    "bytes": "应为文字",
    "date": "应为日期，如 2023-06-01",
    "datetime": "应为日期和时间，如 2023-06-01T08:00:00+08:00",
    "time": "应为时刻，如 08:00",
    "list": "应为列表",
    "tuple": "应为列表",
    "set": "应为列表",
    "iterable": "应为列表",
    "dict": "应为对象",
    "mapping": "应为对象",
    "model": "应为对象",
    "path": "应为路径",
    "url": "应为网址",
    "json": "不是有效的 JSON",
}
"""By the first word of the error's type, where ``_MESSAGES`` has no entry."""

_FORMATS = {
    "kind": "应为小写英文代码，如 practice_base",
    "theme": "应为小写英文代码，如 history",
    "district": "应为小写英文代码，如 zhangdian",
    "facilities": "应为小写英文代码，如 parking",
    "phone": "应为能直接拨打的号码，如 0533-1234567",
    "website": "应为 http:// 或 https:// 开头的网址",
    "cover": "应为 / 或 https:// 开头的图片地址",
}
"""By the field, what its pattern asks for."""

_CHOICES = {"literal_error": "expected", "enum": "expected", "union_tag_invalid": "expected_tags"}
"""Errors whose context quotes all that is allowed, and where."""

_LAST_RESORT = "内容不对"


def in_chinese(details: ErrorDetails) -> str:
    """One of pydantic's errors as a Chinese phrase without a full stop; where it is, is left out.

    A ``ValueError`` of a model's own rule is repeated if it is worded for people, in Chinese.
    """
    kind = details["type"]
    if kind in ("too_short", "too_long") and isinstance(details["input"], str):
        kind = f"string_{kind}"  # a text that another rule has looked at before
    context: dict[str, Any] = details.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        said = str(context.get("error", ""))
        return said if said and not said.isascii() else UNFIT
    if kind == "string_pattern_mismatch":
        for part in details["loc"]:
            if part in _FORMATS:
                return _FORMATS[str(part)]
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "不能为空"
    if kind in _CHOICES:
        allowed = re.findall("'(.*?)'", str(context.get(_CHOICES[kind], "")))
        return f"应为 {'、'.join(allowed)}" + (" 之一" if len(allowed) > 1 else "")
    if kind in _MESSAGES:
        return _MESSAGES[kind].format(**context)
    return _FAMILIES.get(kind.split("_")[0], _LAST_RESORT)
