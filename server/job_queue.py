"""The queue that brings a consumer the news of a job: Huey, on SQLite or on Redis.

Public names: ``JobQueue``, ``NotSent``, ``open_``.

A message holds a job's number alone. Huey's messages are pickles, so they are signed with the
service's key: whoever gets into Redis can't run what they like in a consumer.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from config.settings import Settings
from server.db import keep_private
from server.secret_key import secret_key

if TYPE_CHECKING:
    from huey.api import Huey
    from huey.consumer import Consumer

NAME = "tongyou"

LOOKED_FOR = 1.0
"""Seconds at most until a consumer with nothing to do looks into the queue again."""


class NotSent(Exception):
    """The store behind the queue can't be reached or written."""


class JobQueue:
    """Numbers of jobs on their way to a consumer; ``troubles`` are its store's errors."""

    def __init__(
        self, huey: "Huey", run: Callable[[int], None], troubles: tuple[type[Exception], ...]
    ) -> None:
        self._huey = huey
        self._troubles = troubles
        self._send: Any = huey.task(name="run_job")(run)

    def enqueue(self, job_id: int) -> None:
        """Put a job's number in.

        Raises:
            NotSent: it is not in.
        """
        with self._troubles_told():
            self._send(job_id)

    def __len__(self) -> int:
        """Messages that nobody has taken yet; raises ``NotSent`` as well."""
        with self._troubles_told():
            return int(self._huey.pending_count())

    @contextmanager
    def _troubles_told(self) -> Iterator[None]:
        try:
            yield
        except self._troubles as error:
            raise NotSent(str(error)) from error

    def consumer(self, patience: float) -> "Consumer":
        """One thread that runs what comes; on being stopped it has ``patience`` seconds.

        One thread, as SQLite takes one writer at a time; more consumers are more processes.
        """
        return self._huey.create_consumer(
            workers=1, periodic=False, max_delay=LOOKED_FOR, shutdown_timeout=patience
        )


def open_(settings: Settings, run: Callable[[int], None]) -> JobQueue:
    """The queue of the settings; ``run`` is what a consumer does with a number.

    Raises:
        NotSent: there is no store to be had.
    """
    from huey import RedisHuey, SqliteHuey
    from huey.serializer import SignedSerializer

    common: dict[str, Any] = {
        "name": NAME,
        "results": False,
        "serializer": SignedSerializer(secret=secret_key(settings), salt="tongyou-jobs"),
    }
    if settings.jobs_url:
        from redis import RedisError

        url = settings.jobs_url.get_secret_value()
        return JobQueue(RedisHuey(url=url, blocking=False, **common), run, (RedisError,))
    path = settings.instance / "jobs.db"
    try:
        keep_private(path)
        huey = SqliteHuey(filename=str(path), **common)
    except (OSError, sqlite3.Error) as error:
        raise NotSent(str(error)) from error
    return JobQueue(huey, run, (sqlite3.Error,))
