"""An edition, baked: columns, indexes and ready-encoded bytes in a folder of plain files.

Baking is done once per edition and machine, in a process of its own; the web workers map the
files into memory and share them, so that a new edition costs them next to nothing. Whatever an
answer needs and time does not change is encoded here.

``python -m geo.bake EDITION.zst SHA256 NUMBER FOLDER`` bakes a stored edition.
"""

import base64
import gzip
import hashlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import brotli
import numpy as np
import numpy.typing as npt
import orjson
import zstandard

from geo import manifest
from geo.crs import CRSES, convert_arrays
from geo.edition import Edition, Entry, PackedEdition, Tombstone
from geo.listing import Site
from geo.public import hotline_record, site_core, site_record
from geo.search_index import SearchRow, build
from geo.spatial import Partition, partition

FORMAT = 1
"""Raised whenever the files' meaning changes; part of the cache folder's name."""

NO_AGE = 255
"""Upper age of a place that suits any age, or whose ages are not known."""

THOROUGH = 2 << 20
"""Bytes up to which a body is compressed as tightly as can be; beyond, as fast as can be."""

Array = npt.NDArray[Any]


def bake(edition: Edition, sha256: str, folder: Path) -> None:
    """Write all files of an edition into an existing, empty folder.

    ``sha256`` is the stored edition's checksum. The last file written is ``manifest.json``: a
    folder without it is unfinished.
    """
    sites = _in_row_order(edition)
    lon = np.array([site.lon for _, site in sites], dtype=np.float64)
    lat = np.array([site.lat for _, site in sites], dtype=np.float64)
    hours, hours_of_row = _hours(sites)
    arrays = {
        **_columns(edition, sites),
        **_sorted_names(sites),
        **{f"search_{name}": array for name, array in _search(edition, sites).items()},
        "hours": hours_of_row,
    }
    partitions, table = _partitions(edition, sites, lon, lat)
    arrays |= partitions
    records = [
        _dump(site_record(e.id, s, e.updated_on, e.changed_in).model_dump(mode="json"))
        for e, s in sites
    ]
    cores = [_dump(site_core(e.id, s, e.updated_on).model_dump(mode="json")) for e, s in sites]
    digests: dict[str, str] = {}
    for crs in CRSES:
        x, y = convert_arrays(lon, lat, "wgs84", crs)
        arrays |= {f"lon_{crs}": x, f"lat_{crs}": y}
        places = [
            b',"lat":%.6f,"lon":%.6f' % place for place in zip(y.tolist(), x.tolist(), strict=True)
        ]
        arrays[f"items_{crs}"] = _blob(
            folder / f"items_{crs}.bin",
            (core[:-1] + place for core, place in zip(cores, places, strict=True)),
        )
        placed = [record[:-1] + place + b"}" for record, place in zip(records, places, strict=True)]
        arrays[f"records_{crs}"] = _blob(folder / f"records_{crs}.bin", placed)
        bundle = _bundle(edition, sha256, crs, placed)
        digests[crs] = base64.b64encode(hashlib.sha256(bundle).digest()).decode()
        _bodies(folder / f"bundle_{crs}", bundle)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    meta = _meta(edition, sha256) | {
        "hours": hours,
        "partitions": table,
        "bundle_sha256": digests,
    }
    (folder / "meta.json").write_bytes(_dump(meta))
    manifest.write(folder)


def _dump(value: object) -> bytes:
    return orjson.dumps(value)


def _in_row_order(edition: Edition) -> list[tuple[Entry, Site]]:
    """The places, neighbours on the map next to each other, so that an answer reads few pages."""
    sites = edition.sites()
    lon = np.array([site.lon for _, site in sites], dtype=np.float64)
    lat = np.array([site.lat for _, site in sites], dtype=np.float64)
    order = partition(np.arange(len(sites), dtype=np.int32), lon, lat).rows
    return [sites[row] for row in order.tolist()]


def _columns(edition: Edition, sites: Sequence[tuple[Entry, Site]]) -> dict[str, Array]:
    city = edition.city
    bit = {term.code: 1 << place for place, term in enumerate(city.facilities)}
    free = {None: 2, True: 1, False: 0}
    columns = {
        "id": np.array([e.id for e, _ in sites], dtype=np.int64),
        "changed_in": np.array([e.changed_in for e, _ in sites], dtype=np.int64),
        "age_min": np.array([s.ages.min if s.ages else 0 for _, s in sites], dtype=np.uint8),
        "age_max": np.array([s.ages.max if s.ages else NO_AGE for _, s in sites], dtype=np.uint8),
        "free": np.array([free[s.free] for _, s in sites], dtype=np.uint8),
        "facilities": np.array(
            [sum(bit.get(code, 0) for code in set(s.facilities)) for _, s in sites],
            dtype=np.uint64,
        ),
    }
    for field, terms in (
        ("kind", city.kinds),
        ("theme", city.themes),
        ("district", city.districts),
    ):
        place = {term.code: n for n, term in enumerate(terms)}
        columns[field] = np.array([place[getattr(s, field)] for _, s in sites], dtype=np.uint8)
    columns["row_of_id"] = np.argsort(columns["id"], kind="stable").astype(np.int32)
    columns["sorted_ids"] = columns["id"][columns["row_of_id"]]
    return columns


