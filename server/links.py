"""Which links that set a password are good, and the end of them.

Public names: ``are_good``, ``void``. Links are made and used in ``server.invitations``; here is
what everybody needs who settles a password, or shuts somebody out, in another way.
"""

from sqlalchemy import ColumnElement, select

from server.db import AnySession, now
from server.models import Invitation


def are_good() -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a link opens anything."""
    return (
        Invitation.used_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now(),
    )


def void(session: AnySession, account_id: int) -> bool:
    """Make the links of an account void; whether there was one. The caller records and commits."""
    good = session.scalars(
        select(Invitation).where(Invitation.account_id == account_id, *are_good())
    ).all()
    for invitation in good:
        invitation.revoked_at = now()
    return bool(good)
