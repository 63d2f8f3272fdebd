"""What a listing says: the one definition of each kind of document.

Forms, imports, the API's schemas and the stored revisions all follow from these models. Every
fact that is not known stays ``None`` or empty: it is shown as unknown, never guessed.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from geo.city import City, Code
from geo.opening import check_expression

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
"""Within brackets of a pattern: what no text may hold. Control characters but for tab and line
feed, the separators that are line breaks to some programs, and the marks that turn the direction
of what follows, so that it reads as what it is not."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=rf"^[^\t\n{_CONTROLS}]*$"),
]
"""One line of text without control characters."""

Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=60, pattern=rf"^[^\t\n{_CONTROLS}]+$"
    ),
]


def _line_feeds(text: object) -> object:
    """Forms and spreadsheets end their lines with CR LF."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


Text = Annotated[
    str,
    BeforeValidator(_line_feeds),
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=rf"^[^{_CONTROLS}]*$"),
]
"""Paragraphs; line breaks are allowed."""

Dialable = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,5}(-?[0-9]{3,11}){0,3}$")]
"""A telephone number as it is dialled within China, hyphens between its parts allowed."""

OpeningExpression = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(check_expression)
]
"""Opening hours in OpenStreetMap's ``opening_hours`` syntax."""


class Document(BaseModel):
    """Base of all documents: closed, immutable, text stripped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Provenance(Document):
    """Where a fact comes from, and when someone last made sure of it."""

    source: Line
    confirmed_on: date | None = None


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


class ListingDocument(Document):
    """What every listing has.

    ``facts`` gives the provenance of single fields by their name; the entry ``""`` stands for
    all that have none of their own. ``verified`` says that staff have confirmed the listing.
    """

    name: Name
    verified: bool = False
    facts: dict[str, Provenance] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _facts_name_fields(self) -> "ListingDocument":
        unknown = set(self.facts) - set(type(self).model_fields) - {""}
        if unknown:
            raise ValueError(f"来源注明了不存在的字段：{'、'.join(sorted(unknown))}")
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
        Annotated[str, StringConstraints(pattern=rf"^https?://[^\s<>\"{_CONTROLS}]{{3,300}}$")]
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
                pattern=rf"^(/[^\s<>\"/\\{_CONTROLS}]|https://)[^\s<>\"{_CONTROLS}]{{1,300}}$"
            ),
        ]
        | None
    ) = None


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


Listing = Annotated[Site | Hotline, Field(discriminator="type")]
LISTING: TypeAdapter[Site | Hotline] = TypeAdapter(Listing)
"""Validates any document by its ``type``."""


def obstacles(document: Site | Hotline, city: City) -> list[tuple[str, str]]:
    """What keeps a well-formed document from being published: (field, Chinese message) pairs."""
    if isinstance(document, Hotline):
        return [] if document.number else [("number", "缺少电话号码")]
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
