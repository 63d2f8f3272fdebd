"""Who wants to be told when a line is suspended or changed.

Public names: ``subscribe``, ``unsubscribe``, ``of``, ``counted_here``.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select

from config.settings import Settings
from server.db import AnySession
from server.mailings import consents
from server.models import BusSubscription
from server.people.persons import hold


def subscribe(
    session: AnySession, person_id: int, route_id: int, accepted: Iterable[str] = ()
) -> None:
    """Note that somebody wants to hear of a line; once is enough. It must be a public one.

    ``accepted``: the templates to which the person has just said yes, each counted once. Within
    ``server.revisions.writing``.

    Raises:
        SignedOut: the person was erased meanwhile.
    """
    hold(session, person_id)
    if session.get(BusSubscription, (person_id, route_id)) is None:
        session.add(BusSubscription(person_id=person_id, route_id=route_id))
        session.flush()
    consents.accept(session, person_id, accepted)


def unsubscribe(session: AnySession, person_id: int, route_id: int) -> None:
    """Tell them no more; nothing happens if they were not to be told.

    What WeChat lets us send stays: it belongs to no line.
    """
    session.execute(
        delete(BusSubscription).where(
            BusSubscription.person_id == person_id, BusSubscription.route_id == route_id
        )
    )


def of(session: AnySession, person_id: int) -> Sequence[BusSubscription]:
    """Somebody's, the latest first."""
    row = BusSubscription
    mine = select(row).where(row.person_id == person_id)
    return session.scalars(mine.order_by(row.made_at.desc(), row.route_id)).all()


def counted_here(settings: Settings) -> bool:
    """Whether the mini-program tells of each yes; else WeChat's pushes do."""
    return settings.wechat_push_token is None or settings.wechat_push_aes_key is None
