"""Listings as tables for people: .xlsx, .csv, GeoJSON. What is exported can be imported again.

Public names: ``FORMS``, ``Export``, ``collect``, ``written``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from geo.city import City
from geo.geojson_io import to_feature
from geo.listing import Site
from server.db import AnySession
from server.imports import known
from server.imports.column import ID, Column
from server.imports.columns import COLUMNS
from server.imports.known import Standing
from server.imports.telling import cell_text
from server.imports.template import NAMES
from server.sheets.writing import CSV, XLSX, Cell, Sheet, delimited, xlsx

FORMS = {"xlsx": "Excel 表格（.xlsx）", "csv": "CSV 文本", "geojson": "GeoJSON（仅地点）"}
_NUMBERS = frozenset({ID, "lon", "lat"})


class Written(NamedTuple):
    """A file to be handed out."""

    name: str
    media_type: str
    body: Iterable[bytes]


@dataclass(frozen=True)
class Export:
    """By type the listings that are exported, in the order asked for; as their newest revisions
    have them, so that an import of the file finds nothing changed."""

    listings: Mapping[str, Sequence[Standing]]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each type."""
        return {type_: len(found) for type_, found in self.listings.items() if found}


def collect(session: AnySession, ids: Iterable[int]) -> Export:
    """The sites and hotlines among some listings; other types have files of their own."""
    wanted = list(ids)
    listings = {}
    for type_ in COLUMNS:
        standing = known.load(session, type_, wanted).by_id
        listings[type_] = [standing[id_] for id_ in wanted if id_ in standing]
    return Export(listings)


def written(export: Export, form: str, city: City, name: str) -> Written:
    """The export as a file; .csv holds the first type alone that there is any of."""
    if form == "geojson":
        return Written(f"{name}.geojson", "application/geo+json", _features(export))
    if form == "csv":
        type_ = next(iter(export.counts), "site")
        columns = _columns(type_)
        rows = _rows(columns, export.listings[type_], city)
        return Written(f"{name}.csv", CSV, delimited([c.heading for c in columns], rows))
    sheets = [_sheet(type_, export, city) for type_ in export.counts or ("site",)]
    return Written(f"{name}.xlsx", XLSX, [xlsx(sheets)])


def _sheet(type_: str, export: Export, city: City) -> Sheet:
    columns = _columns(type_)
    rows = _rows(columns, export.listings[type_], city)
    headings, widths = [c.heading for c in columns], [c.width for c in columns]
    return Sheet(NAMES[type_], headings, rows, widths)


def _columns(type_: str) -> list[Column]:
    return [column for column in COLUMNS[type_] if column.exported]


def _rows(
    columns: Sequence[Column], listings: Iterable[Standing], city: City
) -> Iterator[list[Cell]]:
    for one in listings:
        key = one.external_key
        yield [
            _number(text) if column.field in _NUMBERS else text
            for column in columns
            for text in [cell_text(column, one.document, city, one.id, key)]
        ]


def _number(text: str) -> Cell:
    return int(text) if text.isdecimal() else float(text)


def _features(export: Export) -> Iterator[bytes]:
    """A FeatureCollection, feature by feature. ``listing_id`` knows each again."""
    yield b'{"type":"FeatureCollection","features":['
    for n, one in enumerate(export.listings["site"]):
        feature = to_feature(one.id, Site.model_validate(one.document))
        properties = {"listing_id": one.id, "external_key": one.external_key}
        feature["properties"] = properties | feature["properties"]
        yield (b",\n" if n else b"\n") + orjson.dumps(feature)
    yield b"\n]}\n"
