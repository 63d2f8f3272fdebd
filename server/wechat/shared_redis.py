"""Redis as what machines share of WeChat: asked when needed, left alone for a while when away."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import structlog
from pydantic import SecretStr

from server.outside import waiting

if TYPE_CHECKING:
    import redis

log = structlog.get_logger()

TIMEOUT_S = 1.0
PAUSE_S = 5.0
"""After a failure Redis is not asked for so long."""

T = TypeVar("T")


class RedisAway(Exception):
    """Redis can't be asked."""


class SharedRedis:
    """One connection pool, made when first asked for; threads may share it."""

    def __init__(self, url: SecretStr) -> None:
        self._url = url
        self._client: redis.Redis | None = None
        self._away_until = 0.0

    def ask(self, question: "Callable[[redis.Redis], T]") -> T:
        """What the question gives.

        Raises:
            RedisAway: it did not answer now, or a moment ago; or the lock is not ours any more.
        """
        import redis

        if time.monotonic() < self._away_until:
            raise RedisAway
        try:
            client = self._connected()
            with waiting():
                return question(client)
        except redis.exceptions.LockError as error:
            raise RedisAway from error
        except (redis.RedisError, OSError, ValueError, TypeError) as error:
            self._away_until = time.monotonic() + PAUSE_S
            log.warning("wechat_redis_away", error=type(error).__name__)
            raise RedisAway from error

    def _connected(self) -> "redis.Redis":
        import redis

        if self._client is None:
            self._client = redis.Redis.from_url(
                self._url.get_secret_value(),
                socket_connect_timeout=TIMEOUT_S,
                socket_timeout=TIMEOUT_S,
            )
        return self._client
