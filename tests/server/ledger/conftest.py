"""A made-up year, filled once for all that only read it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from config.programmes import programmes
from config.settings import Settings
from server.db import db
from server.ledger.demo import fill
from server.revisions import writing
from tests.conftest import make_app
from tests.server.ledger.desk import CITY, PROGRAMME


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """2023 as ``flask progress demo`` fills it, on SQLite."""
    app = make_app(Settings(_env_file=None, instance=tmp_path_factory.mktemp("year")))
    app.extensions["programmes"] = programmes()
    with app.app_context():
        db.create_all()
        with writing(db.session):
            fill(db.session, PROGRAMME, CITY, 1)
        yield app
        db.session.remove()
        db.engine.dispose()
