"""An edition's places as columns: one array a fact, one row a place; and what is sorted by it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from geo.city import City
from geo.edition import Edition, Entry
from geo.listing import Site
from geo.search_index import SearchRow, build, spellings
from geo.spatial import Partition, partition
from geo.text import fold

NO_AGE = 255
"""Upper age of a place that suits any age, or whose ages are not known."""

FREE = {None: 2, True: 1, False: 0}

Array = npt.NDArray[Any]
Arrays = dict[str, Array]
Places = Sequence[tuple[Entry, Site]]


def in_row_order(edition: Edition) -> Places:
    """The places, neighbours on the map next to each other, so that an answer reads few pages."""
    sites = edition.sites()
    lon, lat = positions(sites)
    order = partition(np.arange(len(sites), dtype=np.int32), lon, lat).rows
    return [sites[row] for row in order.tolist()]


def positions(sites: Places) -> tuple[Array, Array]:
    """Longitudes and latitudes, WGS-84 degrees."""
    lon = np.array([site.lon for _, site in sites], dtype=np.float64)
    lat = np.array([site.lat for _, site in sites], dtype=np.float64)
    return lon, lat


def facts(city: City, sites: Places) -> Arrays:
    """What filters compare, and where to find a listing by its id.

    Codes are places in the city's vocabularies; facilities are the bits of one number.
    """
    bit = {term.code: 1 << place for place, term in enumerate(city.facilities)}
    columns: Arrays = {
        "id": np.array([e.id for e, _ in sites], dtype=np.int64),
        "changed_in": np.array([e.changed_in for e, _ in sites], dtype=np.int64),
        "age_min": np.array([s.ages.min if s.ages else 0 for _, s in sites], dtype=np.uint8),
        "age_max": np.array([s.ages.max if s.ages else NO_AGE for _, s in sites], dtype=np.uint8),
        "free": np.array([FREE[s.free] for _, s in sites], dtype=np.uint8),
        "facilities": np.array(
            [sum(bit[code] for code in set(s.facilities)) for _, s in sites], dtype=np.uint64
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


def distinct_hours(sites: Places) -> tuple[list[Any], Array]:
    """The distinct opening hours (expression and closures) and which of them each row has."""
    place: dict[bytes, int] = {orjson.dumps([None, []]): 0}
    of_row = []
    for _, site in sites:
        closures = [[c.start, c.end, c.reason] for c in site.closures]
        key = orjson.dumps([site.opening_hours, closures])
        of_row.append(place.setdefault(key, len(place)))
    return [orjson.loads(key) for key in place], np.array(of_row, dtype=np.int32)


def partitions(
    city: City, columns: Arrays, lon: Array, lat: Array
) -> tuple[Arrays, list[list[Any]]]:
    """A partition for all rows and one for every value that a filter can ask for.

    Returns their arrays joined, and for each its name, length, shape and grid (see
    ``geo.spatial.Partition``).
    """
    members = {"all": np.ones(len(lon), np.bool_)}
    for field, terms in (("kind", city.kinds), ("theme", city.themes)):
        for place, term in enumerate(terms):
            members[f"{field}:{term.code}"] = columns[field] == place
    for place, term in enumerate(city.facilities):
        members[f"facility:{term.code}"] = columns["facilities"] & np.uint64(1 << place) != 0
    number = {district.code: place for place, district in enumerate(city.districts)}
    for code in number:
        within = [number[part] for part in city.district_and_zones(code)]
        members[f"district:{code}"] = np.isin(columns["district"], within)
    parts = {}
    for name, mask in members.items():
        rows = np.flatnonzero(mask).astype(np.int32)
        parts[name] = partition(rows, lon[rows], lat[rows])
    return _joined(parts)


def _joined(parts: dict[str, Partition]) -> tuple[Arrays, list[list[Any]]]:
    arrays: Arrays = {
        "part_rows": np.concatenate([part.rows for part in parts.values()]),
        "part_xyz": np.concatenate([part.xyz for part in parts.values()], axis=1),
        "part_starts": np.concatenate([part.starts.ravel() for part in parts.values()]),
    }
    table = [
        [name, len(part.rows), list(part.starts.shape), list(part.grid)]
        for name, part in parts.items()
    ]
    return arrays, table


def words(city: City, sites: Places) -> Arrays:
    """What needs the pinyin of names: the search index, and the order by name."""
    keys = [(spellings(fold(site.name))[0], site.name, entry.id) for entry, site in sites]
    by_name = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int32)
    rank = np.empty(len(keys), dtype=np.int32)
    rank[by_name] = np.arange(len(keys), dtype=np.int32)
    title = {
        term.code: term.title
        for terms in (city.districts, city.themes, city.kinds)
        for term in terms
    }
    index = build(
        SearchRow(
            name=site.name,
            aliases=site.aliases,
            address=site.address,
            words=tuple(title[code] for code in (site.district, site.theme, site.kind)),
        )
        for _, site in sites
    )
    arrays = {f"search_{name}": array for name, array in index.items()}
    return arrays | {"by_name": by_name, "name_rank": rank}
