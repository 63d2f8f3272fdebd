"""The form of an account: name, role, and where the person may work."""

from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request
from sqlalchemy import func, select

from server.db import AnySession
from server.membership import ANYWHERE, Bounds
from server.models import Listing, Revision, StaffAccount
from server.permissions import UNIT_ROLES
from server.revisions import Refused

MOST_LISTINGS = 200
SHOWN = 8


@dataclass(frozen=True)
class AccountForm:
    """What was typed, as it was typed; ``bounds`` makes sense of it."""

    login: str = ""
    name: str = ""
    role: str = "editor"
    limited: bool = False
    districts: list[str] = field(default_factory=list)
    listings: list[int] = field(default_factory=list)
    """Those that stand in the form already, as boxes."""
    more: str = ""
    """Numbers or names of listings to add."""
    unit: str = ""

    @classmethod
    def empty(cls) -> "AccountForm":
        """For somebody new."""
        return cls()

    @classmethod
    def of(cls, account: StaffAccount) -> "AccountForm":
        """As an account stands."""
        return cls(
            account.login,
            account.name,
            account.role,
            account.districts is not None or account.listings is not None,
            list(account.districts or ()),
            list(account.listings or ()),
            unit=account.unit or "",
        )

    @classmethod
    def sent(cls) -> "AccountForm":
        """As it came with the request."""
        form = request.form
        ids = [text for text in form.getlist("listing")[:MOST_LISTINGS] if _is_id(text)]
        return cls(
            form.get("login", "")[:200],
            form.get("name", "")[:200],
            form.get("role", "")[:20],
            form.get("where") == "limited",
            form.getlist("district")[:100],
            [int(text) for text in ids],
            form.get("more", "")[:1000],
            form.get("unit", "")[:40],
        )

    def bounds(self, session: AnySession) -> Bounds:
        """Where the person may work.

        Raises:
            Refused: a unit, a district or a listing is not there, or a name fits several.
        """
        if self.role in UNIT_ROLES:
            return ANYWHERE._replace(unit=self._known_unit())
        if not self.limited:
            return ANYWHERE
        known = {one.code for one in current_app.extensions["city"].districts}
        if not set(self.districts) <= known:
            raise Refused("没有这个区县")
        listings = sorted({*self.listings, *_found(session, self.more)})
        there = set(session.scalars(select(Listing.id).where(Listing.id.in_(listings))))
        if missing := [str(id_) for id_ in listings if id_ not in there]:
            raise Refused(f"没有编号 {'、'.join(missing)} 的条目")
        if len(listings) > MOST_LISTINGS:
            raise Refused(f"条目不超过 {MOST_LISTINGS} 个；更多时请按区县")
        return Bounds(self.districts, listings)

    def _known_unit(self) -> str | None:
        if self.unit and self.unit not in units():
            raise Refused("没有这个单位")
        return self.unit or None


def units() -> list[str]:
    """Every unit of every programme, in the order of the newest that names it."""
    programmes = current_app.extensions["programmes"].values()
    return list(dict.fromkeys(unit for programme in programmes for unit in programme.units))


def named_listings(session: AnySession, ids: list[int]) -> list[tuple[int, str]]:
    """Listings with the names that their newest revisions give them."""
    return [(id_, name) for id_, name in session.execute(_names().where(Listing.id.in_(ids)))]


def _found(session: AnySession, text: str) -> list[int]:
    """What numbers and names, one a line or between commas, stand for."""
    for sign in "，、；;\n\r":
        text = text.replace(sign, ",")
    words = [word.strip() for word in text.split(",") if word.strip()]
    return [int(word) if _is_id(word) else _named(session, word) for word in words]


def _named(session: AnySession, word: str) -> int:
    said = Revision.document["name"].as_string()
    found = session.execute(
        _names().where(said.contains(word, autoescape=True)).limit(SHOWN + 1)
    ).all()
    exact = [row for row in found if row[1] == word]
    if len(exact or found) == 1:
        return int((exact or found)[0][0])
    if not found:
        raise Refused(f"没有名称含“{word}”的条目")
    told = "、".join(f"{id_} {name}" for id_, name in found[:SHOWN])
    more = "等" if len(found) > SHOWN else ""
    raise Refused(f"名称含“{word}”的不止一个：{told}{more}。请填编号")


def _names() -> Any:
    newest = select(func.max(Revision.id)).group_by(Revision.listing_id)
    return (
        select(Listing.id, Revision.document["name"].as_string())
        .join(Revision, Revision.listing_id == Listing.id)
        .where(Revision.id.in_(newest))
        .order_by(Listing.id)
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
