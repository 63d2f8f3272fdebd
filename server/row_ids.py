"""Numbers of rows as an address, a form or a tag names them.

Public names: ``row_id``, ``LARGEST_ID``.
"""

LARGEST_ID = (1 << 31) - 1
"""Of any row, on either database."""


def row_id(text: str | None) -> int | None:
    """The number that a text names; None if no row can have it.

    What no row can have is not the database's to refuse: it has no such integers.
    """
    text = (text or "").strip()
    # Ten digits are the most; Python itself refuses to read thousands of them.
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None
