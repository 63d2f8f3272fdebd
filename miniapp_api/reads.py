"""Public reads: answers that an atlas and a query determine, served with or without Flask.

A resource declares each of its reads once, with ``PublicBlueprint.read``. Flask routes it,
documents it and words its errors; ``miniapp_api.front`` answers the same read before Flask is
reached, which more than halves its cost. A read that also tells what is true only now (where the
buses are, what became of today's runs) is a ``LiveRead``.
"""

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from apiflask import APIBlueprint
from flask import Response, current_app, request
from pydantic import BaseModel
from werkzeug.datastructures import Headers
from werkzeug.routing import BaseConverter

from config.version import VERSION
from geo.atlas import Atlas
from geo.opening import SHANGHAI
from miniapp_api.query import Query, Timed
from server.compression import CODINGS, SMALLEST, compress, negotiate
from server.edition_cache import BAKED_FORMAT
from server.live.board import LiveBoard
from server.live.repeated import REPEATED_S

JSON = "application/json"

ALWAYS = [
    ("Vary", "Accept-Encoding"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Access-Control-Allow-Origin", "*"),
]
"""Public data may be read from any page; no answer is guessed to be what it is not."""


SAID_S = 10.0
"""Seconds for which an answer about another moment than now is as good as new: that long it may
take until an operator's word about that day is seen."""


class Answer(NamedTuple):
    """What a read has to say; ``ready`` gives the body already compressed, by coding."""

    body: bytes
    content_type: str = JSON
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    ready: Callable[[str], bytes] | None = None


class Sources(NamedTuple):
    """What answers are made of: the edition in force, and what is true only now."""

    atlas: Atlas
    board: LiveBoard


class Reply(NamedTuple):
    """An answer as it goes over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Read:
    """One public read.

    ``answer(atlas, query, now, **path)`` is a plain function; ``now`` is in Unix seconds.
    """

    path: str
    query: type[Query]
    output: type[BaseModel]
    answer: Callable[..., Answer]
    codings: tuple[str, ...] = field(default=CODINGS)

    def reply(
        self, sources: Sources, query: Query, now: float, environ: dict[str, Any], **path: Any
    ) -> Reply:
        """Answer with validators, freshness and the coding that the client asks for."""
        answer = self._answered(sources, query, now, path)
        tag, cache_control = self._freshness(sources.atlas, query, now, answer)
        headers = [
            ("Content-Type", answer.content_type),
            ("ETag", tag),
            ("Cache-Control", cache_control if answer.status == 200 else "no-store"),
            *ALWAYS,
            *answer.headers,
        ]
        if answer.status == 200 and _matches(environ.get("HTTP_IF_NONE_MATCH"), tag):
            return Reply(304, headers[1:], b"")
        body = self._coded(answer, environ.get("HTTP_ACCEPT_ENCODING"), headers)
        headers.append(("Content-Length", str(len(body))))
        return Reply(answer.status, headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else body)

    def _answered(self, sources: Sources, query: Query, now: float, path: dict[str, Any]) -> Answer:
        return self.answer(sources.atlas, query, now, **path)

    def _freshness(self, atlas: Atlas, query: Query, now: float, answer: Answer) -> tuple[str, str]:
        """The ETag and the Cache-Control."""
        return _freshness(atlas, query, now)

    def _coded(self, answer: Answer, accepted: str | None, headers: list[tuple[str, str]]) -> bytes:
        if (
            not accepted
            or not self.codings
            or (answer.ready is None and len(answer.body) < SMALLEST)
        ):
            return answer.body
        coding = negotiate(accepted, self.codings)
        if coding is None:
            return answer.body
        headers.append(("Content-Encoding", coding))
        return answer.ready(coding) if answer.ready else compress(answer.body, coding)


@dataclass(frozen=True)
class LiveRead(Read):
    """A public read that tells what no edition says: what became of runs, where buses are. An
    answer about now is repeated for a second, unless it is about somebody's position, or about a
    moment of its own.

    ``answer(atlas, query, now, known, **path)``; ``known`` is the live board or, where another
    moment than now is asked about, what it knows for that.
    """

    def _answered(self, sources: Sources, query: Query, now: float, path: dict[str, Any]) -> Answer:
        atlas, board = sources
        if not _is_about_now(query, now):
            other = board.other_moment(datetime.fromtimestamp(now, SHANGHAI))
            return self.answer(atlas, query, now, other, **path)
        if _scope(query) == "private" or getattr(query, "at", None) is not None:
            return self.answer(atlas, query, now, board, **path)
        make = partial(self.answer, atlas, query, now, board, **path)
        key = (self.path, query, *path.values())
        at = datetime.fromtimestamp(now, SHANGHAI)
        return board.whole_answers.get(key, atlas.number, at, make)

    def _freshness(self, atlas: Atlas, query: Query, now: float, answer: Answer) -> tuple[str, str]:
        """Live news may change at any second: nothing but the answer itself tells whether."""
        # A checksum that is told from the last one is all that is needed of it.
        digest = f"{zlib.crc32(answer.body):08x}-{len(answer.body):x}"
        seconds = REPEATED_S if _is_about_now(query, now) else SAID_S
        return f'W/"{digest}"', f"{_scope(query)}, max-age={seconds:.0f}"


def _is_about_now(query: Query, now: float) -> bool:
    return not isinstance(query, Timed) or query.is_now(now)


def _scope(query: Query) -> str:
    """An answer that was asked for with a position is nobody else's."""
    return "private" if getattr(query, "lat", None) is not None else "public"


def _freshness(atlas: Atlas, query: Query, now: float) -> tuple[str, str]:
    """The ETag and the Cache-Control of a read.

    An answer changes with the edition, with what tells it (see ``_tag_of``) and, if it tells
    what is open now, with the minute. One that was asked for with a position is nobody else's:
    it stays out of shared caches.
    """
    tag = _tag_of(atlas)
    scope = _scope(query)
    if isinstance(query, Timed) and query.at is None:
        tag = f'{tag[:-1]}-{int(now // 60)}"'
        return tag, f"{scope}, max-age={60 - int(now % 60)}"
    return tag, f"{scope}, max-age=60"


@lru_cache(maxsize=1)  # one edition is in force; a replaced one must not be kept in memory
def _tag_of(atlas: Atlas) -> str:
    """What an answer depends on besides the question and the time: the edition, the form in
    which editions are baked, the application's version, the settings that the atlas carries."""
    code = f"{VERSION}.{BAKED_FORMAT}.{atlas.closing_soon}.{atlas.max_walk}"
    return f'W/"{code}-{atlas.number}-{atlas.sha256[:12]}"'


def _matches(if_none_match: str | None, tag: str) -> bool:
    """Weak comparison (RFC 9110, 8.8.3.2)."""
    if not if_none_match:
        return False
    opaque = tag.removeprefix("W/")
    candidates = (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    return any(one in ("*", opaque) for one in candidates)


class ListingId(BaseConverter):
    """A listing's id in a path, spelled in one way only: ASCII digits, no zeros before them."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


class PublicBlueprint(APIBlueprint):
    """A blueprint of one resource that keeps a list of its public reads."""

    def __init__(self, name: str, import_name: str, *, tag: str, **options: Any) -> None:
        super().__init__(name, import_name, tag=tag, url_prefix="/api/v1", **options)
        self._tags = [tag]
        self.reads: list[Read] = []
        self.record(lambda state: state.app.url_map.converters.update(listing=ListingId))

    def read(
        self,
        path: str,
        query: type[Query],
        output: type[BaseModel],
        *,
        content_type: str = JSON,
        codings: tuple[str, ...] = CODINGS,
        kind: type[Read] = Read,
        **doc: Any,
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """Declare a read: its path below ``/api/v1``, its parameters, its answer's model.

        ``kind`` is the class of the read, which says what its function is given. ``doc`` goes to
        APIFlask's ``doc``: ``summary``, ``responses``. The description is the function's docstring.
        """

        def declare(answer: Callable[..., Answer]) -> Callable[..., Answer]:
            read = kind(path, query, output, answer, codings)
            self.reads.append(read)

            def view(query_data: Query, **path_values: Any) -> Response:
                extensions = current_app.extensions
                sources = Sources(extensions["atlas_keeper"].atlas, extensions["live_board"])
                reply = read.reply(sources, query_data, time.time(), request.environ, **path_values)
                # A list: given bytes, Response would put 0 for the Content-Length of a HEAD.
                response = Response([reply.body], reply.status)
                response.headers = Headers(reply.headers)  # and no type for a 304
                return response

            view.__name__ = answer.__name__
            view.__doc__ = answer.__doc__
            decorated = self.input(query, location="query")(view)
            decorated = self.output(output, content_type=content_type)(decorated)
            decorated = self.doc(
                description=answer.__doc__,
                operation_id=answer.__name__,
                tags=self._tags,
                **doc,
            )(decorated)
            self.get(path)(decorated)
            return answer

        return declare
