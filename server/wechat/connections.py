"""Connections whose waiting is known to be waiting (``server.outside.waiting``).

``requests`` does a millisecond of work around a call and waits for seconds in two places: for the
connection, its TLS included, and for the answer to begin. Only imported when WeChat is asked.
"""

from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse

from server.outside import waiting


class _Plain(HTTPConnection):
    def connect(self) -> None:
        with waiting():
            super().connect()

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        with waiting():
            return super().getresponse()


class _Tls(HTTPSConnection):
    def connect(self) -> None:
        with waiting():
            super().connect()

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        with waiting():
            return super().getresponse()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class WaitingAdapter(HTTPAdapter):
    """``requests``' own, with such connections."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """See ``HTTPAdapter``."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
