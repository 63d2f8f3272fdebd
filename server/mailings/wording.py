"""What a message says: the template's keys, filled in by the settings.

Public names: ``Said``, ``data``, ``EFFECTS``.

WeChat refuses a message whose value is not as its kind wants it (47003): a ``thing`` has at most
20 characters, a ``phrase`` at most 5, a ``time`` or ``date`` is a moment written out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from geo.opening import SHANGHAI
from geo.transit import Notice

EFFECTS: Mapping[str, str] = {"suspension": "停运", "detour": "改道", "time_change": "改点"}
"""The notices that are told, by effect: what changes nothing on the road costs nobody a message."""

LONGEST = {"thing": 20, "phrase": 5}
"""Characters of a value, by kind."""

SEE_NOTICE = "详见公告"


@dataclass(frozen=True)
class Said:
    """What there is to say to the subscribers of one line."""

    line: str
    notice: Notice

    def word(self, word: str) -> str:
        """One of the words that the setting may name."""
        notice = self.notice
        if word == "line":
            return self.line
        if word == "effect":
            return EFFECTS.get(notice.effect, "公告")
        if word == "start":
            return _short(notice.start)
        said = notice.name if word == "title" else notice.replacement
        return said.strip() or SEE_NOTICE


def data(fields: str, said: Said) -> dict[str, str]:
    """The message's ``data``; ``fields`` is the setting, such as ``thing1=line,time2=start``."""
    pairs = (pair.split("=") for pair in fields.split(","))
    return {key: _value(key.rstrip("0123456789"), word, said) for key, word in pairs}


def _value(kind: str, word: str, said: Said) -> str:
    if kind in ("time", "date"):
        start = said.notice.start.astimezone(SHANGHAI)
        return f"{start.year}年{start.month}月{start.day}日 {start:%H:%M}"
    text = " ".join(said.word(word).split())
    most = LONGEST[kind]
    if len(text) <= most:
        return text
    return text[:most] if kind == "phrase" else f"{text[: most - 1]}…"


def _short(at: datetime) -> str:
    at = at.astimezone(SHANGHAI)
    return f"{at.month}月{at.day}日 {at:%H:%M}"
