"""The access token: one for all workers and machines, fetched by one of them at a time.

It is kept where all can read it (see ``token_store``) and asked of ``stable_token``, which gives
the same token to whoever asks until five minutes before its end, and then a new one while the old
one still counts. So it is renewed early by the first who notices; the others go on with the old.
"""

import time
from typing import NamedTuple, Protocol

import structlog

from server.wechat.errors import WeChatDown, WeChatError
from server.wechat.token_store import Kept, TokenStore

log = structlog.get_logger()

EARLY_S = 300
"""Before its end a token is renewed; WeChat gives a new one from then on, and not before."""
LAST_S = 60
"""So long before its end a token is no longer used."""
WAIT_S = 9.0
"""Longest wait for another's fetch: longer than a dead one's lock lasts."""
FORCE_EVERY_S = 30
"""WeChat throws a token away on request only so often, and 20 times a day."""


class Fetched(NamedTuple):
    """A token, and for how many seconds it counts."""

    token: str
    lasts: int


class Fetch(Protocol):
    """Asks WeChat for the token; raises ``WeChatError``. ``force`` throws the former one away."""

    def __call__(self, *, force: bool) -> Fetched: ...


class Tokens:
    """Gives the access token in force; threads may share it."""

    def __init__(self, store: TokenStore, fetch: Fetch) -> None:
        self._store = store
        self._fetch = fetch

    def current(self) -> str:
        """The token in force, fetched if there is none.

        Raises:
            WeChatError: there is none and WeChat gives none.
        """
        kept, now = self._store.read(), time.time()
        if kept is not None and now < kept.renew_at:
            return kept.token
        usable = kept is not None and now < kept.expires_at - LAST_S
        with self._store.only_one(0 if usable else WAIT_S) as mine:
            if mine:
                return self._renewed(kept if usable else None)
        if kept is not None and usable:
            return kept.token
        raise WeChatDown("token awaited", maybe_done=False)

    def instead_of(self, refused: str) -> str:
        """Another token than the one that WeChat has just refused.

        Raises:
            WeChatError: there is none.
        """
        with self._store.only_one(WAIT_S) as mine:
            if not mine:
                raise WeChatDown("token awaited", maybe_done=False)
            kept = self._store.read()
            if kept is not None and kept.token != refused and time.time() < kept.renew_at:
                return kept.token
            fetched = self._fetch(force=False)
            if fetched.token != refused:
                return self._keep(fetched, kept.forced_at if kept else 0)
            # WeChat still hands out what it refuses: it is asked to throw it away.
            if kept is not None and time.time() - kept.forced_at < FORCE_EVERY_S:
                raise WeChatDown("token refused", maybe_done=False)
            log.warning("wechat_token_thrown_away")
            return self._keep(self._fetch(force=True), time.time())

    def _renewed(self, usable: Kept | None) -> str:
        """Fetch, if nobody has meanwhile; hold the lock."""
        kept = self._store.read()
        if kept is not None and time.time() < kept.renew_at:
            return kept.token
        try:
            return self._keep(self._fetch(force=False), kept.forced_at if kept else 0)
        except WeChatError as error:
            if usable is None:
                raise
            log.warning("wechat_token_not_renewed", error=type(error).__name__)
            return usable.token

    def _keep(self, fetched: Fetched, forced_at: float) -> str:
        now, lasts = time.time(), fetched.lasts
        renew_at = now + max(lasts - EARLY_S, lasts / 2)
        self._store.write(Kept(fetched.token, renew_at, now + lasts, forced_at))
        return fetched.token
