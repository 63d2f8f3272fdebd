"""The notices and lines of the edition in force, as a consumer of jobs reads them.

Public names: ``Noticed``, ``noticed``. A consumer holds no atlas; it asks the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from flask import current_app

from geo.transit import Notice
from server import editions
from server.db import db
from server.mailings.wording import EFFECTS


@dataclass(frozen=True)
class Noticed:
    """What one edition says of notices and lines, by listing id."""

    number: int
    notices: Mapping[int, Notice]
    lines: Mapping[int, str]
    """Names."""

    def current(self, at: datetime) -> dict[int, Notice]:
        """Those that are to be told: in force or announced, and changing something."""
        return {
            id_: notice
            for id_, notice in self.notices.items()
            if notice.effect in EFFECTS
            and notice.announced_at <= at
            and (notice.end is None or at < notice.end)
        }

    def touched(self, notice: Notice) -> list[int]:
        """The lines that a notice is about."""
        return [id_ for id_ in self.lines if notice.touches(id_)]


_NOTHING = Noticed(0, {}, {})


def noticed() -> Noticed:
    """Of the newest edition, read once for each. In an app context, outside of a transaction.

    Raises:
        geo.edition.DamagedEdition: it can't be read.
    """
    kept: Noticed = current_app.extensions.get("noticed", _NOTHING)
    with db.engine.connect() as connection:
        newest = editions.newest(connection)
        if newest is None or newest[0] == kept.number:
            return kept
        packed = editions.packed(connection, newest[0])
    if packed is None:
        return kept
    read = _read(packed.number, packed.raw())
    current_app.extensions["noticed"] = read
    return read


def _read(number: int, raw: bytes) -> Noticed:
    """Only what is wanted is made a model of: an edition may hold many places."""
    said = [(entry["id"], entry["document"]) for entry in orjson.loads(raw)["entries"]]
    notices = {
        id_: Notice.model_validate(document)
        for id_, document in said
        if document["type"] == "notice"
    }
    lines = {id_: document["name"] for id_, document in said if document["type"] == "bus_route"}
    return Noticed(number, notices, lines)
