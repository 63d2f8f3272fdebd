"""The ledger's figures by another arithmetic: from the rows as they lie in the database."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from server.db import db

Key = tuple[str, int, str]
"""Unit, action, quarter."""


def versions() -> Iterator[tuple[Key, str, dict[str, Any]]]:
    """Of every version which report it is of, its outcome and content; the newest last."""
    rows = db.session.execute(
        text(
            "SELECT r.unit, r.action, r.period, v.outcome, v.content FROM report_version v"
            " JOIN report r ON r.id = v.report_id ORDER BY v.report_id, v.number"
        )
    )
    for unit, action, period, outcome, content in rows:
        said = json.loads(content) if isinstance(content, str) else content
        yield (unit, action, period), outcome, said


def counting(outcomes: tuple[str, ...] = ("accepted", "waiting")) -> dict[Key, dict[str, Any]]:
    """By report what counts: accepted before waiting, new before old."""
    found: dict[Key, dict[str, Any]] = {}
    for outcome in reversed(outcomes):
        found |= {key: content for key, was, content in versions() if was == outcome}
    return found


def totals(
    period: str, outcomes: tuple[str, ...] = ("accepted", "waiting")
) -> dict[str, Decimal | bool]:
    """By cell the total of a quarter over all units, where there is one."""
    values: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (_, _, when), content in counting(outcomes).items():
        if when == period:
            for name, said in content["cells"].items():
                if not said["not_ours"]:
                    values[name].append(said)
    return {name: total for name, said in values.items() if (total := _total(said)) is not None}


def _total(said: list[dict[str, Any]]) -> Decimal | bool | None:
    if answers := [one["done"] for one in said if one["done"] is not None]:
        return any(answers)
    known = [one for one in said if one["value"] is not None]
    if not known:
        return None
    if len(known) > 1 and known[0]["numerator"] is not None:
        above, below = (
            sum(Decimal(one[name]) for one in known) for name in ("numerator", "denominator")
        )
        return (above / below * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return sum((Decimal(one["value"]) for one in known), Decimal(0))


def copied(source: Path, target: Path) -> None:
    """Copy a database, whatever of it still stands in the log."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def tamper(path: Path, statement: str) -> None:
    """Change the database as its owner could: without the triggers that forbid it."""
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        connection.commit()
