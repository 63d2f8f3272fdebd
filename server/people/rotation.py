"""Changing the key of the openids, with nobody lost and nobody signed out.

Public names: ``rotate``, ``Rotated``.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from config.settings import Settings
from server import audit
from server.db import AnySession
from server.models import Person
from server.people.keys import Key, KeyLost, KeyRing, kept_in, key_ring
from server.revisions import writing

BATCH = 500
"""People a transaction: others may write in between."""


@dataclass(frozen=True)
class Rotated:
    """What came of it: how many people are known by the newest key who were not before, and how
    many can't be, as the key that they were sealed with is lost."""

    people: int
    left: int


def rotate(session: AnySession, settings: Settings) -> Rotated:
    """Hash and seal every openid anew with the newest key.

    Where no setting gives the keys, a new one is made first and kept before those of the file; of
    these the last one stays (a worker may have read it a moment ago), and those that somebody is
    still known by. Interrupted, it is done by doing it again.

    Raises:
        UnusableKey, OSError: as ``server.people.keys.key_ring``.
    """
    ring = key_ring(settings)
    if settings.people_key is None:
        _keep(settings, [secrets.token_urlsafe(48), *_kept(settings)])
        ring = key_ring(settings)
    people, left, last = 0, 0, 0
    while True:
        with writing(session):
            batch = _batch(session, ring.newest, last)
            renewed = [_renew(session, person, ring) for person in batch]
            last = batch[-1].id if batch else last
        if not batch:
            break
        people, left = people + sum(renewed), left + renewed.count(False)
    with writing(session):
        audit.record(session, "cli", "people.keys_rotated", detail={"people": people, "left": left})
    if settings.people_key is None:
        _forget_former(session, settings, ring)
    return Rotated(people, left)


def _batch(session: AnySession, newest: Key, after: int) -> Sequence[Person]:
    return session.scalars(
        select(Person)
        .where(Person.key_id != newest.id, Person.id > after)
        .order_by(Person.id)
        .limit(BATCH)
        .with_for_update()
    ).all()


def _renew(session: AnySession, person: Person, ring: KeyRing) -> bool:
    try:
        made = ring.newest.identity(ring.unseal(person.openid_sealed, person.key_id))
        with session.begin_nested():
            person.openid_hash, person.openid_sealed = made.hash, made.sealed
            person.key_id = made.key_id
    except (KeyLost, IntegrityError):
        # The latter: somebody signed in anew while their key was missing. They are two people now.
        return False
    return True


def _forget_former(session: AnySession, settings: Settings, ring: KeyRing) -> None:
    """Keep the newest key, the one before it, and those that somebody is known by."""
    used = set(session.scalars(select(Person.key_id).distinct()))
    kept = zip(_kept(settings), ring.keys, strict=True)
    _keep(settings, [text for n, (text, key) in enumerate(kept) if n < 2 or key.id in used])


def _kept(settings: Settings) -> list[str]:
    return kept_in(settings).read_text("ascii").split()


def _keep(settings: Settings, keys: list[str]) -> None:
    """Replace the file as a whole: whoever reads it meanwhile reads the former one."""
    path = kept_in(settings)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
