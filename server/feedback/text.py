"""Which text of the public is taken: what people can see, and read as it stands.

Public names: ``cleaned``, ``plain``, ``Unreadable``, ``LONGEST``.

What can't be seen, or turns the reading direction round, is refused rather than taken out: whoever
wrote it means the reader to see something else than the check of the text does, or has pasted it
without knowing, and is told where it stands. The joiner within an emoji is part of that emoji.

Kept is what was written (NFC). Checked is its plain spelling (NFKC), so that no letter hides behind
another form of itself; kept it would not do, as it makes Chinese punctuation Latin, and 10² 102.
"""

import re
import unicodedata

LONGEST = 500
"""Characters."""
LONGEST_PLAIN = 2 * LONGEST
"""Characters in the plain spelling; a few signs become many (㎡, ﷺ)."""

MOST_MARKS = 4
"""Marks that may be heaped on one letter; Vietnamese needs two."""

_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"
_PICTURED = frozenset("\ufe0e\ufe0f")
"""Choose how an emoji or a sign is drawn."""
_VARIED = frozenset(map(chr, range(0xE0100, 0xE01F0)))
"""Choose how a Chinese character is written; some names need it."""
_SELECTORS = re.compile("[\ufe00-\ufe0f\u180b-\u180f\U000e0100-\U000e01ef]")
"""All that choose another form of the character before them; they show nothing themselves."""
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\U00016fe4\U0001d159")
"""Letters and signs that show nothing."""
_EMOJI = frozenset(map(chr, range(0x1F000, 0x1FB00)))
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")


class Unreadable(ValueError):
    """The text is not taken; the message says why, in Chinese."""


def cleaned(text: str) -> str:
    """The text as it is kept: NFC, line ends as ``\\n``, without blanks around it.

    Raises:
        Unreadable: it holds what can't be seen, no words, or too many.
    """
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)).strip()
    marks = 0
    for place, character in enumerate(text):
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks > MOST_MARKS or _is_hidden(text, place):
            raise Unreadable(f"第 {place + 1} 个字符看不见或会打乱文字，请删去后重新输入")
    if not any(character.isalnum() for character in text):
        raise Unreadable("请用文字说明")
    if len(text) > LONGEST or len(plain(text)) > LONGEST_PLAIN:
        raise Unreadable(f"不能超过 {LONGEST} 个字")
    return text


def plain(text: str) -> str:
    """A text in its plainest spelling, for checks; ``LONGEST_PLAIN`` characters at most."""
    return unicodedata.normalize("NFKC", _SELECTORS.sub("", text))


def _is_hidden(text: str, place: int) -> bool:
    character = text[place]
    if character in "\n\t":
        return False
    if character == _JOINER:
        return not _joins_emoji(text, place)
    if character in _BLANK:
        return True
    if _SELECTORS.match(character):
        return not _selects(character, text[place - 1 : place])
    # Controls, formats (bidi overrides among them), surrogates, private use, unassigned; of the
    # last, emoji may be newer than Python's tables.
    return unicodedata.category(character)[0] == "C" and character not in _EMOJI


def _selects(selector: str, before: str) -> bool:
    """Whether a selector stands where it means something: elsewhere it only parts letters."""
    if selector in _VARIED:
        return unicodedata.name(before, "").startswith("CJK ")
    sign = before == "ℹ" or (before != "" and unicodedata.category(before)[0] in "SNP")
    return selector in _PICTURED and sign


def _joins_emoji(text: str, place: int) -> bool:
    before = text[:place].rstrip(_EMOJI_STYLE)[-1:]
    after = text[place + 1 : place + 2]
    # Skin tones are modifier symbols.
    return all(one and unicodedata.category(one) in ("So", "Sk") for one in (before, after))
