"""Do positions come out where independent implementations put them, and come back?"""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.crs import CRSES, Crs, convert, convert_arrays

WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271

# WGS-84, GCJ-02, BD-09: values on which two independent packages agree.
VECTORS = {
    "张店": (118.047800, 36.806700, 118.053865642, 36.807205103, 118.060324555, 36.813270409),
    "图书馆": (117.986500, 36.829000, 117.992387741, 36.829349372, 117.998891415, 36.835302079),
    "临淄": (118.362000, 36.814000, 118.367952138, 36.814540138, 118.374522765, 36.820247604),
    "博山": (117.858000, 36.492000, 117.863776958, 36.492036593, 117.870253174, 36.498153264),
    "周村": (117.843000, 36.802000, 117.848849378, 36.802246038, 117.855233074, 36.808556830),
    "淄川": (118.013000, 36.633000, 118.018950701, 36.633300786, 118.025579251, 36.638953104),
    "桓台": (118.098000, 36.958000, 118.104126252, 36.958669566, 118.110591359, 36.964776408),
    "高青": (117.829000, 37.168000, 117.834929274, 37.168526606, 117.841302658, 37.174861726),
    "沂源": (118.170000, 36.183000, 118.175893260, 36.183181420, 118.182357123, 36.189288118),
    "文昌湖": (117.870000, 36.720000, 117.875776444, 36.720149000, 117.882309406, 36.726043714),
}
PAIRS = [(source, target) for source in CRSES for target in CRSES]

in_china = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))
on_border = st.one_of(
    st.tuples(st.sampled_from([WEST, EAST]), st.floats(SOUTH, NORTH)),
    st.tuples(st.floats(WEST, EAST), st.sampled_from([SOUTH, NORTH])),
)
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("place", VECTORS)
def test_known_places_convert_in_every_direction(place: str, source: Crs, target: Crs) -> None:
    values = VECTORS[place]
    points = dict(zip(CRSES, (values[:2], values[2:4], values[4:]), strict=True))
    assert apart(convert(*points[source], source, target), points[target]) < 2e-9


@given(in_china | on_border, st.sampled_from(["gcj02", "bd09"]))
@example((105.0, 35.0), "bd09")
@example((WEST, NORTH), "bd09")
def test_every_position_in_china_survives_the_round_trip(
    point: tuple[float, float], crs: Crs
) -> None:
    assert apart(convert(*convert(*point, "wgs84", crs), crs, "wgs84"), point) < 1e-9


@given(in_china)
def test_a_shifted_position_comes_back_from_wgs84(point: tuple[float, float]) -> None:
    gcj = convert(*point, "wgs84", "gcj02")
    bd = convert(*point, "wgs84", "bd09")
    assert apart(convert(*convert(*gcj, "gcj02", "wgs84"), "wgs84", "gcj02"), gcj) < 1e-9
    assert apart(convert(*convert(*bd, "bd09", "wgs84"), "wgs84", "bd09"), bd) < 1e-9


@given(anywhere)
def test_bd09_is_undone_everywhere(point: tuple[float, float]) -> None:
    assert apart(convert(*convert(*point, "gcj02", "bd09"), "bd09", "gcj02"), point) < 1e-9


@pytest.mark.parametrize(
    "point", [(0.0, 0.0), (-122.4, 37.8), (151.2, -33.9), (71.9, 40.0), (180.0, 90.0), (118.0, 56)]
)
def test_outside_china_gcj02_is_wgs84_exactly(point: tuple[float, float]) -> None:
    assert convert(*point, "wgs84", "gcj02") == point
    assert convert(*point, "gcj02", "wgs84") == point


@given(st.floats(-0.03, 0.03), st.floats(SOUTH, NORTH), st.sampled_from([WEST, EAST]))
def test_near_the_border_only_positions_reached_twice_are_lost(
    off: float, lat: float, border: float
) -> None:
    """Whatever comes back wrong must be a second WGS-84 position with the very same GCJ-02."""
    point = (border + off, lat)
    gcj = convert(*point, "wgs84", "gcj02")
    back = convert(*gcj, "gcj02", "wgs84")
    assert apart(convert(*back, "wgs84", "gcj02"), gcj) < 2e-9
    if WEST <= point[0] <= EAST:
        assert apart(back, point) < 1e-9


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_arrays_agree_with_single_positions(source: Crs, target: Crs) -> None:
    rng = np.random.default_rng(20230601)
    lon = np.concatenate([rng.uniform(60, 150, 300), rng.uniform(117, 119, 100), [WEST, EAST]])
    lat = np.concatenate([rng.uniform(-10, 70, 300), rng.uniform(36, 38, 100), [SOUTH, NORTH]])
    x, y = convert_arrays(lon, lat, source, target)
    single = [
        convert(a, b, source, target) for a, b in zip(lon.tolist(), lat.tolist(), strict=True)
    ]
    np.testing.assert_allclose(np.stack([x, y], axis=1), single, rtol=0, atol=2e-10)


def test_arrays_keep_their_shape_and_may_be_empty() -> None:
    x, y = convert_arrays(np.full((2, 3), 118.0), np.full((2, 3), 36.8), "bd09", "wgs84")
    assert x.shape == y.shape == (2, 3)
    assert convert_arrays([], [], "gcj02", "wgs84")[0].shape == (0,)


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(KeyError):
        convert(118.0, 36.8, "wgs84", "epsg4326")  # type: ignore[arg-type]
