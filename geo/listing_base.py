"""What all documents share: their closed models, their texts, where a fact comes from."""

from datetime import date
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
"""Within brackets of a pattern: what no text may hold. Control characters but for tab and line
feed, the separators that are line breaks to some programs, and the marks that turn the direction
of what follows, so that it reads as what it is not."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=rf"^[^\t\n{CONTROLS}]*$"),
]
"""One line of text without control characters."""

Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=60, pattern=rf"^[^\t\n{CONTROLS}]+$"
    ),
]


def _line_feeds(text: object) -> object:
    """Forms and spreadsheets end their lines with CR LF."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


Text = Annotated[
    str,
    # Innermost, so that it is a text that is too long, not a value with too many items.
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=rf"^[^{CONTROLS}]*$"),
    BeforeValidator(_line_feeds),
]
"""Paragraphs; line breaks are allowed."""

Dialable = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,5}(-?[0-9]{3,11}){0,3}$")]
"""A telephone number as it is dialled within China, hyphens between its parts allowed."""


class Document(BaseModel):
    """Base of all documents: closed, immutable, text stripped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Provenance(Document):
    """Where a fact comes from, and when someone last made sure of it."""

    source: Line
    confirmed_on: date | None = None


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
        if self.facts and (unknown := set(self.facts) - set(type(self).model_fields) - {""}):
            raise ValueError(f"来源注明了不存在的字段：{'、'.join(sorted(unknown))}")
        return self
