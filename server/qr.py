"""QR codes, drawn for pages.

Public names: ``drawing``.
"""

from typing import Literal


def drawing(text: str, level: Literal["l", "m", "q", "h"] = "m") -> str:
    """A QR code as a ``data:`` address of an SVG; ``level``: how much of it may be covered."""
    # Loading it takes a moment, and few workers ever need it.
    import segno

    code = segno.make(text, error=level, micro=False)
    drawn: str = code.svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
    return drawn
