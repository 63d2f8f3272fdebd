"""Passwords: how they are kept, and which are good enough.

Public names: ``hashed``, ``matches``, ``new_password``, ``objection``, ``SHORTEST``, ``LONGEST``.
"""

import re
import secrets
import string
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Letters and digits that nobody mistakes for another when reading from paper.
READABLE = "".join(c for c in string.ascii_lowercase + string.digits if c not in "il1o0")
GROUPS, GROUP = 4, 5
"""A new password: 4 groups of 5 of 31 signs, some 99 bits."""

SHORTEST, LONGEST = 12, 200
"""Characters of a password that somebody chooses."""

FEW_LETTERS = 4
"""A password that has fewer letters once all that is common is taken away is a common one."""

_COMMON = re.compile(
    r"password|passw0rd|qwertyuiop|qwerty|asdfgh|zxcvbn|1qaz2wsx|qazwsx|administrator|admin|root"
    r"|letmein|welcome|iloveyou|woaini|abc|test|user|tongyoutu|tongyou|zibo|shandong|child|fulian"
    r"|童友图|淄博|妇联|[\W\d_]"
)

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """A hash that no password has. It costs as much as a sign-in: not every process needs one."""
    return _hasher.hash(secrets.token_hex())


def hashed(password: str) -> str:
    """As it is kept: argon2id, in the PHC string format."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one kept; as slow where none is kept, and then False."""
    nobody = _nobody()
    try:
        _hasher.verify(kept or nobody, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def new_password() -> str:
    """A random password that can be read out and typed."""
    return readable_code(GROUPS)


def readable_code(groups: int) -> str:
    """``groups`` groups of 5 random signs, joined by hyphens: some 25 bits a group."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(GROUP)) for _ in range(groups))


def objection(password: str, login: str) -> str | None:
    """What speaks against choosing a password, in Chinese; None if nothing does."""
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 个字"
    if len(password) > LONGEST:
        return f"密码不超过 {LONGEST} 个字"
    plain, own = password.casefold(), login.casefold()
    if plain == own:
        return "密码不能与登录名相同"
    if len(set(plain)) < FEW_LETTERS + 1:
        return "这个密码重复的字太多，容易猜到"
    if len(_COMMON.sub("", plain.replace(own, ""))) < FEW_LETTERS:
        return "这个密码太常见，容易猜到；不妨用几个不相干的词连在一起"
    return None
