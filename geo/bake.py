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
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import brotli
import numpy as np
import orjson
import zstandard

from geo import manifest
from geo.calendar import Calendar
from geo.city import City
from geo.columns import (
    Array,
    Arrays,
    Places,
    distinct_hours,
    facts,
    in_row_order,
    partitions,
    positions,
    words,
)
from geo.crs import CRSES, convert_arrays
from geo.edition import DamagedEdition, Edition, PackedEdition, Tombstone
from geo.gtfs_export import FeedInfo, export_gtfs
from geo.opening import SHANGHAI
from geo.public import hotline_record, site_core, site_record
from geo.public_bus import notice_record, route_record
from geo.timetable_columns import timetable_arrays

FORMAT = 5
"""Raised whenever the files' meaning changes; part of the cache folder's name."""

NO_WEBSITE = "https://example.invalid"
"""Where GTFS demands an address and the city has none: one that leads nowhere, by RFC 2606."""

_ABOUT = ("sha256", "published_at", "official", "calendar_sha", "city_sha")

THOROUGH = 2 << 20
"""Bytes up to which a body is compressed as tightly as can be; beyond, as fast as can be."""


def bake(edition: Edition, sha256: str, folder: Path) -> None:
    """Write all files of an edition into an existing, empty folder.

    ``sha256`` is the stored edition's checksum. The last file written is ``manifest.json``: a
    folder without it is unfinished.
    """
    city, sites = edition.city, in_row_order(edition)
    searching = _forked(lambda: _save(words(city, sites), folder))
    columns = facts(city, sites)
    hours, columns["hours"] = distinct_hours(sites)
    joined, table = partitions(city, columns, *positions(sites))
    encoded, digests = _encoded(edition, sites, sha256, folder)
    _save(columns | joined | encoded | _buses(edition, folder), folder)
    meta = _meta(edition, sha256) | {
        "hours": hours,
        "partitions": table,
        "bundle_sha256": digests,
    }
    (folder / "meta.json").write_bytes(orjson.dumps(meta))
    searching.join()
    if searching.exitcode:
        raise RuntimeError(f"building the search index ended with {searching.exitcode}")
    manifest.write(folder)


def _forked(work: Callable[[], None]) -> ForkProcess:
    """Do it in a copy of this process, on another core: half of baking is making the index."""
    process = get_context("fork").Process(target=work)
    process.start()
    return process


def _encoded(
    edition: Edition, sites: Places, sha256: str, folder: Path
) -> tuple[Arrays, dict[str, str]]:
    """Write each place's JSON in each coordinate system, and the bundles.

    Returns the offsets within the files, the positions, and the bundles' digests.
    """
    lon, lat = positions(sites)
    records = [
        site_record(e.id, s, e.updated_on, e.changed_in).model_dump_json().encode()
        for e, s in sites
    ]
    cores = [site_core(e.id, s, e.updated_on).model_dump_json().encode() for e, s in sites]
    arrays: Arrays = {}
    digests: dict[str, str] = {}
    compressing: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:
        for crs in CRSES:
            x, y = convert_arrays(lon, lat, "wgs84", crs)
            arrays |= {f"lon_{crs}": x, f"lat_{crs}": y}
            places = [
                b',"lat":%.6f,"lon":%.6f' % place
                for place in zip(y.tolist(), x.tolist(), strict=True)
            ]
            items = [core[:-1] + place for core, place in zip(cores, places, strict=True)]
            placed = [
                record[:-1] + place + b"}" for record, place in zip(records, places, strict=True)
            ]
            arrays[f"items_{crs}"] = _blob(folder / f"items_{crs}.bin", items)
            arrays[f"records_{crs}"] = _blob(folder / f"records_{crs}.bin", placed)
            routes = [
                route_record(e.id, r, e.updated_on, e.changed_in, crs).model_dump_json().encode()
                for e, r in edition.routes()
            ]
            arrays[f"routes_{crs}"] = _blob(folder / f"routes_{crs}.bin", routes)
            bundle = _bundle(edition, sha256, crs, placed, routes)
            digests[crs] = base64.b64encode(hashlib.sha256(bundle).digest()).decode()
            compressing.append(pool.submit(_bodies, folder / f"bundle_{crs}", bundle))
    for future in compressing:
        future.result()
    return arrays, digests


