"""Public reads: answers that an atlas and a query determine, served with or without Flask.

A resource declares each of its reads once, with ``PublicBlueprint.read``. Flask routes it,
documents it and words its errors; ``miniapp_api.front`` answers the same read before Flask is
reached, which more than halves its cost.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from apiflask import APIBlueprint
from flask import Response, current_app, request
from pydantic import BaseModel
from werkzeug.datastructures import Headers
from werkzeug.routing import BaseConverter

from config.version import VERSION
from geo.atlas import Atlas
from miniapp_api.query import Query, Timed
from server.compression import CODINGS, SMALLEST, compress, negotiate
from server.edition_cache import BAKED_FORMAT

JSON = "application/json"

ALWAYS = [
    ("Vary", "Accept-Encoding"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Access-Control-Allow-Origin", "*"),
]
"""Public data may be read from any page; no answer is guessed to be what it is not."""


class Answer(NamedTuple):
    """What a read has to say; ``ready`` gives the body already compressed, by coding."""

    body: bytes
    content_type: str = JSON
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    ready: Callable[[str], bytes] | None = None


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
        self, atlas: Atlas, query: Query, now: float, environ: dict[str, Any], **path: Any
    ) -> Reply:
        """Answer with validators, freshness and the coding that the client asks for."""
        answer = self.answer(atlas, query, now, **path)
        tag, cache_control = _freshness(atlas, query, now)
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


def _freshness(atlas: Atlas, query: Query, now: float) -> tuple[str, str]:
    """The ETag and the Cache-Control of a read.

    An answer changes with the edition, with what tells it (see ``_tag_of``) and, if it tells
    what is open now, with the minute. One that was asked for with a position is nobody else's:
    it stays out of shared caches.
    """
    tag = _tag_of(atlas)
    scope = "private" if getattr(query, "lat", None) is not None else "public"
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
        **doc: Any,
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """Declare a read: its path below ``/api/v1``, its parameters, its answer's model.

        ``doc`` goes to APIFlask's ``doc``: ``summary``, ``responses``. The description is the
        function's docstring.
        """

        def declare(answer: Callable[..., Answer]) -> Callable[..., Answer]:
            read = Read(path, query, output, answer, codings)
            self.reads.append(read)

            def view(query_data: Query, **path_values: Any) -> Response:
                keeper = current_app.extensions["atlas_keeper"]
                reply = read.reply(
                    keeper.atlas, query_data, time.time(), request.environ, **path_values
                )
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
