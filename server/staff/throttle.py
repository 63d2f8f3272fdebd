"""Slows down whoever guesses passwords.

Failures are kept in the memory of one process: several workers each count for themselves, and a
restart forgets. That multiplies a guesser's chances by the number of workers, against passwords
of some 99 bits. The store is bounded; a full one forgets the key that failed longest ago.
"""

import math
import threading
from collections import OrderedDict, deque


class Throttle:
    """Counts failures by key; at ``limit`` of them within ``window`` seconds the key must wait."""

    def __init__(self, limit: int, window: float = 900.0, kept: int = 10_000) -> None:
        self._limit = limit
        self._window = window
        self._kept = kept
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str, now: float) -> int:
        """Whole seconds until the key may try again; 0 when it may now."""
        with self._lock:
            failures = self._failures.get(key)
            if failures is None or len(failures) < self._limit:
                return 0
            return max(0, math.ceil(failures[0] + self._window - now))

    def count(self, key: str, now: float) -> None:
        """Count an attempt as failed; before it is judged, so that attempts side by side count."""
        with self._lock:
            failures = self._failures.setdefault(key, deque(maxlen=self._limit))
            failures.append(now)
            self._failures.move_to_end(key)
            while len(self._failures) > self._kept:
                self._failures.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Take back the latest count: the attempt did not fail."""
        with self._lock:
            if failures := self._failures.get(key):
                failures.pop()
                if not failures:
                    del self._failures[key]

    def forget(self, key: str) -> None:
        """Forget all failures of a key."""
        with self._lock:
            self._failures.pop(key, None)

    def __len__(self) -> int:
        return len(self._failures)
