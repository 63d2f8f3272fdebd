"""How alembic reaches the app's database."""

from typing import Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from server.db import UtcDateTime, db


def _foreign_keys(connection: Connection, state: str) -> None:
    # A batch migration rebuilds tables on SQLite: dropping the old one must not count as
    # deleting its rows. The pragma does nothing within a transaction, hence the raw connection.
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute(f"PRAGMA foreign_keys={state}")


def _render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    # A migration must not change when a class of the app does.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run() -> None:
    arguments = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        _foreign_keys(connection, "OFF")
        try:
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                render_item=_render_item,
                transactional_ddl=True,  # SQLite's DDL is transactional since server.db begins it
                **arguments,
            )
            with context.begin_transaction():
                context.run_migrations()
        finally:
            _foreign_keys(connection, "ON")


_run()
