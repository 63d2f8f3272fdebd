"""Where the access token is kept, and the lock under which it is fetched.

In Redis where the settings name one, so that machines share it; else in a file of ``instance``
that only the service's user can read. While Redis is away each machine keeps its own in its file:
WeChat tells all of them the same token. The token's name holds no secret: it is made of the
address and the AppID, so that a rehearsal's token is never sent to WeChat.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

import orjson
import structlog

from config.settings import Settings
from server.outside import waiting
from server.wechat.shared_redis import RedisAway, SharedRedis

log = structlog.get_logger()

LOCK_S = 8.0
"""How long the lock of a machine that died lasts in Redis; a file's lock ends with its process."""
LOOK_S = 0.05
"""Between two looks whether the lock is free."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A token; times are seconds since 1970."""

    token: str = field(repr=False)
    renew_at: float
    expires_at: float
    forced_at: float
    """When WeChat was last asked to throw a token away; 0: never."""


class TokenStore(Protocol):
    """Keeps one token."""

    def read(self) -> Kept | None:
        """The token that was written last, expired or not."""
        ...

    def write(self, kept: Kept) -> None:
        """Keep this one."""
        ...

    def only_one(self, wait: float) -> AbstractContextManager[bool]:
        """Be the only one within this, after waiting at most ``wait`` seconds; or False."""
        ...


def store_of(settings: Settings) -> TokenStore:
    """The store of the settings; nothing is opened or connected before it is asked."""
    whose = f"{settings.wechat_url}|{settings.wechat_app_id}".encode()
    name = hashlib.sha256(whose).hexdigest()[:16]
    files = FileTokens(settings.instance / "wechat", name)
    if settings.redis_url is None:
        return files
    return RedisTokens(SharedRedis(settings.redis_url), name, files)


class FileTokens:
    """One machine's, in a folder of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._path = folder / f"token-{name}.json"

    def read(self) -> Kept | None:
        """See ``TokenStore``."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        return _decoded(content)

    def write(self, kept: Kept) -> None:
        """See ``TokenStore``; whoever reads meanwhile finds the former one whole."""
        draft = self._path.with_suffix(f".{os.getpid()}")
        self._make_folder()
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps(asdict(kept)))
        draft.replace(self._path)

    @contextmanager
    def only_one(self, wait: float) -> Iterator[bool]:
        """See ``TokenStore``. Threads of one process exclude each other, too."""
        self._make_folder()
        end = time.monotonic() + wait
        with self._path.with_suffix(".lock").open("w") as handle:
            while not _locked(handle.fileno()):
                if time.monotonic() >= end:
                    yield False
                    return
                with waiting():
                    time.sleep(LOOK_S)
            yield True

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class RedisTokens:
    """Many machines', in Redis; in this machine's files while Redis is away."""

    def __init__(self, redis: SharedRedis, name: str, files: FileTokens) -> None:
        self._redis = redis
        self._files = files
        self._key = f"tongyou:wechat:token:{name}"

    def read(self) -> Kept | None:
        """See ``TokenStore``."""
        try:
            content = self._redis.ask(lambda client: client.get(self._key))
        except RedisAway:
            return self._files.read()
        return _decoded(content) if isinstance(content, bytes) else None

    def write(self, kept: Kept) -> None:
        """See ``TokenStore``."""
        lasts = max(1, int(kept.expires_at - time.time()))
        content = orjson.dumps(asdict(kept))
        try:
            self._redis.ask(lambda client: client.set(self._key, content, ex=lasts))
        except RedisAway:
            self._files.write(kept)

    @contextmanager
    def only_one(self, wait: float) -> Iterator[bool]:
        """See ``TokenStore``."""
        with ExitStack() as stack:
            try:
                mine = stack.enter_context(self._lock(wait))
            except RedisAway:
                mine = stack.enter_context(self._files.only_one(wait))
            yield mine

    @contextmanager
    def _lock(self, wait: float) -> Iterator[bool]:
        lock = self._redis.ask(
            lambda client: client.lock(f"{self._key}:lock", timeout=LOCK_S, sleep=LOOK_S)
        )
        mine = self._redis.ask(lambda _: lock.acquire(blocking_timeout=wait))
        try:
            yield mine
        finally:
            if mine:
                # It may have ended by itself, or Redis may have gone.
                with suppress(RedisAway):
                    self._redis.ask(lambda _: lock.release())


def _decoded(content: bytes) -> Kept | None:
    try:
        return Kept(**orjson.loads(content))
    except (ValueError, TypeError):
        log.warning("wechat_token_unreadable")
        return None
