"""WGS-84, GCJ-02 and BD-09: the three coordinate systems that Chinese maps speak.

GCJ-02 (WeChat, Tencent, AMap) is WGS-84 shifted by some 500 m along a published-by-use formula
over Krasovsky's ellipsoid; BD-09 (Baidu) shifts GCJ-02 once more. Neither has an official text;
the constants here are those on which independent implementations agree to 1e-9 degrees.

The shift of GCJ-02 applies within a box around China only; outside of it WGS-84 and GCJ-02 are
the same. The shift does not vanish at the box's border, so there the mapping is torn: near
one side some GCJ-02 positions are reached from no WGS-84 position, near another some are reached
from two. The inverse answers with the position inside the box wherever there is one, else
with the position unchanged. So every WGS-84 position inside the box, border included, survives
the round trip; outside, all do but those in the strip (less than 0.02 degrees wide) into which
the shift carries positions from inside. BD-09 is applied everywhere.

Longitudes come first, in degrees; nothing is wrapped at 180. NaN and infinity are for the caller
to refuse.
"""

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Crs = Literal["wgs84", "gcj02", "bd09"]
CRSES: tuple[Crs, ...] = ("wgs84", "gcj02", "bd09")

_A = 6_378_245.0
"""Semi-major axis of Krasovsky's ellipsoid, metres."""
_EE = 0.00669342162296594323
"""Its first eccentricity, squared."""
_RADIAN = math.pi / 180.0
_EQUATORIAL, _POLAR = _A * _RADIAN, _A * (1.0 - _EE) * _RADIAN
"""Metres of a degree on the ellipsoid's equator, and of latitude there."""
_WAVE = 20.0 * 2.0 / 3.0
"""Metres: the amplitude in which the formula's waves are counted."""
_WEST, _SOUTH, _EAST, _NORTH = 72.004, 0.8293, 137.8347, 55.8271
_MARGIN = 0.1
"""Degrees; wider than the shift is anywhere near the box."""
_BD_PI = math.pi * 3000 / 180

_GCJ_NEAR, _BD_NEAR = 2.5e-8, 7e-9
"""Degrees. A step towards the inverse shrinks what is missing to 1/135 at most for GCJ-02 and to
1/35 for BD-09 (found by trial all over China and the world): after a step of this length less
than 2e-10 is missing."""
_MAX_STEPS = 30
_HAIR = 1e-9
"""Degrees, within which a position lies on the box's border."""


class _Maths(NamedTuple):
    """What the formulas need of arithmetic, so that one text serves floats and arrays."""

    sin: Callable[[Any], Any]
    cos: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]
    atan2: Callable[[Any, Any], Any]
    clip: Callable[[Any, float, float], Any]
    choose: Callable[[Any, Any, Any], Any]
    within: Callable[[Any, Any, float], bool]
    """Whether both, all of each, are nearer to zero than the bound."""


_SCALAR = _Maths(
    math.sin,
    math.cos,
    math.sqrt,
    math.atan2,
    clip=lambda value, low, high: low if value < low else high if value > high else value,
    choose=lambda condition, yes, no: yes if condition else no,
    within=lambda x, y, bound: -bound < x < bound and -bound < y < bound,
)
_ARRAY = _Maths(
    np.sin,
    np.cos,
    np.sqrt,
    np.atan2,
    clip=np.clip,
    choose=np.where,
    within=lambda x, y, bound: bool((np.abs(x) < bound).all() and (np.abs(y) < bound).all()),
)

_Pair = tuple[Any, Any]
_Step = Callable[[_Maths, Any, Any], _Pair]


def _shift(m: _Maths, lon: Any, lat: Any) -> _Pair:
    """The formula of GCJ-02, without its box."""
    sin = m.sin
    x, y = lon - 105.0, lat - 35.0
    u, v = math.pi * x, math.pi * y
    root = 0.1 * m.sqrt(abs(x))
    mixed = 0.1 * x * y + root
    fast = sin(6.0 * u) + sin(2.0 * u)
    north = (-100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + mixed + root) + (
        fast + sin(v) + 2.0 * sin(v / 3.0) + 8.0 * sin(v / 12.0) + 16.0 * sin(v / 30.0)
    ) * _WAVE
    east = (300.0 + x + 2.0 * y + 0.1 * x * x + mixed) + (
        fast + sin(u) + 2.0 * sin(u / 3.0) + 7.5 * sin(u / 12.0) + 15.0 * sin(u / 30.0)
    ) * _WAVE
    phi = lat * _RADIAN
    sine = sin(phi)
    magic = 1.0 - _EE * sine * sine
    curve = m.sqrt(magic)
    metres_north = _POLAR / (magic * curve)
    metres_east = _EQUATORIAL / curve * m.cos(phi)
    return lon + east / metres_east, lat + north / metres_north


