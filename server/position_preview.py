"""Where a position is that somebody typed, pasted or pointed at, and where it would be if the
coordinate system were another than the one that was chosen."""

from typing import Any, NamedTuple

from geo.city import City
from geo.coordinate_text import DECIMALS, Located, Pasted, located, read
from geo.crs import CRSES, Crs, convert
from geo.sphere import distance_m

TITLES: dict[Crs, str] = {
    "wgs84": "GPS（WGS-84）",
    "gcj02": "腾讯、高德、微信（GCJ-02）",
    "bd09": "百度（BD-09）",
}


class Reading(NamedTuple):
    """The same numbers taken to be in one coordinate system; the position is WGS-84."""

    crs: Crs
    title: str
    lon: float
    lat: float
    metres: int
    """From where they lie in the system that was chosen."""


class Told(NamedTuple):
    """A position, WGS-84, as it is to be told."""

    lon: float
    lat: float
    crs: Crs
    """The system in which the numbers were read."""
    typed: tuple[float, float]
    """Longitude and latitude in that system, for the inputs."""
    within: bool
    notes: list[str]
    readings: list[Reading]

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return self._asdict() | {"readings": [one._asdict() for one in self.readings]}


def preview(text: str, crs: Crs, city: City) -> Told:
    """What a text says, in ``crs`` unless it says itself.

    Raises:
        geo.coordinate_text.NotCoordinates: nothing that could be a position.
    """
    pasted = read(text)
    place = located(pasted, crs, city)
    x, y = _rounded(convert(place.lon, place.lat, "wgs84", place.crs))
    readings = [_reading(x, y, one, place) for one in CRSES]
    return Told(
        place.lon, place.lat, place.crs, (x, y), place.within,
        _notes(pasted, place, crs, city), readings,
    )  # fmt: skip


def _reading(x: float, y: float, crs: Crs, place: Located) -> Reading:
    lon, lat = _rounded(convert(x, y, crs, "wgs84"))
    return Reading(crs, TITLES[crs], lon, lat, round(distance_m(lon, lat, place.lon, place.lat)))


def _notes(pasted: Pasted, place: Located, chosen: Crs, city: City) -> list[str]:
    notes = []
    if pasted.crs is not None and pasted.crs != chosen:
        notes.append(f"这个链接用的是{TITLES[pasted.crs]}坐标，已按它读取。")
    if place.swapped:
        notes.append("经度和纬度写反了，已经对调。")
    if not place.within:
        notes.append(f"位置不在{city.name}范围内，请检查坐标系和经纬度次序。")
    return notes


def _rounded(position: tuple[float, float]) -> tuple[float, float]:
    return round(position[0], DECIMALS), round(position[1], DECIMALS)
