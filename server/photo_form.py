"""The photos in a listing's form: rows of inputs <-> the document's list.

Inputs are ``photos.0.id``, ``.alt``, ``.credit``, ``.width``, ``.height``; besides ``.place``, by
which rows are put in order, and ``.remove``, ticked where a photo is to go.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from geo.photo import MOST, SMALL, media_path, scaled

PARTS = ("id", "alt", "credit", "width", "height")
MOST_ROWS = 3 * MOST
"""More than anybody can have added by hand."""


class Row(NamedTuple):
    """A row as it is shown; ``width`` and ``height`` are those of its small picture."""

    number: int
    id: str
    alt: str
    credit: str
    full: tuple[str, str]
    path: str
    width: int
    height: int


def typed(photos: list[Mapping[str, Any]] | None) -> dict[str, str]:
    """What somebody would have typed to say what the document says."""
    return {
        f"photos.{n}.{part}": str(photo.get(part, ""))
        for n, photo in enumerate(photos or ())
        for part in PARTS
    }


def read(raw: Mapping[str, str]) -> list[dict[str, str]]:
    """The photos that stay, in the order that was asked for; what makes no sense stays as typed."""
    return [{part: raw.get(f"photos.{n}.{part}", "").strip() for part in PARTS} for n in rows(raw)]


def rows(raw: Mapping[str, str]) -> list[int]:
    """The numbers of the rows that stay, in that order."""
    numbers = [n for n in _numbers(raw) if not raw.get(f"photos.{n}.remove")]
    return sorted(numbers, key=lambda n: (_place(raw, n), n))[:MOST_ROWS]


def shown(raw: Mapping[str, str]) -> list[Row]:
    """All rows, those that are ticked to go as well, in order."""
    numbers = sorted(_numbers(raw), key=lambda n: (_place(raw, n), n))[:MOST_ROWS]
    return [_row(raw, n) for n in numbers]


def input_of(path: str, raw: Mapping[str, str]) -> str:
    """The input in which a part of the document was typed; other paths as they are."""
    head, *rest = path.split(".")
    numbers = rows(raw) if head == "photos" and rest and rest[0].isdecimal() else []
    if numbers and int(rest[0]) < len(numbers):
        # What is hidden has its mistakes told beside what is shown.
        part = rest[1] if rest[1:2] in (["alt"], ["credit"]) else "alt"
        return f"photos.{numbers[int(rest[0])]}.{part}"
    return path


def with_one_more(raw: Mapping[str, str], photo: Mapping[str, Any]) -> dict[str, str]:
    """The rows with another photo behind them; handed in twice, it is there once."""
    if photo["id"] in {raw[f"photos.{n}.id"].strip() for n in _numbers(raw)}:
        return dict(raw)
    number = max(_numbers(raw), default=-1) + 1
    last = max((_place(raw, n) for n in _numbers(raw)), default=0) + 1
    row = {f"photos.{number}.{part}": str(photo[part]) for part in PARTS}
    return dict(raw) | row | {f"photos.{number}.place": str(last)}


def joined(photos: list[Mapping[str, Any]] | None, raw: Mapping[str, str]) -> dict[str, str]:
    """What stands, and behind it the photos of a form that are not among it."""
    both = typed(photos)
    for photo in read(raw):
        both = with_one_more(both, photo)
    return both


def _numbers(raw: Mapping[str, str]) -> set[int]:
    return {
        int(parts[1])
        for name, text in raw.items()
        if (parts := name.split("."))[0] == "photos"
        if len(parts) == 3 and parts[2] == "id" and text.strip()
        if parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) < 4
    }


def _place(raw: Mapping[str, str], number: int) -> int:
    text = raw.get(f"photos.{number}.place", "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else number + 1


def _row(raw: Mapping[str, str], number: int) -> Row:
    id_, alt, credit, width, height = (
        raw.get(f"photos.{number}.{part}", "").strip() for part in PARTS
    )
    size = [int(text) if text.isascii() and text.isdecimal() else 0 for text in (width, height)]
    small = scaled(size[0], size[1], SMALL)
    return Row(number, id_, alt, credit, (width, height), media_path(id_, SMALL), *small)
