"""What the stand-in remembers: codes, tokens, consents, messages, what it was asked."""

import base64
import hashlib
import secrets
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

APP_ID = "wx0000standin0000"
SECRET = "standin0secret0of0nobody0000test"
PUSH_TOKEN = "standinPushToken"
PUSH_AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
BUS_TEMPLATE = "standin-bus-notice"

CODE_LASTS_S = 300
TOKEN_LASTS_S = 7200
OVERLAP_S = 300
VISIT_S = 7200
SIGN_INS_A_MINUTE = 100
FORCED_A_DAY, FORCED_APART_S = 20, 30
BLOCKED = "blocked"
"""A person of this name may not sign in."""
MADE_UP = "try-"
"""A code ``try-NAME-ANYTHING`` needs not be handed out; it, too, is good for once."""


def openid_of(who: str) -> str:
    """The openid of a person of the stand-in, by their name."""
    return "o" + base64.urlsafe_b64encode(hashlib.sha256(who.encode()).digest())[:27].decode()


@dataclass
class Token:
    """An access token and the moments at which it was made, ends, and is followed by a new one."""

    text: str
    ends: float
    renewed_from: float


@dataclass
class State:
    """Everything, for one mini-program; the service asks for it one request at a time."""

    token_lasts: float = TOKEN_LASTS_S
    quotas: dict[str, int] = field(default_factory=dict)
    """Calls a minute by path; beyond it 45009."""
    pages: set[str] | None = None
    """The pages of the published mini-program; None: whichever is asked for."""
    templates: set[str] | None = None
    """The templates; None: whichever is asked for."""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Path and parameters or body of every call, in order."""
    sent: list[dict[str, Any]] = field(default_factory=list)
    """The messages that were sent."""
    consents: Counter[tuple[str, str]] = field(default_factory=Counter)
    visits: dict[str, float] = field(default_factory=dict)
    codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    tokens: list[Token] = field(default_factory=list)
    forced: deque[float] = field(default_factory=deque)
    calls: dict[str, deque[float]] = field(default_factory=dict)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked == path for asked, _ in self.asked)

    def code(self, who: str) -> str:
        """A code as ``wx.login`` gives it."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = (who, time.time() + CODE_LASTS_S)
        return code

    def owner(self, code: str) -> str | int:
        """The name of the person whose code it is, or why it is none; it is then used up."""
        if code in self.used:
            return 40163
        if code.startswith(MADE_UP) and code.count("-") >= 2:
            who, ends = code.split("-")[1], time.time() + 1
        else:
            who, ends = self.codes.get(code, ("", 0.0))
        if time.time() > ends:
            return 40029
        self.used.add(code)
        return who

    def too_often(self, key: str, most: int) -> bool:
        """Count a call, and tell whether it is one too many in this minute."""
        times, now = self.calls.setdefault(key, deque()), time.time()
        while times and times[0] < now - 60:
            times.popleft()
        times.append(now)
        return len(times) > most

    def stable_token(self, *, force: bool) -> tuple[str, int] | int:
        """The token in force and its seconds, or the code of a refusal."""
        now = time.time()
        if force:
            recent = [moment for moment in self.forced if moment > now - 86400]
            if len(recent) >= FORCED_A_DAY or (recent and now - recent[-1] < FORCED_APART_S):
                return 45009
            self.forced.append(now)
            self.tokens.clear()
        if not self.tokens or now >= self.tokens[-1].renewed_from:
            lasts = self.token_lasts
            early = min(OVERLAP_S, lasts / 2)
            self.tokens.append(Token(secrets.token_hex(60), now + lasts, now + lasts - early))
        token = self.tokens[-1]
        return token.text, max(1, int(token.ends - now))

    def expire_tokens(self) -> None:
        """End every token that was handed out, so that the next call is told 42001."""
        for token in self.tokens:
            token.ends = token.renewed_from = 0.0

    def refusal_of(self, text: str) -> int:
        """0 for a token in force, else the code that says what is wrong with it."""
        for token in self.tokens:
            if token.text == text:
                return 0 if time.time() < token.ends else 42001
        return 40001 if text else 40014
