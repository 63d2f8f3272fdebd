"""What a listing says: the one definition of each kind of document.

Forms, imports, the API's schemas and the stored revisions all follow from these models. Every
fact that is not known stays ``None`` or empty: it is shown as unknown, never guessed.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from geo.calendar import Calendar
from geo.city import City, Code
from geo.listing_base import CONTROLS, Dialable, Document, Line, ListingDocument, Name, Text
from geo.listing_base import Provenance as Provenance
from geo.opening import check_expression
from geo.photo import MOST, Photo
from geo.timetable_checks import implausible
from geo.transit import BusRoute, Notice

OpeningExpression = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(check_expression)
]
"""Opening hours in OpenStreetMap's ``opening_hours`` syntax."""


class Closure(Document):
    """Days on which a place is closed whatever its hours say; both days included."""

    start: date
    end: date
    reason: Line = ""

    @model_validator(mode="after")
    def _in_order(self) -> "Closure":
        if self.end < self.start:
            raise ValueError("临时关闭的日期前后矛盾：结束早于开始")
        return self


class Ages(Document):
    """The children that a place is made for, in completed years, both included."""

    min: Annotated[int, Field(ge=0, le=18)]
    max: Annotated[int, Field(ge=0, le=18)]

    @model_validator(mode="after")
    def _in_order(self) -> "Ages":
        if self.max < self.min:
            raise ValueError("适合年龄前后矛盾：上限小于下限")
        return self


class Site(ListingDocument):
    """A place to go with a child: a practice base, a reading space."""

    type: Literal["site"] = "site"
    kind: Code
    theme: Code
    district: Code
    aliases: Annotated[tuple[Name, ...], Field(max_length=10)] = ()
    address: Line = ""
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    """WGS-84 degrees, both."""
    phone: Dialable | None = None
    website: (
        Annotated[str, StringConstraints(pattern=rf"^https?://[^\s<>\"{CONTROLS}]{{3,300}}$")]
        | None
    ) = None
    opening_hours: OpeningExpression | None = None
    closures: Annotated[tuple[Closure, ...], Field(max_length=50)] = ()
    free: bool | None = None
    fee: Line = ""
    booking: Line = ""
    ages: Ages | None = None
    facilities: Annotated[tuple[Code, ...], Field(max_length=30)] = ()
    introduction: Text = ""
    cover: (
        Annotated[
            str,
            # A path of our own; //host and /\host are other people's.
            StringConstraints(
                pattern=rf"^(/[^\s<>\"/\\{CONTROLS}]|https://)[^\s<>\"{CONTROLS}]{{1,300}}$"
            ),
        ]
        | None
    ) = None
    """A picture somewhere else; without one the first photo stands for the place."""
    photos: Annotated[tuple[Photo, ...], Field(max_length=MOST)] = ()


class Hotline(ListingDocument):
    """A telephone line for women, children and families.

    ``number`` is None while it is not known; such a listing can't be published. An ``internal``
    line (for the reporting units, say) is kept but never shown to the public.
    """

    type: Literal["hotline"] = "hotline"
    number: Dialable | None = None
    audience: Line = ""
    opening_hours: OpeningExpression | None = None
    note: Line = ""
    internal: bool = False


AnyDocument = Site | Hotline | BusRoute | Notice

Listing = Annotated[AnyDocument, Field(discriminator="type")]
LISTING: TypeAdapter[AnyDocument] = TypeAdapter(Listing)
"""Validates any document by its ``type``."""


def obstacles(
    document: AnyDocument,
    city: City,
    calendar: Calendar,
    today: date,
    notices: Sequence[tuple[int, Notice]] = (),
    id_: int = 0,
) -> list[tuple[str, str]]:
    """What keeps a well-formed document from being published: (field, Chinese message) pairs.

    A timetable is held against the calendar as it looks on ``today``. ``notices``, with their
    listing ids, may explain why the line with listing id ``id_`` has no runs.
    """
    match document:
        case Site():
            return _misplaced(document, city)
        case Hotline():
            return [] if document.number else [("number", "缺少电话号码")]
        case BusRoute():
            found = implausible(document, calendar, today, city.bounds, notices, id_)
            return [(problem.path, problem.message) for problem in found]
        case Notice():
            return []  # it can only be held against the routes: ``geo.notice_checks``


def _misplaced(document: Site, city: City) -> list[tuple[str, str]]:
    found = []
    for field, terms in (
        ("kind", city.kinds),
        ("theme", city.themes),
        ("district", city.districts),
    ):
        if getattr(document, field) not in {term.code for term in terms}:
            found.append((field, f"没有这个代码：{getattr(document, field)}"))
    known = {term.code for term in city.facilities}
    found += [("facilities", f"没有这个代码：{c}") for c in document.facilities if c not in known]
    if not city.contains(document.lon, document.lat):
        found.append(("lat", f"位置不在{city.name}范围内，请检查坐标系和经纬度次序"))
    return found
