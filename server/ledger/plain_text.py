"""Texts as they are kept, through whichever door they come. Public name: ``plain``."""

import unicodedata


def plain(text: str) -> str:
    """Line ends as we have them; without what controls a machine, which no database takes whole.

    Characters for private use stay: old systems write rare names with them.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        letter
        for letter in lines
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs")
    )
