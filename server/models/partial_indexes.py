"""Unique indexes over some rows of a table, on both databases.

Public names: ``unique_among``.
"""

from typing import Any

from sqlalchemy import Connection, FromClause, Table, TextClause, event


def unique_among(table: FromClause, rows: TextClause) -> None:
    """Let PostgreSQL too count only these rows in the table's one unique index.

    Said in the index itself it would load 2 MB of PostgreSQL's dialect where there is SQLite.
    """

    def narrow(table: Table, connection: Connection, **_: Any) -> None:
        if connection.dialect.name == "postgresql":
            unique = next(index for index in table.indexes if index.unique)
            unique.dialect_kwargs["postgresql_where"] = rows

    event.listen(table, "before_create", narrow)
