"""Cursors: where the next page of a list begins, valid for one edition and one query."""

import base64
import hashlib
import struct
from typing import NamedTuple

from geo.atlas import Atlas
from miniapp_api.query import BadQuery, Paged
from miniapp_api.query_types import LAST_YEAR
from server.problem import Mistake

_LAYOUT = struct.Struct(">IIQ8s")
_MOST = 10_000_000
_PAGING = {"cursor", "limit"}
_LAST_MINUTE = (LAST_YEAR + 1 - 1970) * 366 * 24 * 60
"""What a time parameter can ask about, or a little more; beyond, dates end."""


class Start(NamedTuple):
    """Where a page starts, and the minute in which the first page was asked for."""

    offset: int
    minute: int


def start_of(query: Paged, atlas: Atlas, minute: int) -> Start:
    """Where this page starts.

    Raises:
        BadQuery: the cursor is not one of ours, or belongs to another edition or query.
    """
    if query.cursor is None:
        return Start(0, minute)
    try:
        raw = base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4))
        edition, offset, first_minute, digest = _LAYOUT.unpack(raw)
    except (ValueError, struct.error):
        raise BadQuery(Mistake("cursor", "不是本接口给出的游标")) from None
    if first_minute > _LAST_MINUTE:
        raise BadQuery(Mistake("cursor", "不是本接口给出的游标"))
    if edition != atlas.number:
        raise BadQuery(
            Mistake("cursor", f"属于第 {edition} 期，现为第 {atlas.number} 期，请从头查询")
        )
    if digest != _digest(query) or offset > _MOST:
        raise BadQuery(Mistake("cursor", "属于另一个查询，请从头查询"))
    return Start(offset, first_minute)


def next_cursor(query: Paged, atlas: Atlas, start: Start, total: int) -> str | None:
    """The cursor of the following page, or None on the last one."""
    offset = start.offset + query.limit
    if offset >= total:
        return None
    raw = _LAYOUT.pack(atlas.number, offset, start.minute, _digest(query))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _digest(query: Paged) -> bytes:
    asked = [(name, getattr(query, name)) for name in sorted(query.model_fields_set - _PAGING)]
    whole = f"{type(query).__name__}{asked}".encode()
    return hashlib.blake2b(whole, digest_size=8).digest()
