"""The thin layer in front of Flask: public reads of a fixed path, answered at once.

Routing, contexts and hooks cost Flask more than finding the answer costs the atlas. Whatever is
not plainly a right question for a public read goes on to Flask, which answers the same read in
the same words and knows how to word mistakes.
"""

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import structlog

from miniapp_api.problems import without_values
from miniapp_api.query import BadQuery, parse
from miniapp_api.reads import PublicBlueprint, Read, Sources
from server.atlas_keeper import AtlasKeeper, NoEdition
from server.live.board import LiveBoard
from server.metrics import UNCOUNTED, count

log = structlog.get_logger()

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Front:
    """A WSGI application before the Flask one."""

    def __init__(
        self,
        app: Wsgi,
        blueprints: Iterable[PublicBlueprint],
        keeper: AtlasKeeper,
        board: LiveBoard,
    ) -> None:
        self._app = app
        self._keeper = keeper
        self._board = board
        self._reads: dict[str, Read] = {
            f"{blueprint.url_prefix}{read.path}": read
            for blueprint in blueprints
            for read in blueprint.reads
            if "<" not in read.path
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a public read, or pass the request on."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        read = self._reads.get(path)
        if read is None or (method != "GET" and method != "HEAD"):
            return self._app(environ, start_response)
        began = time.perf_counter()
        try:
            atlas = self._keeper.atlas
            asked = environ.get("QUERY_STRING", "").encode("latin-1")
            query = parse(read.query, asked, atlas.city)
            reply = read.reply(Sources(atlas, self._board), query, time.time(), environ)
        except (BadQuery, NoEdition):
            return self._app(environ, start_response)
        except Exception as error:  # noqa: BLE001  (nothing is lost: see below)
            # Flask meets the same fault and answers it as the problem that it is.
            if path not in UNCOUNTED:
                log.error("front_failed", path=path, error=without_values(error))  # noqa: TRY400
            return self._app(environ, start_response)
        count(path, method, reply.status, time.perf_counter() - began)
        start_response(_STATUS[reply.status], reply.headers)
        return [reply.body]
