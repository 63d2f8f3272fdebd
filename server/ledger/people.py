"""Who acts on the ledger, and on whose part of it.

Public names: ``LedgerPerson``, ``Unseen``, ``refuse_unless``, ``refuse_unseen``.
"""

from typing import Protocol

from server.permissions import Action, may, of_their_own
from server.revisions import Refused


class LedgerPerson(Protocol):
    """A signed-in member of staff, or a unit's own system by its token (without an account)."""

    @property
    def account_id(self) -> int | None: ...

    @property
    def login(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def unit(self) -> str | None: ...


class Unseen(Refused):
    """It is another unit's, or nothing of the kind is owed."""


def refuse_unless(by: LedgerPerson, action: Action, unit: str | None = None) -> None:
    """Let through who may do this, and to this unit's part.

    Raises:
        Unseen: the unit's part is not theirs.
        Refused: their role does not include it.
    """
    if unit is not None:
        refuse_unseen(by, unit)
    if not may(by, action):
        raise Refused("您的角色不能做这件事")


def refuse_unseen(by: LedgerPerson, unit: str) -> None:
    """Let through who may see this unit's part.

    Raises:
        Unseen: it is not theirs.
    """
    if not (may(by, Action.VIEW_LEDGER) and of_their_own(by, unit)):
        raise Unseen("这是其他单位的台账，您不能查看或填报")
