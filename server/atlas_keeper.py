"""Keeps the atlas of a process up to date, whatever is away.

Reads come from ``atlas`` alone. A daemon thread looks at the machine's pointer (one ``stat``) and,
less often, at the database; a Redis message only makes it look at once. The new atlas is loaded
beside the old one and takes its place in one assignment.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from geo.atlas import Atlas
from geo.edition import DamagedEdition
from server import editions
from server.db import db
from server.edition_cache import CannotStore, EditionCache, folder_name
from server.edition_message import Listener

log = structlog.get_logger()

PATIENCE = 60.0
"""Seconds until an edition that could not be taken over is tried again."""


class NoEdition(LookupError):
    """Nothing has been published yet, or nothing that was can be read."""


_INSTEAD: ContextVar[Atlas | None] = ContextVar("atlas_instead", default=None)


@contextmanager
def showing(atlas: Atlas) -> Iterator[None]:
    """Let everything done within read another atlas than the one in force: for previews."""
    token = _INSTEAD.set(atlas)
    try:
        yield
    finally:
        _INSTEAD.reset(token)


def previewing() -> bool:
    """Whether what is asked for now is asked of a preview, and so not by the public."""
    return _INSTEAD.get() is not None


class AtlasKeeper:
    """Holds one process's atlas; ``start`` it once per process, after forking."""

    def __init__(self, settings: Settings, app: Flask) -> None:
        self._settings = settings
        self._app = app
        self._cache = EditionCache(settings.editions, settings.editions_kept)
        self._atlas: Atlas | None = None
        self._stamp: tuple[int, int] | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._ask_now = False
        self._retry_at: dict[str, float] = {}
        self._database = "unknown"
        self._outages = 0
        self._last_error: Exception | None = None
        self._listener = Listener(settings.redis_url, self.look)
        self._thread: threading.Thread | None = None

    @property
    def atlas(self) -> Atlas:
        """The edition in force, or the one that is being shown instead.

        Raises:
            NoEdition: there is none.
        """
        atlas = _INSTEAD.get() or self._atlas
        if atlas is None:
            raise NoEdition("no edition is loaded")
        return atlas

    def start(self) -> None:
        """Load what there is, from the disk or else from the database, and begin to watch."""
        self._load_from_disk()
        if self._atlas is None:
            self._guarded(self._follow_database)
        self._thread = threading.Thread(target=self._watch, name="atlas-keeper", daemon=True)
        self._thread.start()
        self._listener.start()

    def stop(self) -> None:
        """End the watching."""
        self._stopping.set()
        self._wake.set()
        self._listener.stop()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def look(self) -> None:
        """Look at the pointer and the database now rather than at the next turn."""
        self._ask_now = True
        self._wake.set()

    def status(self) -> dict[str, Any]:
        """For ``/readyz``: the edition loaded (None: none), and the state of each neighbour.

        ``database`` is up, down or unknown; ``redis`` up, down or not used. Of the last error
        only the kind is told: this is public, the rest stands in the log.
        """
        atlas = self._atlas
        return {
            "edition": atlas.number if atlas is not None else None,
            "sha256": atlas.sha256 if atlas is not None else None,
            "database": self._database,
            "database_outages": self._outages,
            "redis": self._listener.state,
            "last_error": type(self._last_error).__name__ if self._last_error else None,
        }

    def _watch(self) -> None:
        asked = float("-inf")
        while not self._stopping.is_set():
            self._guarded(self._follow_pointer)
            due = time.monotonic() - asked >= self._settings.database_check
            if due or self._ask_now:
                self._ask_now = False
                asked = time.monotonic()
                self._guarded(self._follow_database)
            self._wake.wait(self._settings.edition_check)
            self._wake.clear()

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # the watcher must outlive whatever one look runs into
            self._last_error = error
            log.exception("edition_not_taken_over")

    def _load_from_disk(self) -> None:
        """The pointer's edition; if that is damaged, the next older one that is whole."""
        self._stamp = self._cache.pointer_stamp()
        for folder in self._cache.published():
            if self._load(folder):
                return

    def _follow_pointer(self) -> None:
        stamp = self._cache.pointer_stamp()
        if stamp is None or stamp == self._stamp:
            return
        self._stamp = stamp
        folder = self._cache.current()
        if folder is not None and folder.name != self._name():
            self._load(folder)

    def _follow_database(self) -> None:
        """Take over the database's newest edition, if it is another than the one loaded."""
        try:
            newest = self._newest()
            self._database_is(up=True)
            if newest is not None and not self._not_yet(newest):
                self._take_over(newest)
        except SQLAlchemyError as error:
            self._database_is(up=False, error=error)

    def _take_over(self, newest: tuple[int, str]) -> None:
        try:
            folder = self._fetch()
            if folder is None or self._load(folder):
                return
            if self._discard_if_damaged(folder):
                folder = self._fetch()
                if folder is not None and self._load(folder):
                    return
        except (DamagedEdition, CannotStore) as error:
            self._last_error = error
        self._give_up_for_now(newest)

    def _fetch(self) -> Path | None:
        """Put the newest edition on the disk and in force, as the machine's only writer.

        The database is asked again once the lock is held: meanwhile another process may have
        put the same edition there, or a newer one, and the pointer must not go back.
        """
        with self._cache.locked(), self._app.app_context(), db.engine.connect() as connection:
            newest = editions.newest(connection)
            if newest is None:
                return None
            current = self._cache.current()
            if current is not None and current.name == folder_name(*newest):
                return current
            edition = editions.packed(connection, newest[0])
            connection.rollback()
            if edition is None:
                return None
            edition.raw()
            folder = self._cache.store(edition)
            self._cache.point(folder)
            self._cache.prune()
            return folder

    def _discard_if_damaged(self, folder: Path) -> bool:
        try:
            self._cache.read(folder).raw()
        except DamagedEdition as error:
            log.warning("cached_edition_damaged", folder=folder.name, error=str(error))
            self._cache.discard(folder)
            return True
        return False

    def _load(self, folder: Path) -> bool:
        """Load and swap; a damaged baked folder is baked anew, once."""
        for again in (False, True):
            try:
                baked = self._cache.baked(folder, again=again)
                chosen = self._settings
                atlas = Atlas.load(baked, chosen.closing_soon, chosen.max_walk)
            except DamagedEdition as error:
                self._last_error = error
                log.warning("baked_edition_damaged", folder=folder.name, error=str(error))
            except CannotStore as error:
                self._last_error = error
                log.warning("cached_edition_unusable", folder=folder.name, error=str(error))
                return False
            else:
                self._atlas = atlas
                log.info("edition_loaded", number=atlas.number, sha256=atlas.sha256[:8])
                return True
        return False

    def _newest(self) -> tuple[int, str] | None:
        with self._app.app_context(), db.engine.connect() as connection:
            return editions.newest(connection)

    def _name(self) -> str | None:
        atlas = self._atlas
        return None if atlas is None else folder_name(atlas.number, atlas.sha256)

    def _not_yet(self, newest: tuple[int, str]) -> bool:
        name = folder_name(*newest)
        return name == self._name() or time.monotonic() < self._retry_at.get(name, 0)

    def _give_up_for_now(self, newest: tuple[int, str]) -> None:
        name = folder_name(*newest)
        self._retry_at = {name: time.monotonic() + PATIENCE}
        error = str(self._last_error)
        log.error("newest_edition_unusable", folder=name, error=error, retry_in=PATIENCE)

    def _database_is(self, *, up: bool, error: Exception | None = None) -> None:
        if up and self._database == "down":
            log.info("database_back")
        if not up and self._database != "down":
            self._outages += 1
            self._last_error = error
            log.warning("database_away", error=str(error).splitlines()[0])
        self._database = "up" if up else "down"
