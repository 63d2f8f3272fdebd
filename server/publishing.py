"""Approved revisions -> the next edition -> every worker.

The order is what makes it safe: pack and bake first, then one short transaction that inserts
the edition, then the machine's pointer, then the message to others. Whatever stops it before
the insertion leaves the former edition in force; whatever stops it after, the workers make up
for by looking at the database.

A publisher sees committed rows only, by a connection of its own: commit before publishing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, Text, cast, func, select, true
from sqlalchemy.orm import aliased

from config.settings import Settings
from geo.calendar import CalendarDay
from geo.city import City
from geo.edition import DamagedEdition
from server import composing, editions
from server.calendar_days import calendar_days
from server.composing import Approved, Composer, Content, Retired
from server.db import db, exclusive, now
from server.edition_cache import EditionCache
from server.edition_entry import PLAIN, Errand, Line, enter
from server.edition_message import announce
from server.models import Listing, Revision

log = structlog.get_logger()

READ_AT_ONCE = 10_000
"""Rows fetched at a time."""


Composing = Callable[[Connection, Content, int], Content]
"""From the database and the former edition's content to the next one's, by its number."""


class NoSuchEdition(LookupError):
    """There is no edition of this number, or it can't be read."""


class ContentChanged(Exception):
    """What would be published is no longer what somebody has looked at; nothing was published."""

    def __init__(self) -> None:
        super().__init__("内容已经变了，请再看一遍")


class Prepared(NamedTuple):
    """The edition in force, or the newest that can be read, and what would come after it."""

    former: Content
    content: Content


@dataclass(frozen=True)
class Published:
    """What publishing did.

    ``is_new`` is False when nothing had changed: then ``number`` is the edition in force.
    ``changed`` counts entries that are new or changed, ``removed`` those that left the map.
    """

    number: int
    is_new: bool
    total: int
    changed: int
    removed: int
    official: bool
    restored_from: int | None = None


def publish(
    settings: Settings,
    city: City,
    *,
    by: int | None = None,
    note: str = "",
    force: bool = False,
    only: Collection[int] | None = None,
    errand: Errand = PLAIN,
    at: datetime | None = None,
) -> Published:
    """Publish what is approved. ``by`` is a staff account's id; None means the command line.

    ``force`` makes an edition even if it says the same as the one in force. With ``only`` these
    listings go out as they are approved or retired, on top of the edition in force: all else that
    is approved, the city and the calendar included, waits for the next publishing without. What is
    over or not yet is judged as of ``at``; None: as of now.

    Raises:
        NotPublishable: approved documents that can't be shown; all problems are in it.
        ContentChanged: it is not what the errand expects.
        CannotStore: this machine's disk is full, say; nothing was published.
        sqlalchemy.exc.SQLAlchemyError: the database is away; nothing was published.
    """
    return _issue(settings, _approved_on(city, only, at), Line(by, note), errand, force=force)


def rollback(
    settings: Settings,
    number: int,
    *,
    by: int | None = None,
    note: str = "",
    errand: Errand = PLAIN,
) -> Published:
    """Publish the content of edition ``number`` again. Listings that it lacks get a tombstone.

    The revisions stay as they are: the next publishing shows all that is approved again.

    Raises:
        NoSuchEdition: there is no such edition, or its stored bytes are damaged.
        ContentChanged, CannotStore, sqlalchemy.exc.SQLAlchemyError: as ``publish``.
    """
    return _issue(settings, _restored(number), Line(by, note, number), errand)


def prepare(city: City) -> Prepared:
    """What ``publish`` would put out at this moment; nothing is stored.

    Raises:
        NotPublishable: as ``publish``.
    """
    return _prepared(_approved_on(city))


def prepare_rollback(number: int) -> Prepared:
    """What ``rollback`` would put out at this moment; nothing is stored.

    Raises:
        NoSuchEdition: as ``rollback``.
    """
    return _prepared(_restored(number))


def content_of(number: int) -> Content:
    """What the public saw in an edition.

    Raises:
        NoSuchEdition: as ``rollback``.
    """
    with db.engine.connect() as connection:
        return _stored(connection, number)


def history() -> list[editions.EditionLine]:
    """All editions, the newest first."""
    with db.engine.connect() as connection:
        return editions.history(connection)


def _approved_on(
    city: City, only: Collection[int] | None = None, at: datetime | None = None
) -> Composing:
    def compose(connection: Connection, former: Content, number: int) -> Content:
        if only is not None and former.number:
            return _on_top(connection, former, number, only, at or now())
        days = calendar_days(connection)
        composer = Composer(former, number, city, days, at or now())
        return composer.compose(_approved(connection, only), _retired(connection))

    return compose


