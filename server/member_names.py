"""Who stands behind an account's number.

Public names: ``names``.
"""

from collections.abc import Iterable

from sqlalchemy import select

from server.db import AnySession
from server.models import StaffAccount


def names(session: AnySession, accounts: Iterable[int | None]) -> dict[int | None, str]:
    """By account id the person's name; what nobody did was done by the system."""
    ids = {id_ for id_ in accounts if id_ is not None}
    rows = session.execute(
        select(StaffAccount.id, StaffAccount.name, StaffAccount.login).where(
            StaffAccount.id.in_(ids)
        )
    )
    return {None: "系统"} | {id_: name or login for id_, name, login in rows}
