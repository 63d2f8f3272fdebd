"""Opening hours as people write them in Chinese -> an OpenStreetMap expression.

Only what has one meaning is read: 周二至周日 9:00-17:00，周一闭馆. Anything else is left to a
person; to guess wrong would send a family to a closed door.
"""

import re
import unicodedata

_DAYS = {
    "一": "Mo",
    "二": "Tu",
    "三": "We",
    "四": "Th",
    "五": "Fr",
    "六": "Sa",
    "日": "Su",
    "天": "Su",
}
_WEEK = r"(?:每?周|星期|礼拜)"
_DAY = rf"{_WEEK}?([一二三四五六日天])"
_RANGE = re.compile(rf"{_WEEK}([一二三四五六日天])(?:至|到|-){_DAY}")
_LIST = re.compile(rf"{_WEEK}([一二三四五六日天](?:(?:[、,和及]?{_WEEK}?)[一二三四五六日天])*)")
_WORDS = re.compile(r"每天|每日|全年|天天|工作日|周末|双休日|法定节假日|节假日")
_MEANT = {"工作日": "Mo-Fr", "周末": "Sa-Su", "双休日": "Sa-Su", "法定节假日": "PH", "节假日": "PH"}
_CLOCK = r"(上午|早上|早|下午|晚上|晚)?(\d{1,2})(?:[:点时](\d{2})?分?)"
_HOURS = re.compile(rf"{_CLOCK}(?:至|到|-){_CLOCK}")
_ALL_DAY = re.compile(r"24小时|全天")
_CLOSED = re.compile(r"闭馆|休馆|闭园|休息|不开放|关闭")
_FILLER = re.compile(r"[,;、。()]|对外|开放|开馆|营业|服务|时间|:|为")
_DASHES = str.maketrans(dict.fromkeys("—–－~～〜―", "-"))
_LATER = ("下午", "晚上", "晚")


def to_expression(text: str) -> str | None:
    """The expression that says the same; None where the text is not surely understood."""
    rest = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).translate(_DASHES))
    rest = re.sub(r"-{2,}", "-", rest).replace(";", ";").replace("。", ";")
    rules: list[tuple[str, list[str]]] = []
    days = ""
    while rest:
        for pattern, act in ((_RANGE, _range), (_LIST, _list), (_WORDS, _word)):
            if found := pattern.match(rest):
                named = act(found)
                # Days named one after another share the hours that follow.
                days = f"{days},{named}" if days and rules and not rules[-1][1] else named
                if rules and not rules[-1][1]:
                    rules.pop()
                rules.append((days, []))
                break
        else:
            found = _said(rest, rules)
            if found is None:
                return None
            if found.re is not _FILLER and rules[-1][1]:
                days = ""
        rest = rest[found.end() :]
    return _joined(rules)


def _said(rest: str, rules: list[tuple[str, list[str]]]) -> "re.Match[str] | None":
    """Enter the hours that the text begins with; None if it begins with nothing known."""
    for pattern in (_HOURS, _ALL_DAY, _CLOSED):
        if found := pattern.match(rest):
            said = _hours(found) if pattern is _HOURS else "off"
            said = "00:00-24:00" if pattern is _ALL_DAY else said
            if said is None or (pattern is _CLOSED and not rules):
                return None
            if not rules:
                rules.append(("Mo-Su", []))
            rules[-1][1].append(said)
            return found
    return _FILLER.match(rest)


def _range(found: "re.Match[str]") -> str:
    first, last = _DAYS[found[1]], _DAYS[found[2]]
    return f"{first}-{last}"


def _list(found: "re.Match[str]") -> str:
    return ",".join(_DAYS[sign] for sign in found[1] if sign in _DAYS)


def _word(found: "re.Match[str]") -> str:
    return _MEANT.get(found[0], "Mo-Su")


def _hours(found: "re.Match[str]") -> str | None:
    half, hour, minute, half2, hour2, minute2 = found.groups()
    begin = _minutes(half, hour, minute)
    end = _minutes(half2 or (half if half in _LATER else None), hour2, minute2)
    if not 0 <= begin < end <= 1440:
        return None
    return f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"


def _minutes(half: str | None, hour: str, minute: str | None) -> int:
    later = 12 if half in _LATER and int(hour) < 12 else 0
    return (int(hour) + later) * 60 + int(minute or 0)


def _joined(rules: list[tuple[str, list[str]]]) -> str | None:
    """The rules as one expression; what closes comes last, so that it wins."""
    if not rules or any(not said or ("off" in said and len(said) > 1) for _, said in rules):
        return None
    if rules == [("Mo-Su", ["00:00-24:00"])]:
        return "24/7"
    rules = sorted(rules, key=lambda rule: rule[1] == ["off"])
    return "; ".join(f"{days} {','.join(said)}" for days, said in rules)
