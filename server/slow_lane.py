"""Under granian: requests that wait for services of others, on threads of their own.

A worker has one thread, which gives the steadiest answers: of several, all want the interpreter,
and who is passed over waits 5 ms each time. But one thread that waits for WeChat answers nobody.
So a marked request (``server.outside.waits_outside``) is handed to a thread made for it, and the
worker's own goes on with the next request. Such threads take turns at everything but waiting, so
that a hundred of them ask no more of the interpreter than one.

granian lets a WSGI application answer only by returning. But underneath, the call it makes has an
object to answer with (``proto``), which may be used later and on another thread. This module puts
itself between the two; it knows granian 2.8 from within, and ``test_slow_lane`` fails where
another one differs.
"""

import importlib
import io
import re
import sys
import threading
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask

from server.outside import NO_PLACE, TURN, is_marked

log = structlog.get_logger()

SWITCH_S = 0.0005
"""How long a thread may keep the interpreter from another that wants it; Python's own is 5 ms,
which a read would feel whenever a slow request has something to do."""

LARGEST = 1 << 16
"""Bytes of a marked request's body; of a longer one the rest is not read. Views allow less."""

Call = Callable[[Any, dict[str, Any]], int]


def install(app: Flask, places: int) -> None:
    """Have granian hand marked requests of ``app`` over; call it in a worker before it serves."""
    mp: Any = importlib.import_module("granian.server.mp")
    lane = SlowLane(app, places)
    inner: Callable[..., Call] = mp._wsgi_call_wrap

    def wrap(*args: Any, **kwargs: Any) -> Call:
        return lane.beside(inner(*args, **kwargs))

    mp._wsgi_call_wrap = wrap
    sys.setswitchinterval(SWITCH_S)


class SlowLane:
    """At most ``places`` requests at once, each on a thread of its own."""

    def __init__(self, app: Flask, places: int) -> None:
        self._marked = _pattern(app)
        self._places = threading.BoundedSemaphore(places)
        self._turn = threading.Lock()

    def beside(self, call: Call) -> Call:
        """The call with the lane beside it."""

        def answer(proto: Any, scope: dict[str, Any]) -> int:
            if not self._marked.fullmatch(f"{scope['REQUEST_METHOD']} {scope['PATH_INFO']}"):
                return call(proto, scope)
            if not self._places.acquire(blocking=False):
                # It is told so at once, on the worker's own thread.
                return call(proto, scope | {NO_PLACE: True})
            # granian's own body ends with this call.
            body = io.BytesIO(scope["wsgi.input"].read(LARGEST + 1))
            args = (call, proto, scope | {TURN: self._turn, "wsgi.input": body})
            threading.Thread(target=self._run, args=args, name="slow-lane", daemon=True).start()
            return 200

        return answer

    def _run(self, call: Call, proto: Any, scope: dict[str, Any]) -> None:
        try:
            with self._turn:
                call(proto, scope)
        except Exception as error:  # noqa: BLE001  (nobody above would answer)
            log.error("slow_lane_failed", error=type(error).__name__)  # noqa: TRY400
            proto.response_bytes(500, [], b"")
        finally:
            self._places.release()


def _pattern(app: Flask) -> re.Pattern[str]:
    """Matches method and path of the requests whose views are marked."""
    found = [
        f"(?:{'|'.join(sorted(rule.methods or ()))}) {_path(rule.rule)}"
        for rule in app.url_map.iter_rules()
        if is_marked(app.view_functions[rule.endpoint])
    ]
    return re.compile("|".join(found) or "(?!)")


def _path(rule: str) -> str:
    pieces = re.split(r"<[^>]*>", rule)
    return "[^/]+".join(re.escape(piece) for piece in pieces)
