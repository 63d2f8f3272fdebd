"""The whole service on a small map (see ``tests.server.pages.fill``), for the console's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.server.pages import fill, retire, served, settings_in


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Flask]:
    with served(settings_in(tmp_path), fill, retire) as app:
        yield app
