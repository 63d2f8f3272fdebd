"""HTTP to WeChat's server API: one exchange, its timeouts, and what counts as no answer.

WeChat answers HTTP 200 whatever happens and says in ``errcode`` how it went. What else comes (a
5xx, a proxy's page, nothing) is ``WeChatDown``. The address of a call holds the AppSecret or the
access token, so no error of the libraries below is let out, and their own log of addresses is
silenced.
"""

import logging
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from threading import Lock
from typing import TYPE_CHECKING, Any

import orjson

from server.outside import waiting
from server.wechat.errors import WeChatDown

if TYPE_CHECKING:
    import requests

CONNECT_S = 2.0
READ_S = 5.0
"""Seconds to wait for the answer to begin, and for each further piece; a person waits for it."""
WHOLE_S = 10.0
"""Seconds for all pieces together."""
LARGEST = 2 << 20
"""Bytes of an answer; a large code is some 200 kB."""
CONNECTIONS = 32
"""Kept open, as many as calls usually wait at once."""

Params = Mapping[str, str]


class Transport:
    """Exchanges with one host, over connections that are kept; threads may share it."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._lock = Lock()
        self._kept: requests.Session | None = None

    def exchange(self, method: str, path: str, params: Params, body: object = None) -> bytes:
        """Ask once; the body of the answer with status 200.

        Raises:
            WeChatDown: there was none.
        """
        import requests

        try:
            with self._session().request(
                method,
                f"{self._base}{path}",
                params=params,
                data=None if body is None else orjson.dumps(body),
                headers={"Content-Type": "application/json"} if body is not None else None,
                timeout=(CONNECT_S, READ_S),
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code != 200:
                    raise WeChatDown(f"http {answer.status_code}", maybe_done=True)
                with waiting():
                    return _whole(answer)
        except requests.RequestException as error:
            # Not chained: its text holds the address, and so the secret.
            raise _down(error) from None

    def _session(self) -> "requests.Session":
        # Loaded when first needed: most workers' requests never are.
        import requests

        from server.wechat.connections import WaitingAdapter

        with self._lock:
            if self._kept is None:
                logging.getLogger("urllib3").setLevel(logging.WARNING)
                session = requests.Session()
                # Neither cookies nor what the environment says of proxies and passwords.
                session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
                session.trust_env = False
                session.mount(self._base, WaitingAdapter(pool_maxsize=CONNECTIONS))
                self._kept = session
            return self._kept


def _whole(answer: "requests.Response") -> bytes:
    end = time.monotonic() + WHOLE_S
    pieces: list[bytes] = []
    size = 0
    for piece in answer.iter_content(65536):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise WeChatDown("too large", maybe_done=True)
        if time.monotonic() > end:
            raise WeChatDown("timeout", maybe_done=True)
    return b"".join(pieces)


def _down(error: "requests.RequestException") -> WeChatDown:
    import requests
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(error, requests.ConnectTimeout):
        return WeChatDown("connect timeout", maybe_done=False)
    if isinstance(error, requests.Timeout):
        return WeChatDown("timeout", maybe_done=True)
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
        return WeChatDown("no connection", maybe_done=False)
    return WeChatDown("dropped", maybe_done=True)


def decoded(content: bytes) -> dict[str, Any]:
    """An answer's JSON object.

    Raises:
        WeChatDown: it is something else.
    """
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise WeChatDown("not json", maybe_done=True) from None
    if not isinstance(told, dict) or not isinstance(told.get("errcode", 0), int):
        raise WeChatDown("not understood", maybe_done=True)
    return told
