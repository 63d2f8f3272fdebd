"""The codes on the posters: signed, unguessable, revocable; good until they are revoked.

Public names: ``code_for``, ``make``, ``of_base``, ``of_bases``, ``of_merged``, ``renew``,
``keep_picture``, ``opened``, ``Forged``, ``Revoked``. What changes anything changes the session
only and records it: run it within ``server.revisions.writing``.

A code is ``<listing>.<nonce>.<signature>``, in letters and digits (WeChat's ``scene`` takes 32
characters). The signature keeps guesses away from the database; that the code stands in the table,
and is not revoked, is what makes it good.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from server import audit
from server.db import AnySession, now
from server.models import Listing, Scene, StoredFile
from server.revisions import Member, Refused

_CODE = re.compile(r"([0-9a-z]{1,6})\.([0-9a-z]{8})\.([0-9a-z]{12})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SIGNATURE = 12
"""Characters: 60 bits, in base 32; the nonce has 40."""


class Forged(Refused):
    """No code of ours."""

    def __init__(self) -> None:
        super().__init__("这不是实践基地的打卡码")


class Revoked(Refused):
    """It was one once."""

    def __init__(self) -> None:
        super().__init__("这张打卡码已经停用，请扫描馆内最新的一张")


def of_base(session: AnySession, listing_id: int) -> Scene | None:
    """The code that hangs at a base now."""
    query = select(Scene).where(Scene.listing_id == listing_id, Scene.revoked_at.is_(None))
    return session.scalars(query.order_by(Scene.id.desc()).limit(1)).first()


def make(session: AnySession, by: Member, key: str, listing_id: int) -> Scene:
    """The base's code, made if there is none. ``key``: the service's own secret."""
    _hold(session, listing_id)
    found = of_base(session, listing_id)
    if found is not None:
        return found
    scene = Scene(listing_id=listing_id, code=code_for(key, listing_id), made_by=by.account_id)
    session.add(scene)
    session.flush()
    audit.record(session, by, "scene.made", "listing", listing_id, {"scene": scene.id})
    return scene


def renew(session: AnySession, by: Member, key: str, listing_id: int) -> Scene:
    """Revoke the base's codes, and make another: the poster was copied, say.

    Revoked are also those of listings that were merged into it: they stamp for it.
    """
    _hold(session, listing_id)
    places = _with_merged(session, listing_id)
    query = select(Scene).where(Scene.listing_id.in_(places), Scene.revoked_at.is_(None))
    revoked = session.scalars(query.order_by(Scene.id)).all()
    for scene in revoked:
        scene.revoked_at, scene.revoked_by = now(), by.account_id
    session.flush()
    if revoked:
        told = {"scenes": [scene.id for scene in revoked]}
        audit.record(session, by, "scene.revoked", "listing", listing_id, told)
    return make(session, by, key, listing_id)


def _hold(session: AnySession, listing_id: int) -> None:
    """Nobody else makes a code of the base meanwhile: the second of two at once finds one."""
    session.get(Listing, listing_id, with_for_update=True)


def _with_merged(session: AnySession, listing_id: int) -> set[int]:
    """The listing, and those that lead to it, by whatever way."""
    found, last = {listing_id}, {listing_id}
    while last:
        query = select(Listing.id).where(Listing.merged_into_id.in_(last))
        last = set(session.scalars(query)) - found
        found |= last
    return found


def of_merged(session: AnySession, listing_id: int) -> Sequence[Scene]:
    """The codes that still hang at the place under the numbers that were merged into it."""
    merged = _with_merged(session, listing_id) - {listing_id}
    query = select(Scene).where(Scene.listing_id.in_(merged), Scene.revoked_at.is_(None))
    return session.scalars(query.order_by(Scene.id)).all()


def keep_picture(session: AnySession, by: Member, scene: Scene, picture: StoredFile) -> None:
    """Keep WeChat's mini-program code of a scene, which is good as long as the scene."""
    scene.picture_id = picture.id
    session.flush()
    told = {"scene": scene.id, "sha256": picture.sha256}
    audit.record(session, by, "scene.pictured", "listing", scene.listing_id, told)


def of_bases(session: AnySession) -> Mapping[int, Scene]:
    """By listing id the codes that hang at bases now."""
    query = select(Scene).where(Scene.revoked_at.is_(None)).order_by(Scene.id)
    return {scene.listing_id: scene for scene in session.scalars(query)}


def opened(session: AnySession, key: str, code: str) -> int:
    """The listing id of the base whose code this is.

    Raises:
        Forged: it is none of ours.
        Revoked: it is not good any more.
    """
    found = _CODE.fullmatch(code)
    if found is None:
        raise Forged
    listing, nonce, signature = found.groups()
    if not hmac.compare_digest(_signature(key, listing, nonce), signature):
        raise Forged
    scene = session.scalars(select(Scene).where(Scene.code == code)).first()
    if scene is None:
        raise Forged
    if scene.revoked_at is not None:
        raise Revoked
    return scene.listing_id


def code_for(key: str, listing_id: int) -> str:
    """A new code for a base."""
    listing, nonce = _base36(listing_id), _text(secrets.token_bytes(5))
    return f"{listing}.{nonce}.{_signature(key, listing, nonce)}"


def _signature(key: str, listing: str, nonce: str) -> str:
    told = f"tongyou scene {listing}.{nonce}".encode()
    return _text(hmac.digest(key.encode(), told, hashlib.sha256)[:10])[:_SIGNATURE]


def _text(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").lower().rstrip("=")


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
