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
from geo.spatial import SCAN, Partition, nearest_first
from geo.sphere import EARTH_RADIUS_M, Box, box_around, chord, unit_vectors

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

FREE = {True: 1, False: 0}
UNKNOWN_FREE = 2

MARGIN = 0.012
"""Degrees around a converted box: more than GCJ-02 and BD-09 differ from WGS-84 at all, so that
even a box with a corner outside China is held whole."""


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
        self._nothing = Partition(
            np.empty(0, np.int32), np.empty(0), np.empty((0, 3)), 0.0, 0.0, 1.0, 2.0
        )
        self._search = search
        self._moments = moments
        self._kinds = {term.code: place for place, term in enumerate(city.kinds)}
        self._themes = {term.code: place for place, term in enumerate(city.themes)}
        self._bits = {term.code: 1 << place for place, term in enumerate(city.facilities)}
        place = {district.code: n for n, district in enumerate(city.districts)}
        self._districts = {
            code: np.isin(np.arange(256), [place[c] for c in city.district_and_zones(code)])
            for code in place
        }

    def find(self, question: Question, offset: int, limit: int) -> Found:
        """One page of the places that fit, in the order asked for.

        Without ``sort``, the order is distance if there is a centre, else relevance if there is
        a ``q``, else name.
        """
        rows, cosine = self._candidates(question)
        fits, unsure = self._fits(question, rows)
        unconfirmed = None if unsure is None else int(np.count_nonzero(unsure))
        if fits is not None:
            rows = rows[fits]
            cosine = None if cosine is None else cosine[fits]
        page, chosen = self._page(question, rows, cosine, offset, limit)
        return Found(page, self._metres(question, page), chosen, unconfirmed)

    def rows(self, question: Question) -> Rows:
        """All places that fit, in no order that means anything (or by relevance, with a q)."""
        rows, _ = self._candidates(question)
        fits, _ = self._fits(question, rows)
        return rows if fits is None else rows[fits]

    def size(self, name: str) -> int:
        """How many rows a filter value has, such as ``theme:science``."""
        return len(self._partitions.get(name, self._nothing).rows)

    def _candidates(self, question: Question) -> tuple[Rows, Array | None]:
        """Rows that fit the place and the words asked for, and the cosine of each angle."""
        if question.q is not None:
            rows = self._search.find(question.q)
            xyz = None
        else:
            part = self._rarest(question)
            rows, xyz = part.rows, part.xyz
            box = None if question.box is None else _around_box(question.box, question.box_crs)
            if question.centre is not None and question.radius is not None and box is None:
                box = box_around(*question.centre, question.radius)
            if box is not None and len(rows) > SCAN:
                at = part.box(box)
                rows, xyz = rows[at], xyz[at]
        if question.box is not None:
            rows, xyz = self._within(question, rows, xyz)
        if question.centre is None:
            return rows, None
        return self._around(question, rows, xyz)

    def _within(
        self, question: Question, rows: Rows, xyz: Array | None
    ) -> tuple[Rows, Array | None]:
        box = question.box
        assert box is not None
        lon = self._columns[f"lon_{question.box_crs}"][rows]
        lat = self._columns[f"lat_{question.box_crs}"][rows]
        inside = (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
        return rows[inside], None if xyz is None else xyz[inside]

    def _around(
        self, question: Question, rows: Rows, xyz: Array | None
    ) -> tuple[Rows, Array | None]:
        assert question.centre is not None
        if xyz is None:
            xyz = unit_vectors(self._lon[rows], self._lat[rows])
        cosine = xyz @ _unit(question.centre)
        if question.radius is None:
            return rows, cosine
        near = cosine >= 1.0 - chord(question.radius) ** 2 / 2.0
        return rows[near], cosine[near]

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
            tests.append(column["kind"][rows] == self._kinds[question.kind])
        if question.theme is not None:
            tests.append(column["theme"][rows] == self._themes[question.theme])
        if question.district is not None:
            tests.append(self._districts[question.district][column["district"][rows]])
        if question.facilities:
            bits = np.uint64(sum(self._bits[code] for code in set(question.facilities)))
            tests.append(column["facilities"][rows] & bits == bits)
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

    def _page(
        self, question: Question, rows: Rows, cosine: Array | None, offset: int, limit: int
    ) -> tuple[Rows, int]:
        total = len(rows)
        sort = question.sort or (
            "distance" if cosine is not None else "name" if question.q is None else "relevance"
        )
        if sort == "relevance":
            return rows[offset : offset + limit], total
        if sort == "distance":
            assert cosine is not None
            order = nearest_first(cosine, self._ids[rows], offset + limit)
            return rows[order[offset:]], total
        if total == len(self._ids):
            return self._columns["by_name"][offset : offset + limit], total
        rank = self._name_rank[rows]
        if offset + limit < total:
            first = np.argpartition(rank, offset + limit)[: offset + limit]
            rows, rank = rows[first], rank[first]
        return rows[np.argsort(rank)[offset : offset + limit]], total

    def _metres(self, question: Question, rows: Rows) -> Array | None:
        if question.centre is None:
            return None
        apart = unit_vectors(self._lon[rows], self._lat[rows]) - _unit(question.centre)
        half = np.sqrt(np.einsum("ij,ij->i", apart, apart)) / 2.0
        return 2.0 * EARTH_RADIUS_M * np.arcsin(np.minimum(half, 1.0))


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
    return Box(
        min(lons) - MARGIN, min(lats) - MARGIN, max(lons) + MARGIN, max(lats) + MARGIN
    )


def _unit(centre: tuple[float, float]) -> Array:
    return unit_vectors(np.array([centre[0]]), np.array([centre[1]]))[0]
