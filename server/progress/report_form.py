"""The form of a report: what stands in its fields, what is wrong with them, what is to be chosen.

Public names: ``Form``, ``Clash``, ``NO_EDIT``, ``opened``, ``posted``, ``show``, ``saved_by``.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson
from flask import Response, request

from server.console.frame import page
from server.console.gate import me
from server.db import db, now
from server.history import names
from server.ledger import checks, items, owing, reports, states, timeline, typed, values
from server.ledger.cells import Cell
from server.ledger.checks import Items, Mistake
from server.ledger.content import TEXTS, CellStatement, Draft, Statement
from server.ledger.doings import doings
from server.models import Report, ReportVersion
from server.progress.asked import Asked, today
from server.row_ids import row_id

NO_EDIT = -1
"""Of a form that doesn't say what it goes on from."""

PEOPLE = ("filled_by", "phone", "signed_by")
"""What a first draft takes over from the quarter before."""


class Clash(NamedTuple):
    """A field that two have changed, each to something else."""

    name: str
    label: str
    mine: str
    theirs: str


@dataclass
class Form:
    """A report's form as a page shows it."""

    asked: Asked
    report: Report | None
    fields: dict[str, str]
    """What stands in the inputs."""
    edit: int
    base: dict[str, str]
    """What the server has, which the fields go on from."""
    before: Statement | None = None
    items: Items = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    told: str = ""
    clashes: list[Clash] = field(default_factory=list)

    def value(self, name: str) -> str:
        """What stands in an input."""
        return self.fields.get(name, "")

    def wrong(self, name: str) -> str:
        """What is wrong with a cell or a text; empty: nothing that is known."""
        return "；".join(one.message for one in self.mistakes if one.field == name)

    def asks(self, key: str) -> bool:
        """Whether a reason is asked for in a cell, or given."""
        return bool(self.value(f"{key}:reason")) or any(
            one.asks for one in self.mistakes if one.field == key
        )

    def anchor(self, mistake: Mistake) -> str:
        """The input that a mistake is dealt with in."""
        cell = next((one for one in self.asked.form if one.key == mistake.field), None)
        if cell is None:
            return f"f-{mistake.field}"
        part = "note" if cell.indicator.measure == "narrative" else "value"
        if cell.key in self.items and part == "value":
            part = "list"
        return f"f-{cell.key}:{'reason' if mistake.asks else part}"

    def label(self, name: str) -> str:
        """What a field is called."""
        return typed.label(name, self.asked.form)

    def last(self, key: str) -> CellStatement | None:
        """What was said of a cell for the quarter before."""
        return self.before.cells.get(key) if self.before else None

    def groups(self) -> list[tuple[Cell, ...]]:
        """The cells, those of one indicator together."""
        found: dict[str, list[Cell]] = {}
        for cell in self.asked.form:
            found.setdefault(cell.indicator.code, []).append(cell)
        return [tuple(cells) for cells in found.values()]

    @property
    def base_text(self) -> str:
        """What the server has, as the form carries it."""
        return orjson.dumps(self.base).decode()

    def note(self, draft: Draft, *, all_: bool) -> None:
        """Look a draft over: what asks for a reason, and, if ``all_``, what is missing or wrong."""
        found = checks.mistakes(
            self.asked.form,
            draft,
            shared=self.asked.shared,
            items=self.items,
            before=self.before,
        )
        self.mistakes = [one for one in found if all_ or one.asks]


def opened(asked: Asked) -> Form:
    """The form with what is saved; a first one names the same people as the quarter before."""
    report = reports.find(db.session, asked.key)
    base = typed.flat(reports.draft_of(report))
    form = _form(asked, report, dict(base), report.edit if report else 0, base)
    if report is None and form.before:
        form.fields |= {name: getattr(form.before, name) for name in PEOPLE}
    form.note(reports.draft_of(report), all_=False)
    return form


def posted(asked: Asked) -> Form:
    """The form with what was sent."""
    sent = {name: text for name, text in request.form.items() if not _OWN.match(name)}
    base, edit = _base(sent.pop("base", "")), row_id(sent.pop("edit", ""))
    report = reports.find(db.session, asked.key)
    return _form(asked, report, sent, NO_EDIT if edit is None else edit, base)


_OWN = re.compile(r"(csrf_token|act|correction|clash|pick\..*)\Z")


def _form(
    asked: Asked, report: Report | None, fields: dict[str, str], edit: int, base: dict[str, str]
) -> Form:
    before = reports.before(db.session, asked.programme, asked.key)
    lists = items.lists(db.session, asked.programme.year, asked.key)
    return Form(asked, report, fields, edit, base, before, lists)


def _base(text: str) -> dict[str, str]:
    """What the form says that it went on from; nothing, if it says nothing of use."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


def show(form: Form, status: int = 200, refused: str = "") -> Response:
    """The report's page: the form for who may write, what was handed in for the others.

    ``refused`` says why something else than the form was not done.
    """
    asked, at = form.asked, now()
    able = doings(db.session, me(), asked.programme, asked.key, at)
    writes = any(one.act == "save" and not one.why_not for one in able)
    newest = reports.version(db.session, form.report) if form.report else None
    return page(
        "progress/report.html",
        status,
        corner="progress.home",
        form=form,
        asked=asked,
        owed=_owed(asked),
        able=able,
        open=writes or bool(form.told),
        refused=refused,
        newest=newest,
        says=reports.statement(newest) if newest else None,
        in_force=_in_force(form.report, newest),
        timeline=_timeline(form),
        saved_by=saved_by(form.report),
        next_step=owing.next_step,
        due_words=owing.due_words,
        today=today(),
        told=values.told,
        said=typed.said,
        texts=TEXTS,
        standings=states.STANDINGS,
        works=states.WORKS,
    )


def _owed(asked: Asked) -> owing.Owed:
    every = owing.owed_by(db.session, asked.programme, asked.key.unit, today())
    return next(one for one in every if one.key == asked.key)


def _timeline(form: Form) -> list[timeline.Moment]:
    if form.report is None:
        return []
    return timeline.of_report(db.session, form.report.id, form.asked.form)


def _in_force(report: Report | None, newest: ReportVersion | None) -> Statement | None:
    """What is accepted, where that is another than the newest."""
    if report is None or report.accepted_number in (None, newest.number if newest else None):
        return None
    accepted = reports.version(db.session, report, report.accepted_number)
    return reports.statement(accepted) if accepted else None


def saved_by(report: Report | None) -> str:
    """Who saved a report last."""
    if report is None:
        return ""
    return names(db.session, [report.saved_by]).get(report.saved_by or 0, "单位自己的系统")
