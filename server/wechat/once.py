"""What was taken once is not taken again: nonces of the message push.

Claims are kept for ``KEPT_S`` in Redis where the settings name one, so that machines share them;
else, and while Redis is away, as empty files in ``instance``, which the workers share.
"""

import hashlib
import time
from contextlib import suppress

from config.settings import Settings
from server.wechat.shared_redis import RedisAway, SharedRedis

KEPT_S = 1800
"""Longer than a timestamp is accepted, and than WeChat goes on delivering."""


class Once:
    """Claims of one service."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.instance / "wechat" / "taken"
        self._redis = SharedRedis(settings.redis_url) if settings.redis_url is not None else None
        self._swept_at = 0.0

    def claim(self, *what: str) -> bool:
        """Whether nobody has claimed it; it is now."""
        name = _name(what)
        if self._redis is not None:
            with suppress(RedisAway):
                return self._redis.ask(
                    lambda client: client.set(_key(name), b"", ex=KEPT_S, nx=True) is True
                )
        return self._claim_file(name)

    def _claim_file(self, name: str) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        try:
            (self._folder / name).touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _sweep(self) -> None:
        now = time.time()
        if now - self._swept_at < KEPT_S / 2:
            return
        self._swept_at = now
        for path in self._folder.iterdir():
            # Another worker may have been quicker.
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < now - KEPT_S:
                    path.unlink()


def _name(what: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(what).encode()).hexdigest()[:40]


def _key(name: str) -> str:
    return f"tongyou:wechat:taken:{name}"
