"""Who may do what. Every view of the console names one of these actions; none goes without.

Public names: ``Action``, ``ALLOWED``, ``UNIT_ROLES``, ``Person``, ``UnitPerson``, ``may``,
``within_bounds``, ``of_their_own``.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol


class Action(StrEnum):
    """Something that a member of staff does."""

    OWN_ACCOUNT = "own_account"
    """One's own password, second step and sessions."""
    VIEW = "view"
    """Listings, histories, what waits, what was published."""
    EDIT = "edit"
    """Sites and hotlines within one's bounds: drafts, submitting, confirming."""
    CLOSE = "close"
    """The emergency: closed today, live at once and checked after."""
    EDIT_LINES = "edit_lines"
    """School lines: stops, times, calendars."""
    NOTIFY = "notify"
    """Notices of the lines within one's bounds, published at once."""
    IMPORT = "import"
    EXPORT = "export"
    REVIEW = "review"
    """Approve or return what somebody else has submitted; check what went live at once."""
    RETIRE = "retire"
    """Take a listing off the map, bring it back, merge two."""
    PUBLISH = "publish"
    """Publish now or at a time, roll back."""
    ACCOUNTS = "accounts"
    AUDIT = "audit"
    VIEW_LEDGER = "view_ledger"
    """The ledger: a unit's people see their unit's, the others all."""
    REPORT = "report"
    """One's unit's reports: write, hand in, withdraw, seal; its lists and important matters."""
    ANSWER_FOR_UNIT = "answer_for_unit"
    """What a unit's head does besides: confirm an action's totals, correct what was accepted."""
    REVIEW_REPORTS = "review_reports"
    """The office: accept, return, match a scan by hand, answer important matters."""
    RUN_LEDGER = "run_ledger"
    """The office: close a quarter and open it again."""
    LEDGER_TOKENS = "ledger_tokens"
    """Tokens for systems that speak to the ledger: a unit's head its own, the office all."""


_EVERYONE = {Action.OWN_ACCOUNT, Action.VIEW, Action.EXPORT}
_EDITOR = _EVERYONE | {Action.EDIT, Action.CLOSE, Action.IMPORT}
_REVIEWER = _EDITOR | {Action.EDIT_LINES, Action.REVIEW, Action.RETIRE}
_PUBLISHER = _REVIEWER | {Action.NOTIFY, Action.PUBLISH, Action.AUDIT}

_LEDGER = {Action.OWN_ACCOUNT, Action.VIEW_LEDGER}
_REPORTER = _LEDGER | {Action.REPORT}
_OFFICE = _LEDGER | {Action.REVIEW_REPORTS}

ALLOWED: Mapping[str, frozenset[Action]] = {
    "viewer": frozenset(_EVERYONE),
    "editor": frozenset(_EDITOR),
    "reviewer": frozenset(_REVIEWER),
    "publisher": frozenset(_PUBLISHER),
    "dispatcher": frozenset(_EVERYONE | {Action.NOTIFY}),
    # Nobody but a unit's own people speaks for the unit.
    "administrator": frozenset(Action) - {Action.REPORT, Action.ANSWER_FOR_UNIT},
    "reporter": frozenset(_REPORTER),
    "unit_head": frozenset(_REPORTER | {Action.ANSWER_FOR_UNIT, Action.LEDGER_TOKENS}),
    "office_reviewer": frozenset(_OFFICE),
    "office_head": frozenset(_OFFICE | {Action.RUN_LEDGER, Action.LEDGER_TOKENS}),
    "leader": frozenset(_EVERYONE | {Action.VIEW_LEDGER}),
}
"""By role. That nobody approves what is their own is a rule of ``server.review``, not of a role."""

UNIT_ROLES = frozenset({"reporter", "unit_head"})
"""Roles that are nothing without a unit."""


class Person(Protocol):
    """Whoever acts: an account, or the signed-in user who stands for one."""

    role: str
    districts: list[str] | None
    listings: list[int] | None


class UnitPerson(Protocol):
    """Whoever acts on the ledger: an account, a signed-in user, or a unit's own system."""

    @property
    def role(self) -> str: ...

    @property
    def unit(self) -> str | None: ...


def may(person: Person | UnitPerson, action: Action) -> bool:
    """Whether the person's role includes the action, on whatever it is done."""
    return action in ALLOWED.get(person.role, frozenset())


def of_their_own(person: UnitPerson, unit: str) -> bool:
    """Whether a unit's part of the ledger is the person's to see: their own, or everybody's."""
    return person.unit == unit or (person.unit is None and person.role not in UNIT_ROLES)


def within_bounds(
    person: Person, document: Mapping[str, Any], listing_id: int | None = None
) -> bool:
    """Whether a listing, as its document stands, is one that the person may change.

    A notice is within bounds if all routes that it names are; one for all routes is for those
    without bounds. A listing that is not there yet has no id and goes by its district alone.
    """
    if person.districts is None and person.listings is None:
        return True
    own = set(person.listings or ())
    if document.get("type") == "notice":
        routes = set(document.get("routes") or ())
        return bool(routes) and routes <= own
    return listing_id in own or document.get("district") in (person.districts or ())
