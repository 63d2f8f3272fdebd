"""The code that is printed on a report and read back from its stamped scan.

Public names: ``SealCode``, ``code_of``, ``read``, ``drawing``, ``picture``, ``grouped``.

::

    TY1/2023Q1-02-03-1/0123456789ABCDEF01234567

A sign and version of our own, the report's number, the beginning of its digest. All of it is of
the letters that a QR code packs tightest, so that its squares stay large enough for a bad scan.
"""

import io
import re
from typing import Any, NamedTuple

from server import qr

SIGN = "TY1"
DIGITS = 24
"""Of the digest, in hexadecimal: 96 bits are more than anybody can forge a report for."""

_CODE = re.compile(
    rf"{SIGN}/([0-9]{{4}}Q[1-4])-((?!00)[0-9]{{2}})-((?!00)[0-9]{{2}})-([1-9][0-9]{{0,3}})/([0-9A-F]{{{DIGITS}}})"
)


class SealCode(NamedTuple):
    """What a code says: of which version of which report it is, and what that holds."""

    period: str
    """``2023Q1``."""
    action: int
    place: int
    """Of the unit among those that answer for the action, from 1."""
    number: int
    """Of the version."""
    digest: str
    """The beginning of it, in lower case."""

    @property
    def report_number(self) -> str:
        """As it is printed, see ``server.ledger.content.report_number``."""
        return f"{self.period}-{self.action:02d}-{self.place:02d}-{self.number}"


def code_of(report_number: str, digest: str) -> str:
    """The text of the code for a version."""
    return f"{SIGN}/{report_number}/{digest[:DIGITS].upper()}"


def read(text: str) -> SealCode | None:
    """What a code says that was found on a page; None: it is none of ours."""
    found = _CODE.fullmatch(text)
    if found is None:
        return None
    period, action, place, number, digest = found.groups()
    return SealCode(period, int(action), int(place), int(number), digest.lower())


def drawing(code: str) -> str:
    """The QR code as a ``data:`` address of an SVG."""
    return qr.drawing(code, "h")


def picture(code: str) -> bytes:
    """The QR code as a PNG."""
    body = io.BytesIO()
    _made(code).save(body, kind="png", scale=12, border=4)
    return body.getvalue()


def grouped(digest: str) -> str:
    """A digest as people compare it: in fours."""
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def _made(code: str) -> Any:
    """Of the level that survives the most: a stamp may lie over a third of it."""
    import segno

    return segno.make(code, error="h", micro=False)