def _buses(edition: Edition, folder: Path) -> Arrays:
    """The timetable, each route's document, and the whole as GTFS."""
    routes = edition.routes()
    documents = [(entry.id, route) for entry, route in routes]
    columns = timetable_arrays(documents, [(e.id, notice) for e, notice in edition.notices()])
    feed = FeedInfo(
        publisher_name=f"童友图（{edition.city.name}）",
        publisher_url=edition.city.website or NO_WEBSITE,
        version=str(edition.number),
    )
    gtfs = export_gtfs(documents, Calendar(edition.calendar), feed)
    (folder / "gtfs.zip").write_bytes(gtfs)
    arrays: Arrays = {f"bus_{name}": array for name, array in columns.items()}
    arrays["route_documents"] = _blob(
        folder / "route_documents.bin",
        [route.model_dump_json().encode() for _, route in documents],
    )
    arrays["route_ids"] = np.array([entry.id for entry, _ in routes], dtype=np.int64)
    arrays["route_changed_in"] = np.array([e.changed_in for e, _ in routes], dtype=np.int64)
    return arrays


def _save(arrays: Arrays, folder: Path) -> None:
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def _blob(path: Path, pieces: Sequence[bytes]) -> Array:
    """Write the pieces one after another; returns the offsets (n + 1) of their ends."""
    path.write_bytes(b"".join(pieces))
    return np.concatenate(([0], np.cumsum([len(piece) for piece in pieces]))).astype(np.int64)


def _meta(edition: Edition, sha256: str) -> dict[str, Any]:
    return {
        "number": edition.number,
        "sha256": sha256,
        "published_at": edition.published_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "official": edition.official,
        "calendar_sha": _short_digest([day.model_dump(mode="json") for day in edition.calendar]),
        "city_sha": _short_digest(_vocabularies(edition.city)),
        "city": edition.city.model_dump(mode="json"),
        "calendar": [day.model_dump(mode="json") for day in edition.calendar],
        "hotlines": _hotlines(edition),
        "notices": _notices(edition),
        "tombstones": _tombstones(edition.tombstones),
    }


def _vocabularies(city: City) -> dict[str, Any]:
    """What the bundle tells of the city. Its positions stay out: see ``_bundle``."""
    return {
        "city": city.model_dump(mode="json", include={"code", "name", "adcode"}),
        **city.model_dump(mode="json", include={"kinds", "themes", "facilities"}),
        "districts": [d.model_dump(mode="json", exclude={"centre"}) for d in city.districts],
    }


def _short_digest(content: Any) -> str:
    """Enough of a digest to tell two contents apart."""
    whole = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(whole).hexdigest()[:16]


def _hotlines(edition: Edition) -> list[Any]:
    return [
        hotline_record(e.id, h, e.updated_on, e.changed_in).model_dump(mode="json")
        for e, h in edition.hotlines()
    ]


def _notices(edition: Edition) -> list[Any]:
    return [
        notice_record(e.id, n, e.updated_on, e.changed_in).model_dump(mode="json")
        for e, n in edition.notices()
    ]


def _tombstones(tombstones: Iterable[Tombstone]) -> list[Any]:
    return [tombstone.model_dump(mode="json") for tombstone in tombstones]


def _bundle(
    edition: Edition, sha256: str, crs: str, placed: Sequence[bytes], routes: Sequence[bytes]
) -> bytes:
    """Everything public as one document; all its positions are in ``crs``."""
    meta = _meta(edition, sha256)
    head = {
        "edition": edition.number,
        **{name: meta[name] for name in _ABOUT},
        "crs": crs,
        **_vocabularies(edition.city),
        "calendar": meta["calendar"],
        "hotlines": meta["hotlines"],
        "notices": meta["notices"],
        "tombstones": [
            stone.model_dump(mode="json", exclude={"lon", "lat"}) for stone in edition.tombstones
        ],
    }
    sites = b",".join(placed)
    lines = b",".join(routes)
    return orjson.dumps(head)[:-1] + b',"sites":[' + sites + b'],"bus_routes":[' + lines + b"]}"


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
    """Bake a stored edition: see the module's text.

    One that is damaged, or files that can't be read or written, end it with 1 and a line that
    says what is wrong.
    """
    stored, sha256, number, folder = sys.argv[1:]
    try:
        packed = PackedEdition(number=int(number), sha256=sha256, body=Path(stored).read_bytes())
        bake(packed.unpack(), sha256, Path(folder))
    except (DamagedEdition, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
