"""The keys with which WeChat's openids are hashed and sealed.

Public names: ``Key``, ``KeyRing``, ``Identity``, ``KeyLost``, ``key_ring``,
``secrets_of``, ``kept_in``.

Whoever steals the database learns no openid and can't even test a guess: both forms need a key
that is not in it. There may be several keys, the newest first: what is new is made with the newest,
and what was made with the others is still found and read until it is made anew (see
``server.people.rotation``).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.settings import Settings
from server.secret_key import SHORTEST, UnusableKey, make_key


class KeyLost(Exception):
    """An openid was sealed with a key that is not among those in force, or altered."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An openid as it is kept."""

    hash: str
    sealed: bytes
    key_id: str


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """What is derived from one secret: its name, and a key for each purpose (RFC 5869)."""

    id: str
    hashing: bytes
    sealing: bytes

    def hash(self, openid: str) -> str:
        """HMAC-SHA256 in hexadecimal."""
        return hmac.new(self.hashing, openid.encode(), hashlib.sha256).hexdigest()

    def identity(self, openid: str) -> Identity:
        """The openid, hashed and sealed with this key."""
        from cryptography.fernet import Fernet

        return Identity(self.hash(openid), Fernet(self.sealing).encrypt(openid.encode()), self.id)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys in force, the newest first; there is at least one."""

    keys: tuple[Key, ...]

    @property
    def newest(self) -> Key:
        """The key for what is new."""
        return self.keys[0]

    def hashes(self, openid: str) -> list[str]:
        """What the openid may be known by, by the newest key first."""
        return [key.hash(openid) for key in self.keys]

    def unseal(self, sealed: bytes, key_id: str) -> str:
        """The openid.

        Raises:
            KeyLost: the key is not in force any more, or this was not sealed with it.
        """
        from cryptography.fernet import Fernet, InvalidToken

        for key in self.keys:
            if key.id == key_id:
                try:
                    return Fernet(key.sealing).decrypt(sealed).decode()
                except InvalidToken as error:
                    raise KeyLost from error
        raise KeyLost


def key_ring(settings: Settings) -> KeyRing:
    """The keys of the settings, or else those kept in ``instance``, where one is made at first.

    The file is read each time, so that a key that was added is known to all workers at once.

    Raises:
        UnusableKey: one of them is too short, or there is none.
        OSError: the file can be neither read nor made.
    """
    return KeyRing(tuple(_derived(secret) for secret in secrets_of(settings)))


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """What the keys are derived from, the newest first; raises as ``key_ring`` does.

    For whoever only wants to know that they are there: deriving loads the library of ciphers,
    which takes more memory than a worker needs that never signs anybody in.
    """
    given = settings.people_key.get_secret_value() if settings.people_key else ""
    if given.strip():
        return _long_enough([part.strip() for part in given.split(",")], "TONGYOU_PEOPLE_KEY")
    path = kept_in(settings)
    if not path.exists():
        make_key(path)
    return _long_enough(path.read_text("ascii", errors="replace").split(), str(path))


def kept_in(settings: Settings) -> Path:
    """The file of the keys that no setting gives: one a line, the newest first."""
    return settings.instance / "people_key"


def _long_enough(secrets: list[str], source: str) -> tuple[str, ...]:
    if not secrets or any(len(secret) < SHORTEST for secret in secrets):
        raise UnusableKey(
            f"{source} 不是有效的密钥：每把至少 {SHORTEST} 个随机字符。"
            "不要删除或更换它，否则认不出小程序的用户；请从备份恢复"
        )
    return tuple(secrets)


@cache
def _derived(secret: str) -> Key:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    def derive(purpose: str) -> bytes:
        made = HKDF(SHA256(), length=32, salt=None, info=f"tongyou: {purpose}".encode())
        return made.derive(secret.encode())

    return Key(
        id=derive("name of the key of openids").hex()[:16],
        hashing=derive("hash of openids"),
        sealing=base64.urlsafe_b64encode(derive("seal of openids")),
    )
