"""Calls to services of others (WeChat, Tencent), which may take seconds: who waits, and how many.

Public names: ``waits_outside``, ``takes_long``, ``is_sent_much``, ``outside_call``,
``waiting``, ``TooManyOutside``, ``register``, ``RETRY_AFTER_S``; for the slow lane ``is_marked``,
``receives_much``, ``take_turn``, ``TURN``, ``GOES_ON``, ``NO_PLACE``. A process of our own that
takes seconds, such as the one that reads stamped scans, is waited for in the same way.

A view that makes such a call is marked with ``waits_outside``, the call itself stands within
``outside_call``, and what it waits for on the network within ``waiting``. Under granian a marked
view runs on a thread of its own (``server.slow_lane``), so that the worker goes on answering the
public. Nobody queues for a place to wait in: a queue would be kept waiting by the same slowness.
And nobody waits with a transaction open: on SQLite it could keep every writer out, on PostgreSQL it
would use up the connections.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Flask, current_app, has_app_context, has_request_context, request

from server.db import db

RETRY_AFTER_S = 2
"""When whoever found no place may come again."""

BREATH_S = 0.01
"""Seconds between two turns in the slow lane: somewhat longer than a turn takes."""

TURN = "tongyou.turn"
"""In a request's environ: the lock that its thread holds while it does anything but wait."""
GOES_ON = "tongyou.goes_on"
"""In a request's environ: an event that lets the worker go on with the next request."""
NO_PLACE = "tongyou.no_place"
"""In a request's environ: that it found no place to wait in."""

_MARK = "waits_outside"
_MUCH = "is_sent_much"
_PLACES = "outside_calls"

View = TypeVar("View", bound=Callable[..., Any])


class TooManyOutside(Exception):
    """As many calls as may wait at once are waiting."""


def register(app: Flask, places: int) -> None:
    """Let ``places`` calls of this process wait at once."""
    app.extensions[_PLACES] = threading.BoundedSemaphore(places)


def waits_outside(view: View) -> View:
    """Mark a view that makes outside calls."""
    setattr(view, _MARK, True)
    return view


def takes_long(view: View) -> View:
    """Mark a view that works for a second by itself, as one that writes a large document does.

    It has a thread beside the worker's own, too, which the public's reads interrupt; whoever waits
    outside has no turn meanwhile.
    """
    return waits_outside(view)


def is_sent_much(view: View) -> View:
    """Mark a view that waits and is sent files.

    Until it first waits the worker stays with it, so it must have received them by then.
    """
    setattr(view, _MUCH, True)
    return view


def receives_much(view: Callable[..., Any] | None) -> bool:
    """Whether a view is sent files."""
    return getattr(view, _MUCH, False) is True


def is_marked(view: Callable[..., Any] | None) -> bool:
    """Whether a view may make outside calls."""
    return getattr(view, _MARK, False) is True


@contextmanager
def outside_call() -> Iterator[None]:
    """Within this, and only within this, call a service of others.

    What the session has read is forgotten, as by ``revisions.writing``: read again afterwards.
    Outside an application (a test of a client alone) there is nothing to take care of.

    Raises:
        TooManyOutside: no place is free.
        RuntimeError: the view is not marked; or within ``revisions.writing``, or with changes
            that are not yet written.
    """
    if not has_app_context():
        yield
        return
    _end_transaction()
    if not has_request_context():
        yield
        return
    if not is_marked(current_app.view_functions.get(request.endpoint or "")):
        raise RuntimeError(f"{request.endpoint} makes outside calls and is not marked")
    with _place():
        yield


@contextmanager
def waiting() -> Iterator[None]:
    """Within this, wait for the network and do little else: the others have their turn meanwhile.

    As narrow as can be: 30 threads that all want the interpreter at once are felt by every read.
    """
    turn: threading.Lock | None = request.environ.get(TURN) if has_request_context() else None
    if turn is None:
        yield
        return
    request.environ[GOES_ON].set()
    turn.release()
    try:
        yield
    finally:
        take_turn(turn)


def take_turn(turn: threading.Lock) -> None:
    """Wait for one's turn, then leave the public's reads a moment first.

    WeChat answers many at once: without it their work would follow piece on piece, and be felt.
    """
    turn.acquire()
    time.sleep(BREATH_S)


@contextmanager
def _place() -> Iterator[None]:
    if NO_PLACE in request.environ:
        raise TooManyOutside
    places: threading.BoundedSemaphore = current_app.extensions[_PLACES]
    if not places.acquire(blocking=False):
        raise TooManyOutside
    try:
        yield
    finally:
        places.release()


def _end_transaction() -> None:
    session = db.session()
    if not session.in_transaction():
        return
    writes = session.connection().get_execution_options().get("sqlite_begin") == "IMMEDIATE"
    if writes or session.new or session.dirty or session.deleted:
        raise RuntimeError("a call outside would keep a transaction open that writes")
    session.rollback()
