"""Whether a year of the ledger is made up: said by the audit trail, which nobody can take back.

Public names: ``FILLED``, ``SUBJECT``, ``MARK``, ``is_demo``, ``demo_years``.
"""

from sqlalchemy import select

from server.db import AnySession
from server.models import AuditEvent

FILLED = "ledger.demo_filled"
SUBJECT = "programme"
MARK = "示例数据，不是真实的工作进展"


def is_demo(session: AnySession, year: int) -> bool:
    """Whether the year was filled by ``flask progress demo``."""
    return year in demo_years(session)


def demo_years(session: AnySession) -> frozenset[int]:
    """The years that were."""
    query = select(AuditEvent.subject_id).where(
        AuditEvent.subject_type == SUBJECT, AuditEvent.action == FILLED
    )
    return frozenset(year for year in session.scalars(query) if year is not None)
