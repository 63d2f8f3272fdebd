"""The Redis message that an edition is out: makes others quicker, is needed by no one.

Redis's client takes 6 MB of each worker, so it is loaded only where there is a Redis.
"""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import structlog
from pydantic import SecretStr

if TYPE_CHECKING:
    import redis

log = structlog.get_logger()

CHANNEL = "tongyou:edition"
LONGEST_PAUSE = 30.0
"""Seconds between attempts while Redis is away, at most."""
LISTEN = 1.0
"""Seconds that the listener waits for a message before it looks whether to stop."""

State = Literal["not used", "up", "down"]


def _connect(url: SecretStr) -> "redis.Redis":
    import redis

    return redis.Redis.from_url(
        url.get_secret_value(), socket_connect_timeout=2, socket_timeout=5, health_check_interval=15
    )


def _away() -> tuple[type[Exception], ...]:
    """What ends a conversation with Redis; the last two are its client's words for options in the
    URL that it can't use, which show only when it connects."""
    import redis

    return redis.RedisError, OSError, ValueError, TypeError


def announce(url: SecretStr | None, number: int) -> None:
    """Tell all listeners; that Redis is away, or its URL is no use, is logged and harms nothing."""
    if url is None:
        return
    try:
        with _connect(url) as client:
            client.publish(CHANNEL, str(number))
    except _away() as error:
        log.warning("edition_message_not_sent", number=number, error=str(error))


class Listener:
    """Calls ``heard`` after each message, and after each (re)connection: one may be missed."""

    def __init__(self, url: SecretStr | None, heard: Callable[[], None]) -> None:
        self.state: State = "not used" if url is None else "down"
        self._url = url
        self._heard = heard
        self._stopping = threading.Event()

    def start(self) -> None:
        """Listen in a daemon thread, if there is a Redis."""
        if self._url is not None:
            args = (self._url,)
            threading.Thread(
                target=self._run, args=args, name="edition-message", daemon=True
            ).start()

    def stop(self) -> None:
        """End the thread within a few seconds."""
        self._stopping.set()

    def _run(self, url: SecretStr) -> None:
        pause, logged = 0.5, False
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._listen(url)
            except _away() as error:
                if self.state == "up" or not logged:
                    log.warning("redis_away", error=str(error))
                    logged = True
                self.state = "down"
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = 0.5
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _listen(self, url: SecretStr) -> None:
        with _connect(url) as client, client.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(CHANNEL)
            channel.get_message(timeout=LISTEN)
            self.state = "up"
            self._heard()
            while not self._stopping.is_set():
                if channel.get_message(timeout=LISTEN) is not None:
                    self._heard()
