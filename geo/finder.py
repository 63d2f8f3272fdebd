"""From a question to rows: the rarest filter's partition, then space, then the other filters."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.city import City
from geo.crs import Crs, convert
from geo.moment import Moments
from geo.question import Found, Question
from geo.search import SearchIndex
from geo.spatial import SCAN, Partition, partition, smallest_first, squared_chords
from geo.sphere import Box, arc, box_around, chord, unit_vector, unit_vectors

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

FREE = {True: 1, False: 0}
UNKNOWN_FREE = 2

NO_CODE, NO_BIT, NOWHERE = -1, np.uint64(0), np.zeros(256, np.bool_)
"""Stand for codes that the city does not have: no row has them."""

MARGIN = 0.02
"""Degrees around a converted box: more than GCJ-02 and BD-09 differ from WGS-84 at all, so that
even a box with a corner outside China is held whole."""

ROUNDING = 1e-15
"""By how much a chord may come out too long; some 6 nm on the ground."""


class Finder:
    """Answers questions from an edition's columns; see ``geo.bake`` for their names."""

    def __init__(
        self,
        city: City,
        columns: Mapping[str, Array],
        partitions: Mapping[str, Partition],
        search: SearchIndex,
        moments: Moments,
    ) -> None:
        self._columns = columns
        self._lon, self._lat = columns["lon_wgs84"], columns["lat_wgs84"]
        self._ids, self._name_rank = columns["id"], columns["name_rank"]
        self._partitions = partitions
        self._everything = partitions["all"]
        self._nothing = partition(np.empty(0, np.int32), np.empty(0), np.empty(0))
        self._search = search
        self._moments = moments
        self._kinds = {term.code: place for place, term in enumerate(city.kinds)}
        self._themes = {term.code: place for place, term in enumerate(city.themes)}
        self._bits = {
            term.code: np.uint64(1 << place) for place, term in enumerate(city.facilities)
        }
        place = {district.code: n for n, district in enumerate(city.districts)}
        self._districts = {
            code: np.isin(np.arange(256), [place[c] for c in city.district_and_zones(code)])
            for code in place
        }

    def find(self, question: Question, offset: int, limit: int) -> Found:
        """One page of the places that fit, in the order asked for.

        Without ``sort``, the order is distance if there is a centre, else relevance if there is
        a ``q``, else name. A code that the city does not have finds nothing.
        """
        rows, apart = self._candidates(question)
        fits, unsure = self._fits(question, rows)
        unconfirmed = None if unsure is None else int(np.count_nonzero(unsure))
        if fits is not None:
            rows = rows[fits]
            apart = None if apart is None else apart[fits]
        order = self._order(question, rows, apart, offset, limit)
        metres = None if apart is None else arc(np.sqrt(apart[order]))
        return Found(rows[order], metres, len(rows), unconfirmed)

    def rows(self, question: Question) -> Rows:
        """All places that fit, in no order that means anything (or by relevance, with a q)."""
        rows, _ = self._candidates(question)
        fits, _ = self._fits(question, rows)
        return rows if fits is None else rows[fits]

    def size(self, name: str) -> int:
        """How many rows a filter value has, such as ``theme:science``."""
        return len(self._partitions.get(name, self._nothing).rows)

    def _candidates(self, question: Question) -> tuple[Rows, Array | None]:
        """Rows that fit the place and the words asked for, and with a centre the square of each
        one's chord from there."""
        if question.q is not None:
            rows = self._search.find(question.q)
            xyz = None
        else:
            part = self._rarest(question)
            rows, xyz = part.rows, part.xyz
            if len(rows) > SCAN and (box := _search_box(question)) is not None:
                rows, xyz = part.inside(box)
        if question.box is not None:
            inside = self._inside(question.box, question.box_crs, rows)
            rows, xyz = rows[inside], None if xyz is None else xyz[:, inside]
        if question.centre is None:
            return rows, None
        if xyz is None:
            xyz = unit_vectors(self._lon[rows], self._lat[rows])
        apart = squared_chords(xyz, unit_vector(*question.centre))
        if question.radius is None:
            return rows, apart
        near = (apart <= (chord(question.radius) + ROUNDING) ** 2).nonzero()[0]
        return rows.take(near), apart.take(near)

    def _inside(self, box: Box, crs: Crs, rows: Rows) -> Mask:
        """Which rows lie in a box, its edges included."""
        lon, lat = self._columns[f"lon_{crs}"][rows], self._columns[f"lat_{crs}"][rows]
        inside: Mask = (
            (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
        )
        return inside

    def _rarest(self, question: Question) -> Partition:
        """The smallest partition that holds every row that can fit."""
        wanted = []
        if question.kind is not None:
            wanted.append(f"kind:{question.kind}")
        if question.theme is not None:
            wanted.append(f"theme:{question.theme}")
        if question.district is not None:
            wanted.append(f"district:{question.district}")
        wanted += [f"facility:{code}" for code in question.facilities]
        if not wanted:
            return self._everything
        found = [self._partitions.get(name, self._nothing) for name in wanted]
        return min(found, key=lambda part: len(part.rows))

    def _fits(self, question: Question, rows: Rows) -> tuple[Mask | None, Mask | None]:
        """Which rows fit all filters, and which would but for a fact that is not known.

        None stands for "all of them" in the first place, for "nothing of that kind was asked"
        in the second.
        """
        column = self._columns
        fits: Mask | None = None
        tests: list[Mask] = []
        if question.kind is not None:
            tests.append(column["kind"][rows] == self._kinds.get(question.kind, NO_CODE))
        if question.theme is not None:
            tests.append(column["theme"][rows] == self._themes.get(question.theme, NO_CODE))
        if question.district is not None:
            within = self._districts.get(question.district, NOWHERE)
            tests.append(within[column["district"][rows]])
        for code in question.facilities:
            tests.append(column["facilities"][rows] & self._bits.get(code, NO_BIT) != 0)
        if question.age is not None:
            tests.append(column["age_min"][rows] <= question.age)
            tests.append(column["age_max"][rows] >= question.age)
        for test in tests:
            fits = test if fits is None else fits & test
        return self._certain(question, rows, fits)

    def _certain(
        self, question: Question, rows: Rows, fits: Mask | None
    ) -> tuple[Mask | None, Mask | None]:
        """Tighten by the facts that may be unknown: fee and opening hours."""
        if question.free is None and question.open_minute is None:
            return fits, None
        possible = np.ones(len(rows), np.bool_) if fits is None else fits
        sure = possible
        if question.free is not None:
            free = self._columns["free"][rows]
            yes = free == FREE[question.free]
            sure = sure & yes
            possible = possible & (yes | (free == UNKNOWN_FREE))
        if question.open_minute is not None:
            is_open, unknown = self._moments.at_minute(question.open_minute).flags
            hours = self._columns["hours"][rows]
            sure = sure & is_open[hours]
            possible = possible & (is_open | unknown)[hours]
        return sure, possible & ~sure

    def _order(
        self, question: Question, rows: Rows, apart: Array | None, offset: int, limit: int
    ) -> npt.NDArray[np.intp]:
        """Positions in ``rows`` of one page, in the order asked for."""
        total = len(rows)
        sort = question.sort or (
            "distance" if apart is not None else "name" if question.q is None else "relevance"
        )
        if sort == "relevance":
            return np.arange(offset, max(offset, min(offset + limit, total)))
        if sort == "distance":
            if apart is None:
                raise ValueError("sorted by distance, but from nowhere")
            ids = self._ids
            return smallest_first(apart, lambda at: ids[rows[at]], offset + limit)[offset:]
        if rows is self._everything.rows:
            # These are all rows in the edition's own order, so that row and position are one.
            by_name: Array = self._columns["by_name"][offset : offset + limit]
            return by_name
        rank = self._name_rank[rows]
        return smallest_first(rank, rank.__getitem__, offset + limit)[offset:]


def _search_box(question: Question) -> Box | None:
    """A WGS-84 box that holds everything the question can mean, if there is one."""
    if question.box is not None:
        return _around_box(question.box, question.box_crs)
    if question.centre is not None and question.radius is not None:
        return box_around(*question.centre, question.radius)
    return None


def _around_box(box: Box, crs: Crs) -> Box:
    """A WGS-84 box that holds all of a box in another system.

    Rectangles of one system are not quite those of another: see ``MARGIN``.
    """
    if crs == "wgs84":
        return box
    corners = [
        convert(lon, lat, crs, "wgs84")
        for lon in (box.west, box.east)
        for lat in (box.south, box.north)
    ]
    lons, lats = zip(*corners, strict=True)
    return Box(min(lons) - MARGIN, min(lats) - MARGIN, max(lons) + MARGIN, max(lats) + MARGIN)
