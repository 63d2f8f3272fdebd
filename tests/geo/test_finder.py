"""Is what is found exactly what fits? Held against loops over the documents themselves."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from geo import bake, finder, spatial
from geo.atlas import Atlas
from geo.calendar import Calendar
from geo.crs import CRSES, Crs, convert
from geo.listing import Closure, Site
from geo.opening import SHANGHAI, Hours
from geo.question import Found, Question
from geo.sphere import Box, distance_m
from tests.geo.material import CALENDAR, CITY, EXPRESSIONS, baked, edition, of_sites, site

FIRST_ID = 101
MINUTES = [
    int(datetime.fromisoformat(f"2026-{moment}+08:00").timestamp() // 60)
    for moment in (
        "03-04T13:30",
        "03-07T01:59",
        "03-08T10:00",
        "07-10T09:00",
        "10-01T09:00",
        "10-10T08:30",
    )
]
CLOSURE = Closure(start=date(2026, 3, 4), end=date(2026, 3, 8), reason="布展")

# Positions of several kinds: heaps of equal ones on a grid, a line, a yard of 1 cm steps, the
# corners of the earth.
grid = st.tuples(st.integers(-4, 4), st.integers(-4, 4)).map(
    lambda p: (118.05 + p[0] / 32, 36.8 + p[1] / 32)
)
line = st.integers(0, 40).map(lambda n: (117.5 + n / 40, 36.0))
yard = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda p: (118.05 + p[0] * 1e-7, 36.8 + p[1] * 1e-7)
)
city_wide = st.tuples(st.floats(117.45, 118.65), st.floats(35.85, 37.4))
earth = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
corners = st.sampled_from([(180.0, 0.0), (-180.0, 0.0), (0.0, 90.0), (7.0, -90.0), (0.0, 0.0)])
position = st.one_of(grid, line, yard, city_wide, earth, corners)
crowds = st.sampled_from([grid, line, yard, city_wide, position])

codes = {
    name: [term.code for term in getattr(CITY, name)]
    for name in ("kinds", "themes", "districts", "facilities")
}
name = st.text("文博图书馆山水", min_size=1, max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> list[Site]:
    """Drawn by numpy beyond the positions: places by the hundred are much to draw singly."""
    places = draw(st.lists(draw(crowds), max_size=60))
    repeated = places * draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    names = draw(st.lists(name, min_size=1, max_size=6))
    return [_document(rng, names, lon, lat) for lon, lat in repeated]


def _document(rng: np.random.Generator, names: Sequence[str], lon: float, lat: float) -> Site:
    def pick(of: Sequence[Any]) -> Any:
        return of[rng.integers(len(of))]

    young = int(rng.integers(0, 12))
    return site(
        name=pick(names),
        aliases=(pick(names),) if rng.random() < 0.2 else (),
        address=pick(["", "文化路", "博山路"]),
        kind=pick(codes["kinds"]),
        theme=pick(codes["themes"]),
        district=pick(codes["districts"]),
        facilities=tuple(code for code in codes["facilities"] if rng.random() < 0.5),
        free=pick([True, False, None]),
        ages=pick([None, {"min": young, "max": young + 6}]),
        opening_hours=pick(EXPRESSIONS),
        closures=(CLOSURE,) if rng.random() < 0.2 else (),
        lon=lon,
        lat=lat,
    )


@st.composite
def questions(draw: st.DrawFn, sites: Sequence[Site]) -> Question:
    def some(values: st.SearchStrategy[Any]) -> Any:
        return draw(st.one_of(st.none(), values))

    near = position
    if sites:
        near |= st.sampled_from([(s.lon, s.lat) for s in sites])
    crs = draw(st.sampled_from(CRSES))
    box = None
    if draw(st.booleans()):
        (west, south), (east, north) = (convert(*draw(near), "wgs84", crs) for _ in range(2))
        box = Box(min(west, east), min(south, north), max(west, east), max(south, north))
    centre = some(near)
    radius = None
    if centre is not None:
        radius = some(st.one_of(st.sampled_from([0.0, 0.05, 3e3, 2e5, 3e7]), st.floats(0, 2e7)))
    q = some(st.one_of(name, st.sampled_from(["张店", "高新", "科技", "阅读", "路", "没有"])))
    orders = ["name", *["distance"] * (centre is not None), *["relevance"] * (q is not None)]
    return Question(
        kind=some(st.sampled_from(codes["kinds"])),
        theme=some(st.sampled_from(codes["themes"])),
        district=some(st.sampled_from(codes["districts"])),
        age=some(st.integers(0, 18)),
        free=some(st.booleans()),
        facilities=tuple(draw(st.lists(st.sampled_from(codes["facilities"]), max_size=2))),
        open_minute=some(st.sampled_from(MINUTES)),
        q=q,
        centre=centre,
        radius=radius,
        box=box,
        box_crs=crs,
        sort=some(st.sampled_from(orders)),
    )


@lru_cache(maxsize=4096)
def is_open(expression: str | None, closed: bool, minute: int) -> bool | None:
    closures = [(CLOSURE.start, CLOSURE.end, CLOSURE.reason)] if closed else []
    at = datetime.fromtimestamp(minute * 60, SHANGHAI)
    return Hours(expression, Calendar(CALENDAR), closures).state(at).now


def facts(document: Site, asked: Question) -> Iterator[bool | None]:
    """Of each condition that has nothing to do with the place: True, False or not known."""
    yield asked.kind in (None, document.kind)
    yield asked.theme in (None, document.theme)
    if asked.district is not None:
        own = {d.code: d.parent for d in CITY.districts}
        yield asked.district in (document.district, own[document.district])
    if asked.age is not None and document.ages is not None:
        yield document.ages.min <= asked.age <= document.ages.max
    yield set(asked.facilities) <= set(document.facilities)
    if asked.q is not None:
        titles = {t.code: t.title for t in (*CITY.kinds, *CITY.themes, *CITY.districts)}
        words = [titles[c] for c in (document.kind, document.theme, document.district)]
        yield any(
            asked.q in text for text in (document.name, *document.aliases, document.address, *words)
        )
    if asked.free is not None:
        yield None if document.free is None else document.free == asked.free
    if asked.open_minute is not None:
        yield is_open(document.opening_hours, bool(document.closures), asked.open_minute)


def metres(document: Site, asked: Question) -> float:
    assert asked.centre is not None
    return distance_m(document.lon, document.lat, *asked.centre)


def precision(distance: float) -> float:
    """Metres by which two ways of reckoning may differ: much only near the antipodes."""
    return 1e-6 if distance < 1.5e7 else 1.0


def in_place(document: Site, asked: Question) -> bool | None:
    """Whether it lies where it was asked for; None if rounding decides."""
    answer: bool | None = True
    if asked.box is not None:
        box = asked.box
        lon, lat = convert(document.lon, document.lat, "wgs84", asked.box_crs)
        # Positions in WGS-84 are as stored; others are worked out.
        hair = 0.0 if asked.box_crs == "wgs84" else 1e-9
        inside = min(lon - box.west, box.east - lon, lat - box.south, box.north - lat)
        if inside < -hair:
            return False
        answer = None if inside < hair else answer
    if asked.centre is not None and asked.radius is not None:
        beyond = metres(document, asked) - asked.radius
        if abs(beyond) <= precision(asked.radius) and metres(document, asked) > 0:
            return None
        return False if beyond > 0 else answer
    return answer


def check_whole(found: Found, ids: list[int], sites: Sequence[Site], asked: Question) -> None:
    """All that fits and nothing else, with the right distances, counts and order."""
    fits: dict[bool | None, set[int]] = {True: set(), None: set()}
    unsure: dict[bool | None, set[int]] = {True: set(), None: set()}
    for id_, document in enumerate(sites, start=FIRST_ID):
        known = list(facts(document, asked))
        if False in known or (there := in_place(document, asked)) is False:
            continue
        (unsure if None in known else fits)[there].add(id_)
    assert len(ids) == len(set(ids)) == found.total
    assert fits[True] <= set(ids) <= fits[True] | fits[None]
    if asked.free is None and asked.open_minute is None:
        assert found.unconfirmed is None
    else:
        assert found.unconfirmed is not None
        least = len(unsure[True])
        assert least <= found.unconfirmed <= least + len(unsure[None])
    chosen = [sites[id_ - FIRST_ID] for id_ in ids]
    if asked.centre is None:
        assert found.metres is None
    else:
        assert found.metres is not None
        for document, far in zip(chosen, found.metres.tolist(), strict=True):
            expected = metres(document, asked)
            assert far == pytest.approx(expected, rel=1e-9, abs=precision(expected))
    for (id_, one), (later_id, other) in itertools.pairwise(zip(ids, chosen, strict=True)):
        assert in_order(asked, id_, one, later_id, other)


def in_order(asked: Question, id_: int, one: Site, later_id: int, other: Site) -> bool:
    sort = asked.sort or ("distance" if asked.centre else "relevance" if asked.q else "name")
    if sort == "name":
        return (lazy_pinyin(one.name), one.name, id_) < (
            lazy_pinyin(other.name),
            other.name,
            later_id,
        )
    if sort == "distance":
        if (one.lon, one.lat) == (other.lon, other.lat):
            return id_ < later_id
        far = metres(one, asked)
        return far <= metres(other, asked) + precision(far)
    assert asked.q is not None
    return worth(one, asked.q) <= worth(other, asked.q)


def worth(document: Site, q: str) -> tuple[int, int]:
    """How well a place answers to words: the kind of match, then the shorter name."""
    alike = [document.name == q, document.name.startswith(q), q in document.name]
    for alias in document.aliases[:1]:
        alike += [alias == q, alias.startswith(q), q in alias]
    if not document.aliases:
        alike += [False] * 3
    titles = {t.code: t.title for t in (*CITY.kinds, *CITY.themes, *CITY.districts)}
    alike.append(any(q in titles[c] for c in (document.kind, document.theme, document.district)))
    alike.append(q in document.address)
    return alike.index(True), len(document.name)


def ids_of(atlas: Atlas, found: Found) -> list[int]:
    ids: list[int] = atlas.ids(found.rows).tolist()
    return ids


@pytest.mark.parametrize(("scan", "per_band"), [(finder.SCAN, 24), (0, 24), (0, 0.3)])
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(sites=documents(), data=st.data())
def test_is_found_what_fits_and_nothing_else(
    scan: int, per_band: float, sites: list[Site], data: st.DataObject
) -> None:
    folder = Path(tempfile.mkdtemp())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finder, "SCAN", scan)
        patch.setattr(spatial, "PER_BAND", per_band)
        patch.setattr(bake, "THOROUGH", 0)
        try:
            # Listed from the last to the first, so that rows and ids differ in their order.
            entries = reversed(of_sites(sites, FIRST_ID).entries)
            atlas = baked(edition(entries), folder / "baked")
        finally:
            shutil.rmtree(folder)
        for asked in data.draw(st.lists(questions(sites), min_size=12, max_size=12)):
            whole = atlas.find(asked, 0, len(sites) + 1)
            ids = ids_of(atlas, whole)
            check_whole(whole, ids, sites, asked)
            offset, limit = data.draw(st.tuples(st.integers(0, 20), st.integers(0, 9)))
            page = atlas.find(asked, offset, limit)
            assert ids_of(atlas, page) == ids[offset : offset + limit]
            assert (page.total, page.unconfirmed) == (whole.total, whole.unconfirmed)
            if page.metres is not None and whole.metres is not None:
                assert page.metres.tolist() == whole.metres[offset : offset + limit].tolist()


@pytest.fixture(scope="module")
def many_sites() -> list[Site]:
    """20,000: a third of them on a coarse grid, so that many share a position."""
    rng = np.random.default_rng(11)
    names = ["文博馆", "图书馆", "山水书屋", "水文馆", "博山书馆", "文山"]
    places = rng.uniform((117.45, 35.85), (118.65, 37.4), (20_000, 2))
    places[::3] = np.round(places[::3] * 20) / 20
    # Copies by model_copy: validating all of them anew would take most of the test's time.
    models = [_document(rng, names, 118.0, 36.8) for _ in range(200)]
    return [
        models[n % 200].model_copy(update={"lon": lon, "lat": lat})
        for n, (lon, lat) in enumerate(places.tolist())
    ]


@pytest.fixture(scope="module")
def many(many_sites: list[Site], tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bake, "THOROUGH", 0)
        return baked(of_sites(many_sites, FIRST_ID), tmp_path_factory.mktemp("many") / "baked")


MANY_ASKED = {
    "nearby": Question(centre=(118.05, 36.8), radius=5000.0),
    "nearby with a theme": Question(centre=(118.05, 36.8), radius=20_000.0, theme="nature"),
    "from a shared position": Question(centre=(118.0, 36.5), radius=0.0),
    "at any distance": Question(centre=(118.05, 36.8), district="zhangdian"),
    "open now": Question(centre=(117.9, 36.2), radius=9000.0, open_minute=MINUTES[0], free=True),
    "edges through rows": Question(box=Box(118.0, 36.5, 118.1, 36.6)),
    "a box of WeChat's": Question(box=Box(118.006, 36.5, 118.106, 36.6), box_crs="gcj02", age=7),
    "a box of Baidu's": Question(box=Box(118.0, 36.0, 118.2, 36.1), box_crs="bd09"),
    "box and radius": Question(box=Box(118, 36, 118.5, 37), centre=(118, 36.9), radius=3e4),
    "words": Question(q="文", centre=(118.05, 36.8), radius=10_000.0),
    "words in a box": Question(q="书", box=Box(118.0, 36.0, 118.2, 36.1), sort="name"),
    "by name": Question(theme="history", free=False, sort="name"),
    "everything": Question(),
}


@pytest.mark.parametrize("case", MANY_ASKED)
def test_is_found_what_fits_among_very_many(many: Atlas, many_sites: list[Site], case: str) -> None:
    asked = MANY_ASKED[case]
    whole = many.find(asked, 0, len(many_sites))
    assert whole.total > 0
    check_whole(whole, ids_of(many, whole), many_sites, asked)


@pytest.mark.parametrize("limit", [1, 7, 50, 1000])
@pytest.mark.parametrize(
    "asked",
    [
        Question(centre=(118.0, 36.5), radius=8000.0),
        # Points of the grid around one of them: every distance comes many times.
        Question(centre=(118.05, 36.8), box=Box(117.95, 36.7, 118.15, 36.9)),
        Question(q="山水", box=Box(118.0, 36.5, 118.2, 36.7)),
        Question(kind="practice_base", box=Box(118.0, 36.5, 118.2, 36.7), sort="name"),
    ],
    ids=["radius", "ties", "words", "names"],
)
def test_do_pages_put_together_give_the_whole(many: Atlas, asked: Question, limit: int) -> None:
    whole = many.find(asked, 0, 10**6)
    assert whole.total > 100
    paged: list[int] = []
    for offset in range(0, whole.total + limit, limit):
        paged += ids_of(many, many.find(asked, offset, limit))
    assert paged == ids_of(many, whole)


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
@pytest.mark.parametrize(
    "box", [Box(117.5, 35.9, 118.6, 37.3), Box(74.0, 2.0, 136.0, 54.0), Box(60.0, 2.0, 170.0, 70.0)]
)
def test_is_a_box_exact_along_all_its_edges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crs: Crs, box: Box
) -> None:
    """Its edges are no straight lines in WGS-84, in whose grid the rows are looked up."""
    monkeypatch.setattr(finder, "SCAN", 0)
    within, without = [], []
    for part in np.linspace(0.01, 0.99, 60).tolist():
        lon, lat = (
            box.west + part * (box.east - box.west),
            box.south + part * (box.north - box.south),
        )
        for inwards, places in ((1e-6, within), (-1e-6, without)):
            places += [
                (lon, box.south + inwards),
                (lon, box.north - inwards),
                (box.west + inwards, lat),
                (box.east - inwards, lat),
            ]
    sites = [
        site(lon=lon, lat=lat)
        for lon, lat in (convert(*place, crs, "wgs84") for place in within + without)
    ]
    atlas = baked(of_sites(sites), tmp_path / "b")
    found = atlas.find(Question(box=box, box_crs=crs), 0, 1000)
    assert sorted(ids_of(atlas, found)) == list(range(1, len(within) + 1))


@pytest.mark.parametrize("offset", [20_000, 10**12])
def test_is_a_page_past_the_end_empty(many: Atlas, offset: int) -> None:
    for asked in MANY_ASKED.values():
        assert len(many.find(asked, offset, 20).rows) == 0


def test_do_places_at_one_position_share_one_distance(many: Atlas) -> None:
    """However many rows they were reckoned with: else their order would not be their ids'."""
    found = many.find(Question(centre=(118.123456, 36.654321)), 0, 20_000)
    assert found.metres is not None
    distances: dict[tuple[float, float], set[float]] = {}
    for row, far in zip(found.rows.tolist(), found.metres.tolist(), strict=True):
        distances.setdefault(many.place(row), set()).add(far)
    assert len(distances) < 15_000
    assert all(len(of_one) == 1 for of_one in distances.values())


