"""The page of a listing's form: what stands in its inputs, and what is told beside them.

Public names: ``Form``, ``Choice``, ``author_of``, ``opened``,
``new_key``, ``posted``, ``chosen``, ``undecided``, ``rechoose``, ``show``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import orjson
from flask import Response, current_app, request

from server import history, working_copies
from server.console.frame import page
from server.console.gate import me
from server.console.moments import told_at
from server.db import db
from server.field_labels import code_title, label
from server.listing_fields import GROUPS, Field, fields, vocabulary
from server.listing_form import CHANGE_NOTE, beside, blank, kept, read, typed
from server.listing_told import UNKNOWN, in_words, part_label
from server.merging import FACTS, Merged, parts, take
from server.models import Revision
from server.revisions import NotReady, canonical
from server.staff.subjects import Subject, etag, revision_in

TYPES = {"site": "地点", "hotline": "热线"}


@dataclass(frozen=True)
class Choice:
    """A part that two people have changed: both values in words, and which was chosen."""

    part: str
    label: str
    base: str
    theirs: str
    mine: str
    chosen: str = ""
    """``mine``, ``theirs``, ``other``; empty while nothing is chosen."""


@dataclass
class Form:
    """A form as it is shown."""

    type: str
    key: str
    """Names the working copy: the listing's id, or ``new-…``."""
    raw: dict[str, str]
    subject: Subject | None = None
    based_on: int | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    lacks: dict[str, list[str]] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    mine: dict[str, Any] = field(default_factory=dict)
    """By part, one's own values in the choices."""
    theirs: Revision | None = None
    """What somebody else saved meanwhile, where there is something to choose."""
    told: str = ""

    @property
    def title(self) -> str:
        """What the form is about."""
        return self.subject.name if self.subject else f"新{TYPES[self.type]}"

    @property
    def document(self) -> dict[str, Any]:
        """What was typed, not checked."""
        return read(self.type, self.raw)

    @property
    def change_note(self) -> str:
        """What was changed and how it is known."""
        return self.raw.get(CHANGE_NOTE, "").strip()

    @property
    def they(self) -> str:
        """Who saved meanwhile."""
        return author_of(self.theirs) if self.theirs else ""

    @property
    def since(self) -> str:
        """When they did."""
        return told_at(self.theirs.created_at) if self.theirs else ""

    def mistakes(self) -> list[tuple[str, str, str]]:
        """All that is wrong or missing, in the form's order: input, what it is called, why."""
        order = [f.name for f in fields(self.type)]
        told = self.errors or self.lacks

        def place(name: str) -> int:
            head = name.split(".")[1 if name.startswith("facts.") else 0]
            return order.index(head) if head in order else len(order)

        return [
            (name, self._called(name), "；".join(told[name]))
            for name in sorted(told, key=place)
            if name
        ]

    def _called(self, name: str) -> str:
        if name.startswith(FACTS):
            return part_label(self.type, name.rpartition(".")[0])
        return label(self.type, name)

    @property
    def etag(self) -> str:
        """Names the revision that the form was opened on."""
        return etag(self.based_on) if self.based_on else ""

    def groups(self) -> list[tuple[str, list[Field]]]:
        """The form's sections with their fields."""
        own = fields(self.type)
        found = [(title, [f for f in own if f.group == title]) for title in GROUPS]
        return [(title, inside) for title, inside in found if inside]

    def other_facts(self) -> list[tuple[str, str]]:
        """Fields whose provenance came from elsewhere and is edited at the form's end."""
        beside_ = {f.name for f in fields(self.type) if f.own_source} | {""}
        keys = [name[6:-7] for name in self.raw if name[:6] == "facts." and name[-7:] == ".source"]
        return [(k, part_label(self.type, f"facts.{k}")) for k in keys if k not in beside_]

    def closure_rows(self) -> list[int]:
        """The numbers of the rows of closures."""
        numbers = {name.split(".")[1] for name in self.raw if name.startswith("closures.")}
        return sorted(int(number) for number in numbers if number.isdecimal())

    def options(self, name: str) -> list[tuple[str, str]]:
        """What a field chooses among; a code that is no more stays, so that it is seen."""
        city = current_app.extensions["city"]
        known = [(term.code, term.title) for term in vocabulary(city, name)]
        codes = {code for code, _ in known}
        given = [self.raw.get(name, "")]
        given += [key.removeprefix(f"{name}.") for key in self.raw if key.startswith(f"{name}.")]
        strange = [(c, code_title(city, name, c)) for c in given if c and c not in codes]
        return [*known, *strange]

    def open_source(self, name: str) -> bool:
        """Whether the fold with a field's own source has something to show."""
        names = (f"facts.{name}.source", f"facts.{name}.confirmed_on")
        return any(self.raw.get(n) or n in self.errors for n in names) or name in self.lacks

    def touched(self, fields_: Mapping[str, str]) -> list[str]:
        """What is called otherwise in a working copy than in this form."""
        names = [n for n in {**self.raw, **fields_} if self.raw.get(n, "") != fields_.get(n, "")]
        names = [n for n in names if n not in (CHANGE_NOTE, "crs")]
        heads = (n if n.startswith(FACTS) else n.partition(".")[0] for n in names)
        return list(dict.fromkeys(self._called(n) for n in heads))

    def note_errors(self, told: list[tuple[str, str]]) -> None:
        """Put mistakes beside their inputs."""
        self.errors = beside(self.type, self.raw, told)

    def note_lacks(self, told: list[tuple[str, str]]) -> None:
        """Put what is missing before submitting beside its inputs."""
        self.lacks = beside(self.type, self.raw, told)

    def ask(self, merged: Merged, theirs: Revision) -> None:
        """Show both values of what conflicts; from now on the form is based on theirs."""
        city = current_app.extensions["city"]
        self.based_on = theirs.id
        self.raw = typed(merged.document) | {CHANGE_NOTE: self.change_note}
        self.mine = {each.part: each.mine for each in merged.conflicts}
        self.theirs = theirs
        self.choices = [
            Choice(
                each.part,
                part_label(self.type, each.part),
                *(
                    in_words(each.part, value, city) or UNKNOWN
                    for value in (each.base, each.theirs, each.mine)
                ),
            )
            for each in merged.conflicts
        ]


