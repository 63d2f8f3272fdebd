"""What became of the year's promises, for everybody: accepted quarters only, with their date.

Public names: ``build``, ``PromisesKeeper``, ``register``.

Public reads don't ask the database: each process keeps the document in memory and on the
machine's disk, and looks aside of a request, now and then, whether the office has accepted
anything since. What units write in words is not in it: that was written for the office.
"""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import structlog
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config.programmes import Action, Programme
from geo.city import City
from server.db import db, now
from server.ledger.cells import ReportKey
from server.ledger.content import Statement
from server.ledger.demo_mark import demo_years
from server.ledger.states import on_the_wall
from server.ledger.totals import Part, Total, parts, totals
from server.models import Report, ReportVersion

log = structlog.get_logger()

FORMAT = 1
FRESH_S = 30.0
"""From this age on what is known is looked up again, aside from the request that finds it so."""
AWAY_S = 10.0
"""After a failed look-up the database is left alone for so long."""

Json = dict[str, Any]


class Accepted(NamedTuple):
    """A version that was in force once, or is."""

    says: Statement
    on: str
    """The day on which it was accepted."""


History = Mapping[ReportKey, list[Accepted]]


def build(session: Session, programmes: Mapping[int, Programme], city: City) -> Json:
    """The document: by year and action the newest quarter that is accepted as a whole."""
    demo = demo_years(session)
    told = (_year(session, one, city, one.year in demo) for one in programmes.values())
    return {
        "format": FORMAT,
        "stamp": stamp(session),
        "made_at": now().isoformat(),
        "years": [year for year in told if year["quarters"]],
    }


def stamp(session: Session) -> list[Any]:
    """What differs once anything was accepted."""
    query = select(func.max(ReportVersion.decided_at), func.count()).where(
        ReportVersion.outcome == "accepted"
    )
    last, number = session.execute(query).one()
    return [str(last), number, len(demo_years(session))]


def _year(session: Session, programme: Programme, city: City, demo: bool) -> Json:
    codes = [period.code for period in programme.periods]
    known = parts(session, codes, accepted=True)
    history = _history(session, codes)
    actions = [_action(programme, action, city, known, history) for action in programme.actions]
    return {
        "year": programme.year,
        "title": programme.title,
        "document": programme.document,
        "office": programme.office,
        "demo": demo,
        "quarters": sum(len(action["quarters"]) for action in actions),
        "actions": actions,
    }


def _action(
    programme: Programme, action: Action, city: City, known: list[Part], history: History
) -> Json:
    quarters = []
    for period in programme.periods:
        own = [one for one in known if (one.action, one.period) == (action.number, period.code)]
        if {one.unit for one in own} != set(action.units):
            continue
        keys = [ReportKey(unit, action.number, period.code) for unit in action.units]
        corrected = [one for key in keys for one in _corrected(key, history[key])]
        quarters.append(
            {
                "period": period.code,
                "title": period.title,
                "accepted_on": max(history[key][-1].on for key in keys),
                "indicators": _indicators(totals(action, city, own), corrected),
            }
        )
    return {
        "number": action.number,
        "title": action.title,
        "units": action.units,
        "quarters": quarters,
    }


def _indicators(found: Sequence[Total], corrected: list[Json]) -> list[Json]:
    """By indicator what was reached: one place, or each of the districts."""
    told: dict[str, Json] = {}
    for total in found:
        indicator = total.cell.indicator
        one = told.setdefault(
            indicator.code,
            {
                "code": indicator.code,
                "title": indicator.title,
                "measure": indicator.measure,
                "unit": indicator.unit,
                "target": _number(indicator.target),
                "places": [],
            },
        )
        one["places"].append(_place(total, corrected))
    return list(told.values())


def _place(total: Total, corrected: list[Json]) -> Json:
    return {
        "name": total.cell.title.rpartition("：")[2] if total.cell.district else "",
        "value": _number(total.value),
        "share": _number(total.share),
        "done": total.done,
        "reached": total.reached,
        "corrected": [one for one in corrected if one["cell"] == total.cell.key],
    }


def _corrected(key: ReportKey, accepted: list[Accepted]) -> Iterator[Json]:
    """Figures that were in force once and were replaced by others."""
    for old, new in pairwise(accepted):
        for cell, said in old.says.cells.items():
            since = new.says.cells.get(cell)
            if since and (said.value, said.done) != (since.value, since.done):
                yield {
                    "cell": cell,
                    "unit": key.unit,
                    "old": _number(said.value) if said.done is None else said.done,
                    "new": _number(since.value) if since.done is None else since.done,
                    "on": new.on,
                }


def _history(session: Session, codes: list[str]) -> History:
    query = (
        select(Report.unit, Report.action, Report.period, ReportVersion)
        .join(ReportVersion, ReportVersion.report_id == Report.id)
        .where(Report.period.in_(codes), ReportVersion.outcome == "accepted")
        .order_by(ReportVersion.number)
    )
    found: dict[ReportKey, list[Accepted]] = defaultdict(list)
    for unit, action, period, version in session.execute(query):
        on = on_the_wall(version.decided_at or version.submitted_at).isoformat()
        says = Statement.model_validate(version.content)
        found[ReportKey(unit, action, period)].append(Accepted(says, on))
    return found


def _number(value: Any) -> str | None:
    return None if value is None else f"{value:f}"


class PromisesKeeper:
    """The document as one process has it."""

    def __init__(self, app: Flask, path: Path) -> None:
        self._app, self._path = app, path
        self._known: Json | None = None
        self._asked_at = self._failed_at = -1e9
        """When the database answered last, and when it last did not; monotonic seconds."""
        self._asking = threading.Lock()

    def document(self) -> Json | None:
        """What is known; None: nothing yet, and the database is away."""
        if self._known is None:
            self._known = self._read()
        if self._known is None:
            self.look()
        elif _since(self._asked_at) > FRESH_S and not self._asking.locked():
            threading.Thread(target=self.look, name="promises", daemon=True).start()
        return self._known

    def look(self) -> None:
        """Ask the database, unless another thread is at it or it was away a moment ago."""
        if _since(self._failed_at) < AWAY_S or not self._asking.acquire(self._known is None):
            return
        try:
            with self._app.app_context(), Session(db.engine) as session:
                if self._known is None or self._known["stamp"] != stamp(session):
                    programmes = self._app.extensions["programmes"]
                    known = build(session, programmes, self._app.extensions["city"])
                    self._write(known)
                    self._known = known
            self._asked_at = time.monotonic()
        except SQLAlchemyError as error:
            self._failed_at = time.monotonic()
            log.warning("promises_not_asked", error=type(error).__name__)
        finally:
            self._asking.release()

    def _read(self) -> Json | None:
        try:
            known: Json = orjson.loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("promises_unreadable", error=type(error).__name__)
            return None
        return known if known.get("format") == FORMAT else None

    def _write(self, known: Json) -> None:
        draft = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            draft.write_bytes(orjson.dumps(known))
            draft.replace(self._path)
        except OSError as error:
            # Memory has it; only a start without the database would miss it.
            log.warning("promises_not_written", error=type(error).__name__)


def register(app: Flask) -> None:
    """Keep the document for the public page, where the settings ask for that page."""
    settings = app.extensions["settings"]
    if settings.promises_page:
        keeper = PromisesKeeper(app, settings.instance / "promises.json")
        app.extensions["promises_keeper"] = keeper
    app.context_processor(lambda: {"promises_page": settings.promises_page})


def _since(moment: float) -> float:
    return time.monotonic() - moment
