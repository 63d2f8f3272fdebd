"""May nobody keep the database, or too many threads, while waiting for others?"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import text

from server import outside
from server.db import db
from server.outside import TooManyOutside, outside_call, waits_outside
from server.revisions import writing


@pytest.fixture
def places(app: Flask) -> Flask:
    outside.register(app, 2)

    @app.get("/marked")
    @waits_outside
    def marked() -> str:
        return "in" if _gets_in() else "full"

    @app.get("/unmarked")
    def unmarked() -> str:
        return "in" if _gets_in() else "full"

    return app


def _gets_in() -> bool:
    try:
        with outside_call():
            return True
    except TooManyOutside:
        return False


def test_is_what_was_read_let_go(places: Flask) -> None:
    db.session.execute(text("SELECT 1"))
    with outside_call():
        assert not db.session().in_transaction()


def test_is_a_writer_refused(places: Flask) -> None:
    with pytest.raises(RuntimeError), writing(db.session), outside_call():
        pytest.fail("let in")


def test_do_only_so_many_wait_at_once(places: Flask) -> None:
    met = Barrier(3)

    def wait() -> str:
        with places.test_request_context("/marked"):
            try:
                with outside_call():
                    met.wait(10)
                    met.wait(10)
            except TooManyOutside:
                return "full"
            return "in"

    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(wait) for _ in range(2)]
        met.wait(10)
        assert places.test_client().get("/marked").text == "full"
        met.wait(10)
        assert [one.result() for one in waiting] == ["in", "in"]
    assert places.test_client().get("/marked").text == "in"


def test_is_an_unmarked_view_found_out(places: Flask) -> None:
    places.testing = True
    with pytest.raises(RuntimeError, match="unmarked"):
        places.test_client().get("/unmarked")