def _restored(number: int) -> Composing:
    def compose(connection: Connection, former: Content, next_number: int) -> Content:
        old = _stored(connection, number)
        city = City.model_validate(old.city)
        return Composer(former, next_number, city, [], now()).restore(old)

    return compose


def _stored(connection: Connection, number: int) -> Content:
    stored = editions.packed(connection, number)
    if stored is None:
        raise NoSuchEdition(f"没有第 {number} 期")
    try:
        return composing.read(stored)
    except DamagedEdition as error:
        raise NoSuchEdition(f"第 {number} 期已损坏，不能恢复") from error


def _prepared(compose: Composing) -> Prepared:
    with _snapshot() as connection:
        newest = editions.newest(connection)
        former = _former(connection)
        return Prepared(former, compose(connection, former, (newest[0] if newest else 0) + 1))


def _issue(
    settings: Settings, compose: Composing, line: Line, errand: Errand, *, force: bool = False
) -> Published:
    with exclusive(db.engine, settings.editions, "publishing"):
        errand.progress(0, "正在比对已审核的内容")
        former, content = _prepared(compose)
        if errand.expected not in (None, content.digest()):
            raise ContentChanged
        in_force = former.number == content.number - 1
        if former.number and in_force and not force and content.says_the_same_as(former):
            return _published(former, is_new=False)
        done = _published(content, is_new=True, restored_from=line.restored_from)
        _put_out(settings, content, line, errand, done)
    announce(settings.redis_url, content.number)
    return done


def _snapshot() -> Connection:
    """A connection whose questions are all answered as of one moment."""
    if db.engine.dialect.name == "postgresql":
        return db.engine.connect().execution_options(isolation_level="REPEATABLE READ")
    return db.engine.connect()


def _put_out(
    settings: Settings, content: Content, line: Line, errand: Errand, done: Published
) -> None:
    cache = EditionCache(settings.editions, settings.editions_kept)
    moment = now()
    errand.progress(1, "正在打包并建立索引")
    edition = composing.write(content, moment)
    folder = cache.store(edition)
    errand.progress(2, "正在写入数据库")
    enter(edition, moment, line, errand, vars(done))
    cache.point(folder)
    cache.prune()
    log.info("edition_published", number=edition.number, sha256=edition.sha256[:8])


def _former(connection: Connection) -> Content:
    """The newest edition that can be read, for what has changed since.

    A damaged one counts as never published: all that it changed is told as changed again.
    """
    for line in editions.history(connection):
        stored = editions.packed(connection, line.number)
        try:
            if stored is not None:
                return composing.read(stored)
        except DamagedEdition as error:
            log.warning("edition_damaged_in_database", number=line.number, error=str(error))
    return composing.NOTHING


def _on_top(
    connection: Connection, former: Content, number: int, only: Collection[int], at: datetime
) -> Content:
    city = City.model_validate(former.city)
    days = [CalendarDay.model_validate(day) for day in former.calendar]
    retired = {id_: why for id_, why in _retired(connection).items() if id_ in only}
    composer = Composer(former, number, city, days, at)
    return composer.add(_approved(connection, only), retired)


def _approved(connection: Connection, only: Collection[int] | None = None) -> list[Approved]:
    """The newest approved revision of each active listing, or of some, in order of id."""
    other = aliased(Revision)
    newest = (
        select(func.max(other.id))
        .where(other.listing_id == Listing.id, other.state == "approved")
        .scalar_subquery()
    )
    rows = connection.execution_options(yield_per=READ_AT_ONCE).execute(
        select(
            Listing.id,
            cast(Revision.document, Text),
            Revision.origin,
            func.coalesce(Revision.decided_at, Revision.created_at),
        )
        .join(Revision, Revision.id == newest)
        .where(Listing.state == "active")
        .where(Listing.id.in_(only) if only is not None else true())
        .order_by(Listing.id)
    )
    return [Approved(*row) for row in rows]


def _retired(connection: Connection) -> dict[int, Retired]:
    rows = connection.execute(
        select(Listing.id, Listing.retired_on, Listing.retire_reason, Listing.merged_into_id).where(
            Listing.state != "active"
        )
    )
    return {row.id: Retired(row.retired_on, row.retire_reason, row.merged_into_id) for row in rows}


def _published(content: Content, *, is_new: bool, restored_from: int | None = None) -> Published:
    return Published(
        number=content.number,
        is_new=is_new,
        total=len(content.entries),
        changed=content.changed() if is_new else 0,
        removed=content.removed() if is_new else 0,
        official=content.official,
        restored_from=restored_from,
    )