@pytest.mark.parametrize("place", [(118.05, 36.8), (0.0, 90.0), (180.0, 0.0), (-180.0, -90.0)])
def test_does_radius_zero_find_what_stands_there(
    tmp_path: Path, place: tuple[float, float]
) -> None:
    atlas = baked(
        of_sites([site(lon=place[0], lat=place[1]), site(lon=1.0, lat=1.0)]), tmp_path / "b"
    )
    found = atlas.find(Question(centre=place, radius=0.0))
    assert ids_of(atlas, found) == [1]


def test_is_the_far_side_of_the_earth_within_half_its_girth(tmp_path: Path) -> None:
    atlas = baked(of_sites([site(lon=-61.95, lat=-36.8)]), tmp_path / "b")
    assert atlas.find(Question(centre=(118.05, 36.8), radius=20_015_200.0)).total == 1


@pytest.mark.parametrize(
    "asked",
    [
        Question(kind="zoo"),
        Question(theme="zoo"),
        Question(district="zoo"),
        Question(facilities=("zoo",)),
        Question(facilities=("toilet", "zoo")),
    ],
)
@pytest.mark.parametrize("q", [None, "文"])
def test_does_a_code_that_the_city_lacks_find_nothing(
    many: Atlas, asked: Question, q: str | None
) -> None:
    assert many.find(replace(asked, q=q)).total == 0


def test_does_sorting_by_distance_need_a_centre(many: Atlas) -> None:
    with pytest.raises(ValueError, match="from nowhere"):
        many.find(Question(sort="distance"))


@pytest.mark.parametrize(
    ("district", "ids"), [("zhangdian", [1, 3]), ("gaoxin", [3]), ("zichuan", [2])]
)
def test_does_a_district_include_its_zones(tmp_path: Path, district: str, ids: list[int]) -> None:
    atlas = baked(
        of_sites([site(district=code) for code in ("zhangdian", "zichuan", "gaoxin")]),
        tmp_path / "b",
    )
    assert ids_of(atlas, atlas.find(Question(district=district))) == ids
    assert atlas.counts("district")[district] == len(ids)


def test_is_an_unknown_fact_counted_and_not_found(tmp_path: Path) -> None:
    atlas = baked(of_sites([site(free=True), site(free=None), site(free=False)]), tmp_path / "b")
    found = atlas.find(Question(free=True))
    assert (ids_of(atlas, found), found.unconfirmed) == ([1], 1)
    found = atlas.find(Question(free=False))
    assert (ids_of(atlas, found), found.unconfirmed) == ([3], 1)
    assert atlas.find(Question(age=4)).unconfirmed is None
