"""Counts of what the public looked for, without any person in them.

Public names: ``Tallies``, ``seen``, ``in_vain``, ``innocuous``, ``register``, ``gather``,
``top``,
``FEWEST``.

A public read only adds to a dictionary in memory; now and then a thread writes what has come
together into a file of its own, and a periodic job adds the files to the table of days. Neither
positions nor addresses nor who asked get in, and of telephone lines nothing is counted at all.
"""

import os
import re
import threading
import unicodedata
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from secrets import token_hex

import orjson
import structlog
from flask import Flask, current_app
from sqlalchemy import delete, select

from geo.opening import SHANGHAI
from server import jobs
from server.atlas_keeper import previewing
from server.db import db
from server.models import DailyTally
from server.revisions import writing

log = structlog.get_logger()

WINDOW_S = 60
"""Words count once a window of so many seconds: whoever asks again and again is one occasion."""

FEWEST = 5
"""Words that came on fewer occasions of a day may be somebody's own: they are dropped."""

LONGEST = 40
MOST_WORDS = 500
"""Different words kept of a window."""

_OWN = re.compile(
    r"\d{6}|\d[\d\s-]{5,}\d"  # telephones, identity cards, dates of birth
    r"|\d+\.\d{2,}"  # degrees
    r"|[\d一二三四五六七八九十]+\s*(?:号|栋|幢|座|单元|室|弄|巷|楼|户|层|#)"  # where somebody lives
    r"|@|://"
)


class Tallies:
    """What one process has counted since it last wrote it down."""

    def __init__(self) -> None:
        self._seen: Counter[int] = Counter()
        self._in_vain: set[str] = set()
        self._folder: Path | None = None
        self._writer: threading.Thread | None = None

    def keep_in(self, folder: Path) -> None:
        """Write into this folder from now on."""
        self._folder = folder

    def seen(self, listing_id: int) -> None:
        """Somebody looked at a place."""
        if previewing():
            return
        # Two threads at once may lose one of two: nobody waits for a lock over that.
        self._seen[listing_id] += 1
        if self._writer is None:
            self._start()

    def in_vain(self, words: str) -> None:
        """A search for these words alone found nothing."""
        subject = "" if previewing() else innocuous(words)
        if subject and len(self._in_vain) < MOST_WORDS:
            self._in_vain.add(subject)
            if self._writer is None:
                self._start()

    def write(self) -> None:
        """Put what was counted into a file and begin anew."""
        seen, self._seen = self._seen, Counter()
        words, self._in_vain = self._in_vain, set()
        if self._folder is None or not (seen or words):
            return
        day = datetime.now(SHANGHAI).date().isoformat()
        told = {"day": day, "seen": {str(k): n for k, n in seen.items()}, "in_vain": sorted(words)}
        name = f"{os.getpid()}-{token_hex(8)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._folder / f"{name}.part"
            draft.write_bytes(orjson.dumps(told))
            draft.rename(self._folder / f"{name}.json")
        except OSError as error:
            # Counts are worth no more than this line; reads go on.
            log.warning("tallies_not_written", error=type(error).__name__)

    def _start(self) -> None:
        """The writer, in the process that counts: a fork has no threads of its parent."""
        self._writer = threading.Thread(target=self._go_on, name="tallies", daemon=True)
        self._writer.start()

    def _go_on(self) -> None:
        pause = threading.Event()
        while not pause.wait(WINDOW_S):
            self.write()


_OURS = Tallies()
seen = _OURS.seen
in_vain = _OURS.in_vain


def register(app: Flask) -> None:
    """Count for this app."""
    _OURS.keep_in(app.extensions["settings"].instance / "tallies")


def innocuous(words: str) -> str:
    """Words as they are counted: in one spelling. Empty where they may tell of somebody."""
    plain = " ".join(unicodedata.normalize("NFKC", words).casefold().split())
    if not 0 < len(plain) <= LONGEST or not plain.isprintable() or _OWN.search(plain):
        return ""
    return plain


@jobs.periodic(minutes=5)
def gather() -> None:
    """Add the files that workers have written to the days; drop rare words of days gone by."""
    folder: Path = current_app.extensions["settings"].instance / "tallies"
    counted = _taken(folder)
    today = datetime.now(SHANGHAI).date()
    with writing(db.session):
        for (day, kind, subject), number in counted.items():
            tally = db.session.get(DailyTally, (day, kind, subject))
            if tally is None:
                db.session.add(DailyTally(day=day, kind=kind, subject=subject, count=number))
            else:
                tally.count += number
        db.session.flush()
        db.session.execute(
            delete(DailyTally).where(
                DailyTally.kind == "in_vain", DailyTally.day < today, DailyTally.count < FEWEST
            )
        )


def top(kind: str, since: date, limit: int) -> list[tuple[str, int]]:
    """Subjects and how often since a day, the most frequent first; no rare words."""
    tallies = db.session.scalars(
        select(DailyTally).where(DailyTally.kind == kind, DailyTally.day >= since)
    )
    counted: Counter[str] = Counter()
    for tally in tallies:
        if kind != "in_vain" or tally.count >= FEWEST:
            counted[tally.subject] += tally.count
    return counted.most_common(limit)


def _taken(folder: Path) -> Counter[tuple[date, str, str]]:
    """What stands in the files. Each is taken by one consumer alone, and lost if that one dies:
    better than counting it twice.
    """
    total: Counter[tuple[date, str, str]] = Counter()
    for path in sorted(folder.glob("*.json")):
        mine = path.with_suffix(".taken")
        try:
            path.rename(mine)
            told = orjson.loads(mine.read_bytes())
            day = date.fromisoformat(told["day"])
            total.update({(day, "seen", key): int(n) for key, n in told["seen"].items()})
            total.update({(day, "in_vain", words): 1 for words in told["in_vain"]})
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("tallies_unreadable", error=type(error).__name__)
        mine.unlink(missing_ok=True)
    return total
