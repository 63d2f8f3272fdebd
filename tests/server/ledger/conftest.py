"""A made-up year for all that only read it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from config.programmes import programmes
from config.settings import Settings
from server.db import db
from tests.conftest import make_app
from tests.server.ledger import made_up_year


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """2023 as ``flask progress demo`` fills it, on SQLite."""
    instance = tmp_path_factory.mktemp("year")
    made_up_year.lay(instance)
    app = make_app(Settings(_env_file=None, instance=instance))
    app.extensions["programmes"] = programmes()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
