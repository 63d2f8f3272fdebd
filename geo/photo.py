"""A picture of a place, as a listing names it: which, what is on it, how large it is.

The pictures themselves are none of the map's: ``server.photos`` makes and keeps them.
"""

from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from geo.listing_base import CONTROLS, Document, Line

WIDTHS = (320, 960, 1920)
"""Pixels: a row of a list, a phone's screen, a desk's. No picture is made wider than it came."""

SMALL, MIDDLE, LARGE = WIDTHS
MOST = 8
"""Photos of one place."""

PhotoId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of the widest picture."""


class Photo(Document):
    """One picture. ``width`` and ``height`` are the pixels of the widest that there is."""

    id: PhotoId
    alt: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=100, pattern=rf"^[^\t\n{CONTROLS}]+$"
        ),
    ]
    """What is to be seen, for whoever can't see it."""
    credit: Line = ""
    """Who made it, where that has to be told."""
    width: Annotated[int, Field(ge=1, le=LARGE)]
    height: Annotated[int, Field(ge=1, le=10_000)]


class Size(NamedTuple):
    """One of a photo's pictures: pixels, and its path on whatever host serves us."""

    width: int
    height: int
    path: str


def size(photo: Photo, width: int) -> Size:
    """The picture that is served for ``width``, one of ``WIDTHS``; it may be narrower."""
    return Size(*scaled(photo.width, photo.height, width), media_path(photo.id, width))


def media_path(id_: str, width: int) -> str:
    """Where a picture is served: ``/media/<id>-<width>.jpg``."""
    return f"/media/{id_}-{width}.jpg"


def scaled(width: int, height: int, to: int) -> tuple[int, int]:
    """Width and height in pixels, of the same shape, not wider than ``to``."""
    if width <= to:
        return width, height
    return to, max(1, round(height * to / width))
