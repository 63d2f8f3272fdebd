"""Whether a store can be asked, as it was the last time; told to the log when it changes."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from server.live.store import Health, StoreAway

log = structlog.get_logger()


class Contact:
    """What a store knows of its own reachability; threads may share it."""

    def __init__(self, store: str, *errors: type[Exception]) -> None:
        self._store = store
        self._errors = errors
        self.health: Health = "up"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Ask the store within this.

        Raises:
            StoreAway: one of the errors that mean it.
        """
        try:
            yield
        except self._errors as error:
            self.note("down", type(error).__name__)
            raise StoreAway(type(error).__name__) from error
        self.note("up")

    def note(self, health: Health, error: str = "") -> None:
        """Keep how it is now."""
        if health != self.health:
            if health == "down":
                log.warning("live_store_away", store=self._store, error=error)
            else:
                log.info("live_store_back", store=self._store)
        self.health = health
