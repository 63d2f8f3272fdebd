"""Content coding: which one a client may get, and bodies compressed on the way out."""

import gzip
from collections.abc import Sequence
from functools import lru_cache

import brotli
import zstandard

SMALLEST = 700
"""Bytes below which compressing costs more than it saves: less than one network packet."""

CODINGS = ("zstd", "br", "gzip")
"""What can be made while the client waits, cheapest first."""


@lru_cache(maxsize=256)
def negotiate(accept_encoding: str, offered: Sequence[str] = CODINGS) -> str | None:
    """The coding to use for an ``Accept-Encoding`` header (RFC 9110, 12.5.3).

    The client's weights decide, then the order of ``offered``; None means uncompressed, which
    only an explicit ``identity`` of a higher weight asks for.
    """
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.strip().partition(";")
        key, _, value = parameter.strip().partition("=")
        try:
            weights[name.strip()] = float(value) if key.strip() == "q" else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    rest = weights.get("*", 0.0)
    best = max(offered, key=lambda coding: weights.get(coding, rest))
    weight = weights.get(best, rest)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else None


def compress(body: bytes, coding: str) -> bytes:
    """Compress at the level at which speed still matters more than the last per cent."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=3).compress(body)
    if coding == "br":
        return bytes(brotli.compress(body, quality=4))
    return gzip.compress(body, compresslevel=5, mtime=0)
