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
        fate = self[code] = _fate(chr(code))
        return fate


def _fate(character: str) -> str | None:
    accent = "\u0300" <= character <= "\u036f" or "\ufe00" <= character <= "\ufe0f"
    ignored = accent or character in _IGNORED_SYMBOLS
    ignored = ignored or unicodedata.category(character).startswith(_IGNORED_CATEGORIES)
    return None if ignored else _LIKE_LATIN.get(character, character)


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
    return unicodedata.normalize("NFC", _spread(text).translate(_FOLDING))


def vanishes(text: str) -> bool:
    """Whether ``fold`` leaves nothing. Remembers no characters: one may ask for all there are."""
    return all(_fate(character) is None for character in _spread(text))


def _spread(text: str) -> str:
    """Plain, lower case, each accent a character of its own."""
    spread = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKD", spread).replace("u\u0308", "v")