def author_of(revision: Revision) -> str:
    """Who saved a revision."""
    if revision.author_id == me().account_id:
        return "您自己"
    people = history.names(db.session, [revision.author_id])
    return people.get(revision.author_id or 0) or history.ORIGINS[revision.origin]


def opened(type_: str, subject: Subject | None, document: Mapping[str, Any] | None) -> Form:
    """The form with a document in it, or a blank one."""
    raw = typed(document) if document is not None else blank(type_)
    if subject is None:
        return Form(type_, new_key(), raw)
    return Form(type_, str(subject.id), raw, subject, subject.last.id)


def new_key() -> str:
    """Names a form of a listing that is not there yet."""
    return f"new-{token_hex(8)}"


def posted(type_: str, subject: Subject | None) -> Form:
    """The form as somebody sent it."""
    given = request.form
    form = Form(type_, given.get("key", ""), kept(given.items(), type_), subject)
    form.based_on = revision_in(given.get("if_match", ""))
    form.mine = _valid(given.get("mine", ""), theirs_of(form))
    return form


def theirs_of(form: Form) -> Revision | None:
    """What the form was opened on, or was merged with."""
    found = db.session.get(Revision, form.based_on) if form.based_on else None
    listed = form.subject is not None and found is not None
    return found if listed and found.listing_id == form.subject.id else None  # type: ignore[union-attr]


def _valid(text: str, theirs: Revision | None) -> dict[str, Any]:
    """One's own values of parts, as they came back with the form; only those that make sense."""
    try:
        given = orjson.loads(text or "{}")
        pairs = list(given.items()) if theirs else []
    except (orjson.JSONDecodeError, AttributeError):
        return {}
    found = {}
    for part, value in pairs:
        try:
            found[part] = parts(canonical(take(theirs.document, part, value))).get(part)  # type: ignore[union-attr]
        except (NotReady, TypeError, ValueError):
            continue
    return found


def chosen(form: Form) -> dict[str, Any]:
    """The document that was typed, with what was chosen where two people had changed one part."""
    theirs = theirs_of(form) if form.mine else None
    document, standing = form.document, parts(theirs.document) if theirs else {}
    for part, mine in form.mine.items():
        choice = request.form.get(f"choose.{part}", "")
        if choice == "mine":
            document = take(document, part, mine)
        elif choice == "theirs":
            document = take(document, part, standing.get(part))
    return document


def undecided(form: Form) -> list[str]:
    """The parts in which nothing was chosen yet."""
    return [
        part
        for part in form.mine
        if request.form.get(f"choose.{part}") not in ("mine", "theirs", "other")
    ]


def rechoose(form: Form) -> None:
    """Show the choices of a form that came back once more, as they were made."""
    theirs = theirs_of(form)
    if theirs is None or not form.mine:
        return
    city, standing = current_app.extensions["city"], parts(theirs.document)
    form.theirs = theirs
    form.choices = [
        Choice(
            part,
            part_label(form.type, part),
            "",
            in_words(part, standing.get(part), city) or UNKNOWN,
            in_words(part, mine, city) or UNKNOWN,
            request.form.get(f"choose.{part}", ""),
        )
        for part, mine in form.mine.items()
    ]


def show(form: Form, status: int = 200, **more: Any) -> Response:
    """The page of the form."""
    return page(
        "staff/edit_listing.html",
        status,
        section="staff.listings",
        form=form,
        city=current_app.extensions["city"],
        mine=orjson.dumps(form.mine).decode() if form.mine else "",
        at_work=_at_work(form),
        **more,
    )


def _at_work(form: Form) -> list[tuple[str, str]]:
    """Who else is typing into it: better told before than after."""
    if form.subject is None:
        return []
    others = working_copies.at_work(db.session, form.subject.id, me().account_id)
    return [(account.name, told_at(at)) for account, at in others]
