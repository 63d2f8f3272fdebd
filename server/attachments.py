"""The name under which a browser keeps what it downloads. Public names: ``attachment``."""

from urllib.parse import quote


def attachment(name: str) -> str:
    """The ``Content-Disposition`` of a file to be kept under a name, Chinese or not (RFC 6266).

    Bytes beyond ASCII in a plain ``filename`` are read as Latin-1 by whoever goes by the book.
    """
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
