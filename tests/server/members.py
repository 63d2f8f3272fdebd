"""Members of staff for tests of rules: an account, as those who act are known by."""

from server import accounts
from server.db import db
from server.imports.batches import Staff, member
from server.revisions import Member


def hired(role: str, login: str = "", districts: list[str] | None = None) -> Member:
    """A new account of a role, as who acts."""
    account, _ = accounts.create_account(login or role, role, "某人")
    account.districts = districts
    db.session.commit()
    found = member(db.session, account.id)
    assert isinstance(found, Staff)
    return found
