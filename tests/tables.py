"""All tables without rows, made once and copied for each test."""

import shutil
from pathlib import Path

from sqlalchemy import create_engine

from server import models  # noqa: F401  (fills the metadata)
from server.db import db


def make(url: str) -> None:
    """Put all tables into an empty database, and leave it."""
    engine = create_engine(url)
    db.metadata.create_all(engine)
    engine.dispose()


def copied(made: Path, folder: Path) -> str:
    """The URL of a new SQLite database in the folder, as the one that is made."""
    path = folder / "tongyou.db"
    shutil.copyfile(made, path)
    return f"sqlite:///{path}"
