"""The city: its districts, and the words by which its places are sorted.

The data stands in ``config/zibo.toml`` and travels with every edition, so that an atlas can be
read without any file beside it.
"""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""A stable English identifier, such as ``zhangdian`` or ``practice_base``."""


class CityModel(BaseModel):
    """Base of everything in this file: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(CityModel):
    """One word of a vocabulary: its code and its Chinese title."""

    code: Code
    title: str


class District(Term):
    """A district, a county, or a functional zone.

    ``adcode`` is the GB/T 2260 code. Functional zones have none; they lie within the statutory
    district named by ``parent``, and a question about that district includes them.
    """

    adcode: str | None = None
    parent: Code | None = None
    centre: tuple[float, float]
    """Longitude and latitude, WGS-84 degrees."""


class City(CityModel):
    """The city as data; codes are unique within each vocabulary."""

    code: Code
    name: str
    adcode: str
    website: str = ""
    """Of the city's government; stands in where a format demands an address and none is known."""
    centre: tuple[float, float]
    """Longitude and latitude, WGS-84 degrees."""
    bounds: tuple[float, float, float, float]
    """West, south, east, north, WGS-84 degrees; a position outside is not of this city."""
    districts: tuple[District, ...]
    kinds: tuple[Term, ...]
    themes: tuple[Term, ...]
    facilities: tuple[Term, ...]

    @model_validator(mode="after")
    def _codes_fit(self) -> "City":
        for name in ("districts", "kinds", "themes", "facilities"):
            codes = [term.code for term in getattr(self, name)]
            if len(set(codes)) != len(codes):
                raise ValueError(f"{name} 中有重复的代码")
        known = {district.code for district in self.districts}
        for district in self.districts:
            if district.parent is not None and district.parent not in known:
                raise ValueError(f"{district.code} 的上级 {district.parent} 不在 districts 中")
        return self

    def district_and_zones(self, code: str) -> tuple[str, ...]:
        """The district's own code followed by those of the zones that lie within it."""
        return (code, *(d.code for d in self.districts if d.parent == code))

    def contains(self, lon: float, lat: float) -> bool:
        """Whether a WGS-84 position lies within the city's bounding box."""
        west, south, east, north = self.bounds
        return west <= lon <= east and south <= lat <= north


def load_city(path: Path) -> City:
    """Read a city's TOML file.

    Raises:
        OSError: the file can't be read.
        ValueError: it is not TOML, or not a city (``tomllib.TOMLDecodeError`` and
            ``pydantic.ValidationError`` are both ValueErrors).
    """
    return City.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
