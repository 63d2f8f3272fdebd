"""What WeChat tells by its message push, typed, and who wants to hear of it.

Public names: ``PushEvent``, ``TemplateNews``, ``read_event``, ``heard``, ``tell``. The three
events of subscription messages are told; whatever else comes is passed over.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_args

from server.wechat.envelope import Unreadable

Kind = Literal[
    "subscribe_msg_popup_event",  # the person answered the question for consent
    "subscribe_msg_change_event",  # the person took consent back in WeChat's settings
    "subscribe_msg_sent_event",  # a message arrived, or did not
]
KINDS: tuple[str, ...] = get_args(Kind)

_PARTS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")
_TEMPLATE = re.compile(r"[0-9A-Za-z_-]{1,64}")
_CODE = re.compile(r"-?[0-9]{1,9}")
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class TemplateNews:
    """What an event says of one template."""

    template_id: str
    accepted: bool | None = None
    """Popup and change: whether the person accepts; None where it is no such event."""
    errcode: int | None = None
    """Sent: 0 where the message arrived."""


@dataclass(frozen=True, slots=True)
class PushEvent:
    """One event."""

    kind: Kind
    openid: str = field(repr=False)
    at: datetime
    news: tuple[TemplateNews, ...]


Hook = Callable[[PushEvent], None]
AnyHook = TypeVar("AnyHook", bound=Hook)

_HOOKS: list[Hook] = []


def heard(hook: AnyHook) -> AnyHook:
    """Register what is called with each event, in an app context, within the request.

    WeChat waits 5 s for the answer: longer work belongs in a job. If it raises, WeChat delivers
    the event again. It may be called with an event that it has had, and is to enter it once.
    """
    _HOOKS.append(hook)
    return hook


def tell(event: PushEvent) -> None:
    """Call everything that is registered."""
    for hook in _HOOKS:
        hook(event)


def read_event(message: dict[str, Any]) -> PushEvent | None:
    """The event of an opened message, or None if it is of no kind that is told.

    Raises:
        Unreadable: it is of such a kind, but not as WeChat describes it.
    """
    kind = message.get("Event")
    if message.get("MsgType") != "event" or kind not in KINDS:
        return None
    openid, made = message.get("FromUserName"), str(message.get("CreateTime"))
    if not isinstance(openid, str) or not 1 <= len(openid) <= 64:
        raise Unreadable("from nobody")
    if not (made.isascii() and made.isdecimal() and float(made) < _LATEST):
        raise Unreadable("made at no time")
    at = datetime.fromtimestamp(int(made), UTC)
    return PushEvent(kind, openid, at, tuple(_news(message)))


def _news(message: dict[str, Any]) -> Iterator[TemplateNews]:
    # As JSON the list stands in the message itself, as XML in an element named after the event;
    # a list of one is often no list.
    holder = next((message[part] for part in _PARTS if part in message), message)
    rows = holder.get("List", []) if isinstance(holder, dict) else holder
    for row in rows if isinstance(rows, list) else [rows]:
        template = row.get("TemplateId") if isinstance(row, dict) else None
        if not isinstance(template, str) or not _TEMPLATE.fullmatch(template):
            raise Unreadable("of no template")
        status, errcode = row.get("SubscribeStatusString"), row.get("ErrorCode")
        yield TemplateNews(
            template,
            None if status is None else status == "accept",
            None if errcode is None else _number(errcode),
        )


def _number(told: object) -> int:
    if not _CODE.fullmatch(str(told)):
        raise Unreadable("a code that is none")
    return int(str(told))