def _undo(m: _Maths, forward: _Step, lon: Any, lat: Any, near: float) -> _Pair:
    """The position that ``forward`` takes to (lon, lat), by fixed-point iteration.

    A step shorter than ``near`` is the last.
    """
    x, y = lon, lat
    for _ in range(_MAX_STEPS):
        reached_lon, reached_lat = forward(m, x, y)
        miss_lon, miss_lat = lon - reached_lon, lat - reached_lat
        x, y = x + miss_lon, y + miss_lat
        if m.within(miss_lon, miss_lat, near):
            break
    return x, y


def _gcj_from_wgs(m: _Maths, lon: Any, lat: Any) -> _Pair:
    # & and not `and`: it means the same for floats, and works for arrays.
    inside = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    # Clipped, because the formula runs to infinity at the poles.
    shifted_lon, shifted_lat = _shift(m, m.clip(lon, _WEST, _EAST), m.clip(lat, _SOUTH, _NORTH))
    return m.choose(inside, shifted_lon, lon), m.choose(inside, shifted_lat, lat)


def _wgs_from_gcj(m: _Maths, lon: Any, lat: Any) -> _Pair:
    # Clipping to the box and a margin keeps far positions from hindering convergence; what they
    # come back as lies outside of the box, so they are answered unchanged.
    x, y = _undo(
        m,
        _shift,
        m.clip(lon, _WEST - _MARGIN, _EAST + _MARGIN),
        m.clip(lat, _SOUTH - _MARGIN, _NORTH + _MARGIN),
        _GCJ_NEAR,
    )
    # The border itself must not be lost to rounding: what misses it by a hair is put onto it.
    inside_x, inside_y = m.clip(x, _WEST, _EAST), m.clip(y, _SOUTH, _NORTH)
    inside = (abs(x - inside_x) < _HAIR) & (abs(y - inside_y) < _HAIR)
    return m.choose(inside, inside_x, lon), m.choose(inside, inside_y, lat)


def _bd_from_gcj(m: _Maths, lon: Any, lat: Any) -> _Pair:
    radius = m.sqrt(lon * lon + lat * lat) + 2e-5 * m.sin(lat * _BD_PI)
    angle = m.atan2(lat, lon) + 3e-6 * m.cos(lon * _BD_PI)
    return radius * m.cos(angle) + 0.0065, radius * m.sin(angle) + 0.006


def _gcj_from_bd(m: _Maths, lon: Any, lat: Any) -> _Pair:
    return _undo(m, _bd_from_gcj, lon, lat, _BD_NEAR)


_ROUTES: dict[tuple[Crs, Crs], tuple[_Step, ...]] = {
    ("wgs84", "wgs84"): (),
    ("gcj02", "gcj02"): (),
    ("bd09", "bd09"): (),
    ("wgs84", "gcj02"): (_gcj_from_wgs,),
    ("gcj02", "wgs84"): (_wgs_from_gcj,),
    ("gcj02", "bd09"): (_bd_from_gcj,),
    ("bd09", "gcj02"): (_gcj_from_bd,),
    ("wgs84", "bd09"): (_gcj_from_wgs, _bd_from_gcj),
    ("bd09", "wgs84"): (_gcj_from_bd, _wgs_from_gcj),
}


def convert(lon: float, lat: float, source: Crs, target: Crs) -> tuple[float, float]:
    """One position, from one coordinate system to another.

    Args:
        lon, lat: degrees in ``source``, finite.

    Returns:
        Longitude and latitude in ``target``; there and back differs by less than 1e-9 degrees
        (for the border of the box around China, see the module).

    Raises:
        KeyError: ``source`` or ``target`` is none of ``CRSES``.
    """
    for step in _ROUTES[source, target]:
        lon, lat = step(_SCALAR, lon, lat)
    return lon, lat


def convert_arrays(
    lon: ArrayLike, lat: ArrayLike, source: Crs, target: Crs
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Many positions at once; the formulas and the accuracy are those of :func:`convert`.

    Args:
        lon, lat: degrees in ``source``, finite, of one shape.

    Returns:
        Longitudes and latitudes in ``target``, float64, of the same shape.

    Raises:
        KeyError: ``source`` or ``target`` is none of ``CRSES``.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    for step in _ROUTES[source, target]:
        x, y = step(_ARRAY, x, y)
    return x, y
