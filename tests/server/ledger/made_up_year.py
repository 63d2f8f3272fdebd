"""A made-up year as ``flask progress demo`` fills it: played once, copied for each who wants it."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from config.settings import Settings
from server.db import db
from server.ledger.demo import fill
from server.revisions import writing
from tests.conftest import make_app
from tests.server.ledger import raw
from tests.server.ledger.desk import CITY, PROGRAMME


def lay(instance: Path) -> None:
    """Put a database with the year 2023 into an instance's folder that has none."""
    instance.mkdir(parents=True, exist_ok=True)
    raw.copied(_database(), instance / "tongyou.db")


@cache
def _database() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tongyou-year-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    app = make_app(Settings(_env_file=None, instance=folder))
    with app.app_context():
        db.create_all()
        with writing(db.session):
            fill(db.session, PROGRAMME, CITY, 1)
        db.session.remove()
        db.engine.dispose()
    return folder / "tongyou.db"
