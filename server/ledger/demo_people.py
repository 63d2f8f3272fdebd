"""Who acts in the made-up year. Public names: ``Somebody``, ``LOGIN``, ``REVIEWER``, ``HEAD``."""

from dataclasses import dataclass

LOGIN = "示例"


@dataclass(frozen=True)
class Somebody:
    """A made-up person: no account, nobody can sign in as one."""

    role: str
    unit: str | None = None
    account_id: None = None
    login: str = LOGIN


REVIEWER, HEAD = Somebody("office_reviewer"), Somebody("office_head")
"""Of the office."""
