"""Folding: what two spellings must share to count as the same when one searches for the other."""

import unicodedata

_LIKE_LATIN = {"ɑ": "a", "ɡ": "g", "ı": "i"}
"""Letters that stand for Latin ones in printed pinyin, and that Unicode keeps apart."""

_APOSTROPHES = "ʼʻˈ′"
"""Written for the apostrophe of xi'an, though Unicode calls them letters or symbols."""

_IGNORED_CATEGORIES = ("Z", "P", "Cc", "Cf", "Cs", "Sk")
"""White space, punctuation, control and format characters, lone surrogates, spacing accents."""

_IGNORED_SYMBOLS = "~|" + _APOSTROPHES


class _Folding(dict[int, str | None]):
    """The fate of each character after decomposition, found out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        accent = 0x300 <= code <= 0x36F or 0xFE00 <= code <= 0xFE0F
        ignored = accent or character in _IGNORED_SYMBOLS
        ignored = ignored or unicodedata.category(character).startswith(_IGNORED_CATEGORIES)
        fate = None if ignored else _LIKE_LATIN.get(character, character)
        self[code] = fate
        return fate


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Reduce text to what matters for finding it; folding twice changes nothing.

    - full-width and other compatibility forms become the plain ones (Ｋ歌 -> k歌), case goes;
    - accents of letters go, so pinyin may carry its tones (zībó -> zibo); ``ü``, with or
      without a tone, becomes ``v`` as it is typed (lǜ -> lv);
    - white space, punctuation (Chinese, too), apostrophes, zero-width and control characters
      go: 张店·书房, “张店书房” and 张店 书房 are all 张店书房.

    Symbols that mean something (+, №, ℃, emoji) stay. The answer may be empty.
    """
    if text.isascii():
        return text.lower().translate(_FOLDING)
    spread = unicodedata.normalize("NFKD", text).casefold()
    spread = unicodedata.normalize("NFKD", spread).replace("u\u0308", "v")
    return unicodedata.normalize("NFC", spread.translate(_FOLDING))
