"""The whole service on a small map (see ``tests.server.pages.fill``), for the console's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from server import passwords
from tests.server.pages import fill, retire, served, settings_in


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Flask]:
    with served(settings_in(tmp_path), fill, retire) as app:
        yield app


@pytest.fixture(autouse=True)
def _hashing_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """The algorithm stays, its price does not: hundreds of people sign in here."""
    monkeypatch.setattr(
        passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
