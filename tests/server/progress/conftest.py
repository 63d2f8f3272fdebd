"""The whole service with the first half of a year in its ledger, served once for a module."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask

from server import passwords
from server.progress import asked, review_page
from tests.server.pages import fill, served, settings_in
from tests.server.progress.town import at, keep_first_half
from tests.server.staff.people import Person, somebody

JULY = at(7, 5)
"""When the pages are looked at: the second quarter was due some days ago."""


@pytest.fixture(scope="module", autouse=True)
def _in_july() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))
        for room in (asked, review_page):
            patched.setattr(room, "now", lambda: JULY)
        yield


def fill_map_and_ledger() -> None:
    """One filling with a name of its own: it is made once and copied for each module."""
    fill()
    keep_first_half()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, _in_july: None) -> Iterator[Flask]:
    with served(settings_in(tmp_path_factory.mktemp("ledger")), fill_map_and_ledger) as app:
        yield app


@pytest.fixture(scope="module")
def head(ledger: Flask) -> Person:
    """The head of the office."""
    return somebody(ledger, "office_head")


@pytest.fixture(scope="module")
def reviewer(ledger: Flask) -> Person:
    return somebody(ledger, "office_reviewer")


@pytest.fixture(scope="module")
def leader(ledger: Flask) -> Person:
    return somebody(ledger, "leader")