def _sorted_names(sites: Sequence[tuple[Entry, Site]]) -> dict[str, Array]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  (30 MB that only baking needs)

    keys = [(lazy_pinyin(site.name), site.name, entry.id) for entry, site in sites]
    by_name = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int32)
    rank = np.empty(len(keys), dtype=np.int32)
    rank[by_name] = np.arange(len(keys), dtype=np.int32)
    return {"by_name": by_name, "name_rank": rank}


def _search(edition: Edition, sites: Sequence[tuple[Entry, Site]]) -> dict[str, Array]:
    title = {
        term.code: term.title
        for terms in (edition.city.districts, edition.city.themes, edition.city.kinds)
        for term in terms
    }
    return build(
        SearchRow(
            name=site.name,
            aliases=site.aliases,
            address=site.address,
            words=tuple(title[code] for code in (site.district, site.theme, site.kind)),
        )
        for _, site in sites
    )


def _hours(sites: Sequence[tuple[Entry, Site]]) -> tuple[list[Any], Array]:
    """The distinct opening hours (expression and closures) and which of them each row has."""
    place: dict[bytes, int] = {_dump([None, []]): 0}
    of_row = [
        place.setdefault(
            _dump([s.opening_hours, [[c.start, c.end, c.reason] for c in s.closures]]), len(place)
        )
        for _, s in sites
    ]
    return [orjson.loads(key) for key in place], np.array(of_row, dtype=np.int32)


def _partitions(
    edition: Edition,
    sites: Sequence[tuple[Entry, Site]],
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
) -> tuple[dict[str, Array], list[Any]]:
    """A partition for all rows and one for every value that a filter can ask for."""
    members: dict[str, list[int]] = {"all": list(range(len(sites)))}
    for row, (_, site) in enumerate(sites):
        members.setdefault(f"kind:{site.kind}", []).append(row)
        members.setdefault(f"theme:{site.theme}", []).append(row)
        for code in set(site.facilities):
            members.setdefault(f"facility:{code}", []).append(row)
    for district in edition.city.districts:
        codes = set(edition.city.district_and_zones(district.code))
        rows = [row for row, (_, site) in enumerate(sites) if site.district in codes]
        members[f"district:{district.code}"] = rows
    parts = {
        name: partition((at := np.array(rows, dtype=np.int32)), lon[at], lat[at])
        for name, rows in members.items()
    }
    return _joined(parts)


def _joined(parts: dict[str, Partition]) -> tuple[dict[str, Array], list[Any]]:
    arrays = {
        f"part_{field}": np.concatenate([getattr(part, field) for part in parts.values()])
        for field in ("rows", "key", "xyz")
    }
    table = [
        [name, len(part.rows), part.south, part.west, part.height, part.span]
        for name, part in parts.items()
    ]
    return arrays, table


def _blob(path: Path, pieces: Iterable[bytes]) -> Array:
    """Write the pieces one after another; returns the offsets (n + 1) of their ends."""
    pieces = list(pieces)
    path.write_bytes(b"".join(pieces))
    return np.concatenate(([0], np.cumsum([len(piece) for piece in pieces]))).astype(np.int64)


def _meta(edition: Edition, sha256: str) -> dict[str, Any]:
    return {
        "number": edition.number,
        "sha256": sha256,
        "published_at": edition.published_at.isoformat(),
        "official": edition.official,
        "city": edition.city.model_dump(mode="json"),
        "calendar": [day.model_dump(mode="json") for day in edition.calendar],
        "hotlines": _hotlines(edition),
        "tombstones": _tombstones(edition.tombstones),
    }


def _hotlines(edition: Edition) -> list[Any]:
    return [
        hotline_record(e.id, h, e.updated_on, e.changed_in).model_dump(mode="json")
        for e, h in edition.hotlines()
    ]


def _tombstones(tombstones: Iterable[Tombstone]) -> list[Any]:
    return [tombstone.model_dump(mode="json") for tombstone in tombstones]


def _bundle(edition: Edition, sha256: str, crs: str, placed: Sequence[bytes]) -> bytes:
    head = _meta(edition, sha256)
    head["edition"] = head.pop("number")
    return _dump(head | {"crs": crs})[:-1] + b',"sites":[' + b",".join(placed) + b"]}"


def _bodies(stem: Path, raw: bytes) -> None:
    """Write a body as it is and compressed in each way that a client may ask for."""
    thorough = len(raw) <= THOROUGH
    zstd = zstandard.ZstdCompressor(level=19 if thorough else 3)
    forms = {
        "json": raw,
        "br": brotli.compress(raw, quality=11 if thorough else 1),
        "gzip": gzip.compress(raw, compresslevel=9 if thorough else 1, mtime=0),
        "zstd": zstd.compress(raw),
    }
    for ending, body in forms.items():
        stem.with_name(f"{stem.name}.{ending}").write_bytes(body)


def main() -> None:
    """Bake a stored edition: see the module's text."""
    stored, sha256, number, folder = sys.argv[1:]
    packed = PackedEdition(number=int(number), sha256=sha256, body=Path(stored).read_bytes())
    bake(packed.unpack(), sha256, Path(folder))


if __name__ == "__main__":
    main()
