"""The key that signs the console's cookies."""

import os
import secrets
from pathlib import Path

from config.settings import Settings

SHORTEST = 32
"""Characters; a file with fewer was not written by us, a setting with fewer can be guessed."""


class UnusableKey(RuntimeError):
    """The key in force can't be trusted to sign anything; the message says why, in Chinese."""


def secret_key(settings: Settings) -> str:
    """The key of the settings, or else the random one of this machine, made when missing.

    Workers that start at once agree: whoever links the file first has made the key.

    Raises:
        UnusableKey: the setting is too short, or the file holds something else.
        OSError: the file can be neither read nor made.
    """
    given = settings.secret_key.get_secret_value().strip() if settings.secret_key else ""
    if given:
        if len(given) < SHORTEST:
            raise UnusableKey(f"TONGYOU_SECRET_KEY 太短：至少 {SHORTEST} 个随机字符")
        return given
    path = settings.instance / "secret_key"
    if not path.exists():
        make_key(path)
    key = path.read_text("ascii", errors="replace").strip()
    if len(key) < SHORTEST:
        raise UnusableKey(f"{path} 不是有效的密钥；删除后会重新生成（已登录的人要重新登录）")
    return key


def make_key(path: Path) -> None:
    """Keep a random key in a file, unless there is one already.

    The whole file is written beside its place, then linked there.

    Raises:
        OSError: it can't be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        draft.unlink()
