"""An edition: the numbered, immutable snapshot of everything that the public sees.

Stored as canonical JSON, compressed with zstd and known by the SHA-256 of the uncompressed
bytes. The holidays and the city's vocabularies travel inside, so an edition needs nothing else.
"""

import hashlib
from collections import Counter
from datetime import date, datetime
from typing import Literal

import orjson
import zstandard
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo.calendar import CalendarDay
from geo.city import City
from geo.listing import Hotline, Listing, Site
from geo.transit import BusRoute, Notice

MAX_BYTES = 1 << 30
"""No edition unpacks to more: a damaged length must not ask for all memory."""


class DamagedEdition(ValueError):
    """The bytes are not an edition, or not the one that their checksum names."""


class EditionModel(BaseModel):
    """Base of everything in this file: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(EditionModel):
    """One listing in an edition.

    ``changed_in`` is the number of the edition in which this content first stood;
    ``updated_on`` is the day on which its revision was approved (Asia/Shanghai).
    """

    id: int = Field(gt=0, lt=1 << 63)
    changed_in: int = Field(gt=0, lt=1 << 63)
    updated_on: date
    document: Listing


class Tombstone(EditionModel):
    """A listing that was public once and is no longer.

    ``lon``/``lat`` (WGS-84) are its last position, if it had one; ``merged_into`` names the
    listing that took its place.
    """

    id: int = Field(gt=0)
    type: str
    name: str
    reason: str
    retired_on: date
    changed_in: int = Field(gt=0)
    merged_into: int | None = None
    lon: float | None = None
    lat: float | None = None


class Edition(EditionModel):
    """Everything public, as of ``published_at``.

    ``official`` is False while any of the starting data set is shown.
    """

    format: Literal[1] = 1
    number: int = Field(gt=0)
    published_at: datetime
    official: bool
    city: City
    calendar: tuple[CalendarDay, ...]
    entries: tuple[Entry, ...]
    tombstones: tuple[Tombstone, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> "Edition":
        ids = [entry.id for entry in self.entries] + [stone.id for stone in self.tombstones]
        if len(set(ids)) != len(ids):
            twice = next(id_ for id_, times in Counter(ids).items() if times > 1)
            raise ValueError(f"listing {twice} stands twice")
        city = self.city
        for field, terms in (
            ("kind", city.kinds),
            ("theme", city.themes),
            ("district", city.districts),
        ):
            known = {term.code for term in terms}
            for entry, site in self.sites():
                if getattr(site, field) not in known:
                    raise ValueError(f"listing {entry.id}: unknown {field}")
        known = {term.code for term in city.facilities}
        for entry, site in self.sites():
            if not known.issuperset(site.facilities):
                raise ValueError(f"listing {entry.id}: unknown facility")
        for entry, hotline in self.hotlines():
            if hotline.number is None:
                raise ValueError(f"listing {entry.id}: a hotline without a number")
        return self

    def sites(self) -> list[tuple[Entry, Site]]:
        """The entries that are places, with their documents."""
        return [(e, e.document) for e in self.entries if isinstance(e.document, Site)]

    def hotlines(self) -> list[tuple[Entry, Hotline]]:
        """The entries that are telephone lines, with their documents."""
        return [(e, e.document) for e in self.entries if isinstance(e.document, Hotline)]

    def routes(self) -> list[tuple[Entry, BusRoute]]:
        """The entries that are school lines, with their documents, by id."""
        found = [(e, e.document) for e in self.entries if isinstance(e.document, BusRoute)]
        return sorted(found, key=lambda pair: pair[0].id)

    def notices(self) -> list[tuple[Entry, Notice]]:
        """The entries that are notices, with their documents."""
        return [(e, e.document) for e in self.entries if isinstance(e.document, Notice)]


class PackedEdition(EditionModel):
    """An edition as it is stored: its number, its checksum and its compressed bytes."""

    number: int
    sha256: str
    body: bytes

    def raw(self) -> bytes:
        """Decompress and verify.

        Raises:
            DamagedEdition: with what is wrong.
        """
        try:
            # A length that the frame states would override max_output_size.
            stated = zstandard.get_frame_parameters(self.body).content_size
            if stated != zstandard.CONTENTSIZE_UNKNOWN and stated > MAX_BYTES:
                raise DamagedEdition(f"edition {self.number}: claims to unpack to {stated} bytes")
            raw = zstandard.ZstdDecompressor().decompress(self.body, max_output_size=MAX_BYTES)
        except zstandard.ZstdError as error:
            raise DamagedEdition(f"edition {self.number}: does not decompress: {error}") from error
        if hashlib.sha256(raw).hexdigest() != self.sha256:
            raise DamagedEdition(f"edition {self.number}: checksum differs from {self.sha256[:12]}")
        return raw

    def unpack(self) -> Edition:
        """Decompress, verify and parse.

        Raises:
            DamagedEdition: with what is wrong.
        """
        try:
            edition = Edition.model_validate_json(self.raw())
        except ValidationError as error:
            first = error.errors()[0]
            place = "".join(f"{part}: " for part in first["loc"])
            raise DamagedEdition(f"edition {self.number}: {place}{first['msg']}") from error
        if edition.number != self.number:
            raise DamagedEdition(f"edition {self.number}: says that it is {edition.number}")
        return edition


def pack(edition: Edition) -> PackedEdition:
    """Encode canonically (keys sorted, UTF-8, no spaces), digest and compress."""
    raw = orjson.dumps(edition.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    return PackedEdition(
        number=edition.number,
        sha256=hashlib.sha256(raw).hexdigest(),
        body=zstandard.ZstdCompressor(level=9 if len(raw) < 1 << 22 else 3).compress(raw),
    )
