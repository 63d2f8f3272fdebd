"""What may be searched for: which characters a pasted or typed word may hold.

The pattern is what the OpenAPI document promises, so it is spelled out as ranges: JSON Schema's
regular expressions know no Unicode categories that every client understands.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from geo.text import vanishes

Range = tuple[int, int]
"""Two code points, both included."""

_WRITABLE: tuple[Range, ...] = (
    (0x20, 0x7E),
    (0xA0, 0x20E2),  # 20E3 makes an emoji of a digit
    (0x20E4, 0x2319),  # watches and hourglasses
    (0x231C, 0x23E8),  # buttons and clocks
    (0x23FB, 0x25FF),
    (0x2605, 0x2606),  # the stars of a rating; around them weather, chess, hearts
    (0x2776, 0x2793),  # digits in circles
    (0x27C0, 0x2B04),
    (0x2B56, 0xD7FF),  # then surrogates and private use
    (0xF900, 0xFDCF),  # then code points that are no characters
    (0xFDF0, 0xFE0E),  # FE0F makes an emoji of a sign
    (0xFE10, 0xFFFB),
    (0x10000, 0x1EFFF),  # then emoji
    (0x1FB00, 0x1FFFD),
    (0x20000, 0x2FFFD),
    (0x30000, 0x3FFFD),
    (0xE0000, 0xE0FFF),  # selectors of a character's variant, within names
)
"""Everything but control characters, emoji, lone surrogates and private use."""

_ALL_LETTERS: tuple[Range, ...] = ((0x20000, 0x2FFFD), (0x30000, 0x3FFFD), (0xE0100, 0xE01EF))
"""Chinese characters and the selectors of their variants: what stands in these need not be asked
for one by one."""

_NEVER_ALONE = "ZPC"
"""Categories of which nothing is left when words are folded: spaces, punctuation, formats."""


def _searchable() -> Iterator[int]:
    """What remains of itself when folded, and can be looked for."""
    for first, last in _WRITABLE:
        if first >= _ALL_LETTERS[0][0]:
            return
        for code in range(first, last + 1):
            character = chr(code)
            if unicodedata.category(character)[0] not in _NEVER_ALONE and (
                not _doubtful(code, character) or not vanishes(character)
            ):
                yield code


def _doubtful(code: int, character: str) -> bool:
    """Worth the slower question whether folding leaves anything: accents, marks and signs."""
    return code < 0x400 or unicodedata.category(character)[0] in "MS"


def _ranges(codes: Iterable[int]) -> Iterator[Range]:
    first = last = -1
    for code in codes:
        if code != last + 1:
            if first >= 0:
                yield first, last
            first = code
        last = code
    if first >= 0:
        yield first, last


def _within_brackets(ranges: Iterable[Range]) -> str:
    ends = (f"{_literal(first)}-{_literal(last)}" for first, last in ranges)
    return "".join(ends)


def _literal(code: int) -> str:
    character = chr(code)
    return f"\\{character}" if character in "\\]^-[&~" else character


_ANY = _within_brackets(_WRITABLE)
_LETTER = _within_brackets((*_ranges(_searchable()), *_ALL_LETTERS))

WORDS_PATTERN = f"^[{_ANY}]*[{_LETTER}][{_ANY}]*$"
"""At least one character among what can be written that folding leaves: the rest finds nothing."""


def is_writable(text: str) -> bool:
    """Whether text holds nothing that can't be part of a search."""
    return re.fullmatch(f"[{_ANY}]*", text) is not None


def without_invisible(text: str) -> str:
    """Text as it looks: pasted from a page it may hold zero-width and no-break characters."""
    if text.isascii():
        return text
    seen = (character for character in text if unicodedata.category(character) != "Cf")
    return " ".join("".join(seen).split())
