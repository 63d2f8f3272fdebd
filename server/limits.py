"""How often one may call: by whoever is signed in, and by address. Flask-Limiter counts.

Public names: ``Rule``, ``REPORTS``, ``by_address``, ``by_token``, ``register``, ``seconds_left``.
Counts stand in Redis where there is one, for all workers together; else, and while Redis is away,
each worker counts for itself. Only blueprints that have rules are counted: the atlas's reads never
are.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import structlog
from flask import Blueprint, Flask, current_app, request
from flask_limiter import Limiter

from config.settings import Settings

log = structlog.get_logger()

PATIENCE_S = 0.2
"""How long Redis may take before it is taken to be away."""


def by_address() -> str:
    """Whom a call counts against: the address that it comes from.

    Of IPv6 the first 64 bits: whoever has one such address has all that begin alike.
    """
    told = request.remote_addr or "unknown"
    try:
        address = ip_address(told)
    except ValueError:
        return told
    if address.version == 4:
        return told
    return str(address.ipv4_mapped or address.packed[:8].hex(":", 2))


def by_token() -> str:
    """Whom a call counts against: the token that it brings, hashed. One without is not counted."""
    # The token alone: written with other blanks or capitals before it, it is still the same.
    token = request.headers.get("Authorization", "").partition(" ")[2].strip()
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Rule:
    """At most so many calls of a scope: all blueprints that name it count together."""

    scope: str
    often: Callable[[Settings], str] | str
    """Such as ``10/hour``."""
    by: Callable[[], str]
    methods: tuple[str, ...] | None = None
    """None: all."""


REPORTS = Rule(
    "coded-reports",
    lambda settings: f"{settings.reports_per_address}/hour",
    by_address,
    methods=("POST",),
)
"""Reports that need no sign-in: those of the mini-program and those of the web count together."""


class _Limiter(Limiter):
    """Looks at requests of its blueprints alone; what it does to every request takes 20 µs, which
    is a tenth of a read's whole cost."""

    counted: frozenset[str] = frozenset()

    def _check_request_limit(
        self, callable_name: str | None = None, in_middleware: bool = True
    ) -> None:
        if request.blueprint not in self.counted:
            return
        before = self._storage_dead
        try:
            super()._check_request_limit(callable_name, in_middleware)
        finally:
            if self._storage_dead != before:
                log.warning("limits_counted", where="process" if self._storage_dead else "redis")


def register(app: Flask, settings: Settings, rules: Mapping[Blueprint, Iterable[Rule]]) -> None:
    """Hold the blueprints to their rules: beyond them ``RateLimitExceeded`` is raised."""
    limiter = _Limiter(
        by_address,
        storage_uri=_store(settings),
        storage_options=_patience(settings),  # type: ignore[arg-type]  # Redis takes fractions
        strategy="fixed-window",
        in_memory_fallback_enabled=True,
        key_prefix="tongyou",
    )
    limiter.counted = frozenset(blueprint.name for blueprint in rules)
    limiter.init_app(app)
    app.extensions["limits"] = limiter
    for blueprint, own in rules.items():
        for rule in own:
            often = rule.often if isinstance(rule.often, str) else rule.often(settings)
            held = limiter.shared_limit(
                often,
                scope=rule.scope,
                key_func=rule.by,
                methods=list(rule.methods) if rule.methods else None,
                exempt_when=_without_token if rule.by is by_token else None,
            )
            held(blueprint)


def seconds_left() -> int:
    """Whole seconds until the caller who was refused may call again."""
    limiter: Limiter = current_app.extensions["limits"]
    breached = limiter.current_limit
    # ``reset_at`` is a whole second, and rounded up already.
    return max(1, int(breached.reset_at - time.time())) if breached else 1


def _without_token() -> bool:
    return "Authorization" not in request.headers


def _store(settings: Settings) -> str:
    url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    if url.startswith("unix://"):
        return f"redis+{url}"
    return url or "memory://"


def _patience(settings: Settings) -> dict[str, float]:
    if settings.redis_url is None:
        return {}
    return {"socket_connect_timeout": PATIENCE_S, "socket_timeout": PATIENCE_S}
