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

from server.outside import GOES_ON, NO_PLACE, TURN, is_marked, receives_much, take_turn

log = structlog.get_logger()

SWITCH_S = 0.0005
"""How long a thread may keep the interpreter from another that wants it; Python's own is 5 ms,
which a read would feel whenever a slow request has something to do."""

LARGEST = 1 << 16
"""Bytes of a marked request's body; of a longer one the rest is not read. Views allow less, but for
those that are sent files (``server.outside.is_sent_much``)."""

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
            found = self._marked.fullmatch(f"{scope['REQUEST_METHOD']} {scope['PATH_INFO']}")
            if found is None:
                return call(proto, scope)
            if not self._places.acquire(blocking=False):
                # It is told so at once, on the worker's own thread.
                return call(proto, scope | {NO_PLACE: True})
            # granian's own body ends with this call: what is short is read here, and with who is
            # sent files this thread stays until they are received.
            goes_on, body = threading.Event(), scope["wsgi.input"]
            if found.lastgroup == _MUCH:
                body = _Unhurried(body, self._turn)
            else:
                body = io.BytesIO(body.read(LARGEST + 1))
                goes_on.set()
            own = {TURN: self._turn, GOES_ON: goes_on, "wsgi.input": body}
            args = (call, proto, scope | own, goes_on)
            threading.Thread(target=self._run, args=args, name="slow-lane", daemon=True).start()
            goes_on.wait()
            return 200

        return answer

    def _run(self, call: Call, proto: Any, scope: dict[str, Any], goes_on: threading.Event) -> None:
        try:
            take_turn(self._turn)
            try:
                call(proto, scope)
            finally:
                self._turn.release()
        except Exception as error:  # noqa: BLE001  (nobody above would answer)
            log.error("slow_lane_failed", error=type(error).__name__)  # noqa: TRY400
            proto.response_bytes(500, [], b"")
        finally:
            goes_on.set()
            self._places.release()


class _Unhurried:
    """A body that is read as it comes in: meanwhile the others have their turn."""

    def __init__(self, body: Any, turn: threading.Lock) -> None:
        self._body, self._turn = body, turn

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes; all there are if none is said."""
        self._turn.release()
        try:
            got: bytes = self._body.read(size)
        finally:
            self._turn.acquire()
        return got


_MUCH = "much"


def _pattern(app: Flask) -> re.Pattern[str]:
    """Matches method and path of the requests whose views are marked; as ``much`` those that are
    sent files."""
    found: dict[bool, list[str]] = {False: [], True: []}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if is_marked(view):
            methods = "|".join(sorted(rule.methods or ()))
            found[receives_much(view)].append(f"(?:{methods}) {_path(rule.rule)}")
    little, much = ("|".join(found[kind]) or "(?!)" for kind in (False, True))
    return re.compile(f"(?:{little})|(?P<{_MUCH}>{much})")


def _path(rule: str) -> str:
    pieces = re.split(r"<[^>]*>", rule)
    return "[^/]+".join(re.escape(piece) for piece in pieces)
