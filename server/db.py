"""The database: one SQLAlchemy for SQLite (one machine) and PostgreSQL (many).

Ask with ``db.session`` and ``select()`` only. SQLite takes one writer at a time, so whoever is
about to read and then write says so first with ``start_writing``.
"""

import fcntl
import os
import sqlite3
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, event, make_url, text
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session
from sqlalchemy.types import TypeDecorator

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


AnySession = Session | scoped_session[Any]
"""A session, or the one that belongs to whoever is served now."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Always aware: stored as UTC, given back as UTC. SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def init(app: Flask) -> None:
    """Bind the database named by ``SQLALCHEMY_DATABASE_URI`` to the app."""
    from server import models  # noqa: F401  (fills the metadata)

    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    # An error is logged with its statement; what was asked with may be what people wrote.
    options: dict[str, Any] = {"pool_pre_ping": True, "hide_parameters": True}
    if url.get_backend_name() == "postgresql":
        # A machine that is away must be noticed within seconds, not after TCP gives up.
        options["connect_args"] = {"connect_timeout": 3}
    elif url.database:
        keep_private(Path(url.database))
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    db.init_app(app)
    if click.get_current_context(silent=True) is not None:
        # Under the ``flask`` command alembic is loaded in any case; a web worker never needs it.
        add_migrations(app)


def keep_private(path: Path) -> None:
    """Let nobody but the service's user (and a group that was let in) read the SQLite database.

    It holds the password hashes. SQLite gives its ``-wal`` and ``-shm`` the database's own mode.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if str(path) == ":memory:":
        return
    # What can't be done here is told when the database is first asked.
    with suppress(OSError):
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        elif (mode := stat.S_IMODE(path.stat().st_mode)) & 0o007:
            path.chmod(mode & ~0o007)


def add_migrations(app: Flask) -> None:
    """Give the app the ``flask db`` commands and what ``flask_migrate.upgrade`` needs."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: object, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver's own transactions leave DDL out and begin late; "begin" below opens them.
    connection.isolation_level = None
    for pragma in (
        "foreign_keys=ON",
        "busy_timeout=5000",
        "journal_mode=WAL",
        "synchronous=NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


def start_writing(session: AnySession) -> None:
    """Begin the session's transaction as a writer's.

    On SQLite a transaction that has read and then writes fails at once when another one wrote in
    between; begun as a writer's it waits its turn instead. Elsewhere this changes nothing.

    Raises:
        sqlalchemy.exc.InvalidRequestError: the session's transaction has begun already.
        sqlalchemy.exc.OperationalError: another writer kept the database for 5 s.
    """
    session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})


@contextmanager
def exclusive(engine: Engine, folder: Path, name: str) -> Iterator[None]:
    """Wait to be the only one who does ``name`` on this database, without blocking its writers.

    PostgreSQL: an advisory lock, across machines. SQLite lives on one machine: a lock on a file
    in ``folder``. Both end with the process that holds them, however it ends.
    """
    if engine.dialect.name == "postgresql":
        key = {"key": zlib.crc32(f"tongyou:{name}".encode())}
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
            guard.execute(text("SELECT pg_advisory_lock(:key)"), key)
            try:
                yield
            finally:
                guard.execute(text("SELECT pg_advisory_unlock(:key)"), key)
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
