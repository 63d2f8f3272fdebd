"""The second step of signing in: a code of the phone (TOTP, RFC 6238), or a recovery code.

Public names: ``is_set_up``, ``is_required``, ``new_secret``, ``seal``, ``unseal``, ``address``,
``accepted_step``, ``set_up``, ``remove``, ``verify``, ``new_recovery``,
``SecretLost``. The secret is kept encrypted with a key derived from the service's own: a stolen
copy of the database makes no codes.
"""

import base64
import hashlib
import hmac
import unicodedata
from datetime import datetime

import pyotp

from server.models import StaffAccount
from server.passwords import readable_code

PRIVILEGED = frozenset({"publisher", "administrator"})
ISSUER = "童友图"
STEP_S = 30
RECOVERY_CODES, RECOVERY_GROUPS = 10, 3
"""Of 74 bits each: enough for a plain hash, so that they outlive a change of the key."""


class SecretLost(Exception):
    """The kept secret was encrypted with another key."""


def is_set_up(account: StaffAccount) -> bool:
    """Whether the person is asked for a code."""
    return account.totp_secret is not None


def is_required(setting: str, role: str) -> bool:
    """Whether a role must have it, as ``TONGYOU_SECOND_STEP`` says."""
    return setting == "all" or (setting == "privileged" and role in PRIVILEGED)


def new_secret() -> str:
    """160 random bits in base 32, as authenticators take them."""
    return pyotp.random_base32()


def seal(secret: str, key: str) -> bytes:
    """The secret encrypted."""
    from cryptography.fernet import Fernet

    return Fernet(_derived(key)).encrypt(secret.encode())


def unseal(sealed: bytes, key: str) -> str:
    """What ``seal`` was given.

    Raises:
        SecretLost: it was sealed with another key, or altered.
    """
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(_derived(key)).decrypt(sealed).decode()
    except InvalidToken as error:
        raise SecretLost from error


def address(secret: str, login: str) -> str:
    """The ``otpauth`` address that an authenticator reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def accepted_step(secret: str, code: str, after: int | None, at: datetime) -> int | None:
    """The time step whose code this is, of the present one and its neighbours.

    None if it is none of theirs, or not after the step that was used last.
    """
    digits = _typed(code)
    present = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret, interval=STEP_S)
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step if after is None or step > after else None
    return None


def set_up(account: StaffAccount, secret: str, step: int, key: str) -> list[str]:
    """Ask for codes of this secret from now on; the recovery codes, which are kept nowhere."""
    account.totp_secret, account.totp_step = seal(secret, key), step
    return new_recovery(account)


def remove(account: StaffAccount) -> None:
    """Ask for no code any more."""
    account.totp_secret = account.totp_step = account.recovery = None


def new_recovery(account: StaffAccount) -> list[str]:
    """Give an account ten new recovery codes in place of the former; they are kept nowhere."""
    codes = [readable_code(RECOVERY_GROUPS) for _ in range(RECOVERY_CODES)]
    account.recovery = [_hash(code) for code in codes]
    return codes


def verify(account: StaffAccount, code: str, key: str, at: datetime) -> str | None:
    """``code`` or ``recovery``, by what the person has shown; it is used up. None: neither.

    Raises:
        SecretLost: it is no recovery code, and codes can't be told right from wrong any more.
    """
    kept = _hash(code)
    if kept in (account.recovery or ()):
        account.recovery = [other for other in account.recovery or () if other != kept]
        return "recovery"
    if account.totp_secret is None:
        return None
    step = accepted_step(unseal(account.totp_secret, key), code, account.totp_step, at)
    if step is None:
        return None
    account.totp_step = step
    return "code"


def _derived(key: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), length=32, salt=None, info=b"tongyou: second step")
    return base64.urlsafe_b64encode(derived.derive(key.encode()))


def _typed(code: str) -> str:
    """Its letters and digits, also if they were typed wide or in capitals."""
    return "".join(c for c in unicodedata.normalize("NFKC", code).lower() if c.isalnum())


def _hash(code: str) -> str:
    return hashlib.sha256(_typed(code).encode()).hexdigest()
