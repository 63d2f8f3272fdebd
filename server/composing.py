"""Approved documents and the former edition -> the next edition. Plain functions, no database.

Works on the documents' JSON: what the former edition says already is carried over as it is, and
only what is new or changed is validated. The whole is validated once more where it is baked.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import zstandard
from pydantic import ValidationError

from geo.calendar import Calendar, CalendarDay
from geo.city import City
from geo.edition import Edition, PackedEdition, Tombstone
from geo.listing import LISTING, obstacles
from geo.transit import Notice
from geo.wording import in_chinese
from server.line_checks import at_odds, notices_among

Json = dict[str, Any]
ZONE = ZoneInfo("Asia/Shanghai")
WITHDRAWN = "不再公布"
MERGED = "已并入编号 {}"


@dataclass(frozen=True)
class Problem:
    """What keeps one listing from being published."""

    listing_id: int
    name: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.listing_id} {self.name}：{self.field}：{self.message}"


class NotPublishable(Exception):
    """Approved documents that the public can't be shown; nothing was published."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return f"有 {len(self.problems)} 处问题，没有发布：\n" + "\n".join(map(str, self.problems))


@dataclass(frozen=True)
class Approved:
    """An active listing's newest approved revision; ``document`` is JSON text."""

    listing_id: int
    document: str
    origin: str
    decided_at: datetime


@dataclass(frozen=True)
class Retired:
    """Why a listing is no longer active."""

    retired_on: date
    reason: str
    merged_into: int | None


@dataclass(frozen=True)
class Content:
    """An edition's JSON, its lists by listing id."""

    number: int
    official: bool
    city: Json
    calendar: list[Json]
    entries: dict[int, Json]
    tombstones: dict[int, Json]

    def says_the_same_as(self, other: "Content") -> bool:
        """Whether the public would see no difference."""
        return (self.official, self.city, self.calendar, self.entries, self.tombstones) == (
            other.official,
            other.city,
            other.calendar,
            other.entries,
            other.tombstones,
        )

    def digest(self) -> str:
        """Tells this content from any other; 32 hexadecimal digits."""
        everything = (self.number, self.official, self.city, self.calendar)
        lists = (self.entries, self.tombstones)
        options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
        return hashlib.sha256(orjson.dumps((everything, lists), option=options)).hexdigest()[:32]

    def changed(self) -> int:
        """How many entries are new or changed in this very edition."""
        return sum(entry["changed_in"] == self.number for entry in self.entries.values())

    def removed(self) -> int:
        """How many listings left the map, or moved on after leaving it, in this very edition."""
        return sum(stone["changed_in"] == self.number for stone in self.tombstones.values())


NOTHING = Content(0, official=False, city={}, calendar=[], entries={}, tombstones={})
"""What the public saw before edition 1."""


def read(edition: PackedEdition) -> Content:
    """Decompress and verify an edition without building its models.

    Raises:
        DamagedEdition: the bytes are not those that were stored.
    """
    document = orjson.loads(edition.raw())
    return Content(
        number=document["number"],
        official=document["official"],
        city=document["city"],
        calendar=document["calendar"],
        entries={entry["id"]: entry for entry in document["entries"]},
        tombstones={stone["id"]: stone for stone in document["tombstones"]},
    )


def write(content: Content, published_at: datetime) -> PackedEdition:
    """Pack byte for byte as ``geo.edition.pack`` would, from JSON that is canonical already."""
    head = Edition(
        number=content.number,
        published_at=published_at,
        official=content.official,
        city=City.model_validate(content.city),
        calendar=(),
        entries=(),
    ).model_dump(mode="json")
    body = {
        "calendar": content.calendar,
        "entries": [content.entries[id_] for id_ in sorted(content.entries)],
        "tombstones": [content.tombstones[id_] for id_ in sorted(content.tombstones)],
    }
    encoded = orjson.dumps(head | body, option=orjson.OPT_SORT_KEYS)
    level = 9 if len(encoded) < 1 << 22 else 3
    return PackedEdition(
        number=content.number,
        sha256=hashlib.sha256(encoded).hexdigest(),
        body=zstandard.ZstdCompressor(level=level).compress(encoded),
    )


@dataclass
class Composer:
    """Makes edition ``number`` after ``former``, as things are at the moment ``at``."""

    former: Content
    number: int
    city: City
    days: Sequence[CalendarDay]
    at: datetime
    problems: list[Problem] = field(default_factory=list)
    notices: Sequence[tuple[int, Notice]] = ()
    """Those to be published, by listing id."""

    def __post_init__(self) -> None:
        self.calendar = Calendar(self.days)
        self.today = self.at.astimezone(ZONE).date()

    def compose(
        self,
        approved: Sequence[Approved],
        retired: Mapping[int, Retired],
    ) -> Content:
        """The next edition's content.

        Raises:
            NotPublishable: documents that don't validate or have obstacles, all of them.
        """
        self.notices = notices_among((one.listing_id, one.document) for one in approved)
        return self._next({}, approved, retired, official=True)

    def add(self, approved: Sequence[Approved], retired: Mapping[int, Retired]) -> Content:
        """The former content with a few listings as they are approved or retired now.

        All others stay as they were published, whatever has been approved of them since.

        Raises:
            NotPublishable: as ``compose``.
        """
        stay = self.former.entries.keys() - {one.listing_id for one in approved} - retired.keys()
        kept = {id_: entry for id_, entry in self.former.entries.items() if id_ in stay}
        self.notices = [
            *((id_, Notice.model_validate(e["document"])) for id_, e in kept.items() if _tells(e)),
            *notices_among((one.listing_id, one.document) for one in approved),
        ]
        official = self.former.official or not self.former.entries
        return self._next(kept, approved, retired, official=official)

    def _next(
        self,
        kept: Mapping[int, Json],
        approved: Sequence[Approved],
        retired: Mapping[int, Retired],
        *,
        official: bool,
    ) -> Content:
        city = self.city.model_dump(mode="json")
        entries = dict(kept)
        for revision in approved:
            entry = self._entry(revision, same_city=city == self.former.city)
            if entry is not None:
                entries[revision.listing_id] = entry
                official = official and revision.origin != "starter"
        found = at_odds(entries, self.number, self.at, self.former.entries.keys())
        self.problems += [Problem(*told) for told in found]
        if self.problems:
            raise NotPublishable(self.problems)
        return Content(
            number=self.number,
            official=official,
            city=city,
            calendar=[day.model_dump(mode="json") for day in self.days],
            entries=entries,
            tombstones=self._tombstones(entries, retired),
        )

    def restore(self, old: Content) -> Content:
        """The content of an old edition as edition ``number``."""
        entries = {}
        for id_, entry in old.entries.items():
            standing = self.former.entries.get(id_)
            same = standing is not None and standing["document"] == entry["document"]
            entries[id_] = standing if same and standing else entry | {"changed_in": self.number}
        stones = {
            id_: stone | {"changed_in": self.number}
            for id_, stone in old.tombstones.items()
            if id_ in self.former.entries
        }
        for id_, entry in self.former.entries.items():
            if id_ not in entries and id_ not in stones:
                stones[id_] = self._stone(entry, None)
        for id_, stone in self.former.tombstones.items():
            if id_ not in entries:
                stones[id_] = stone
        stones = self._dated(_settled(stones, entries, {}))
        return Content(self.number, old.official, old.city, old.calendar, entries, stones)

    def _entry(self, revision: Approved, *, same_city: bool) -> Json | None:
        """The listing's entry, the former one if it says the same; None for an internal line."""
        document = orjson.loads(revision.document)
        standing = self.former.entries.get(revision.listing_id)
        if same_city and standing is not None and standing["document"] == document:
            return standing
        if document.get("internal") is True:
            return None
        canonical = self._checked(revision.listing_id, document)
        if canonical is None or (standing is not None and standing["document"] == canonical):
            return standing
        return {
            "id": revision.listing_id,
            "changed_in": self.number,
            "updated_on": revision.decided_at.astimezone(ZONE).date().isoformat(),
            "document": canonical,
        }

    def _checked(self, id_: int, document: Json) -> Json | None:
        """The canonical JSON of a document; None, and the problems noted, if it has any."""
        name = str(document.get("name", ""))
        try:
            model = LISTING.validate_python(document)
        except ValidationError as error:
            for each in error.errors():
                where = ".".join(str(part) for part in each["loc"][1:])
                told = f"内容不合规则（{in_chinese(each)}）"
                self.problems.append(Problem(id_, name, where, told))
            return None
        notices = [(n, notice) for n, notice in self.notices if notice.touches(id_)]
        found = obstacles(model, self.city, self.calendar, self.today, notices, id_)
        self.problems += [Problem(id_, name, where, message) for where, message in found]
        return None if found else model.model_dump(mode="json")

    def _tombstones(
        self, entries: Mapping[int, Json], retired: Mapping[int, Retired]
    ) -> dict[int, Json]:
        stones = {}
        for id_, stone in self.former.tombstones.items():
            if id_ not in entries:
                stones[id_] = self._brought_up_to_date(stone, retired.get(id_))
        for id_, entry in self.former.entries.items():
            if id_ not in entries:
                stones[id_] = self._stone(entry, retired.get(id_))
        merged = {id_: why.merged_into for id_, why in retired.items() if why.merged_into}
        return self._dated(_settled(stones, entries, merged))

    def _dated(self, stones: Mapping[int, Json]) -> dict[int, Json]:
        """The stones as of this edition, but the former ones where those say the same."""
        former = self.former.tombstones
        return {
            id_: stone if stone == former.get(id_) else stone | {"changed_in": self.number}
            for id_, stone in stones.items()
        }

    def _brought_up_to_date(self, stone: Json, why: Retired | None) -> Json:
        if why is None:
            return stone
        return stone | {
            "reason": why.reason,
            "retired_on": why.retired_on.isoformat(),
            "merged_into": why.merged_into,
        }

    def _stone(self, entry: Json, why: Retired | None) -> Json:
        document = entry["document"]
        return Tombstone(
            id=entry["id"],
            type=document["type"],
            name=document["name"],
            reason=why.reason if why else "",
            retired_on=why.retired_on if why else self.today,
            changed_in=self.number,
            merged_into=why.merged_into if why else None,
            lon=document.get("lon"),
            lat=document.get("lat"),
        ).model_dump(mode="json")


def _tells(entry: Json) -> bool:
    told: bool = entry["document"]["type"] == "notice"
    return told


def _settled(
    stones: Mapping[int, Json], entries: Mapping[int, Json], merged: Mapping[int, int]
) -> dict[int, Json]:
    """The stones with a reason each, and sending on only to what is public, in one step.

    A listing may be merged into one that was merged itself, or withdrawn, or into a circle; who
    follows a 301 must arrive. ``merged`` says so of all listings, those without a stone included.
    """
    onward = {id_: stone["merged_into"] for id_, stone in stones.items()} | dict(merged)
    named = {id_: one["name"] for id_, one in stones.items()}
    named |= {id_: entry["document"]["name"] for id_, entry in entries.items()}
    settled = {}
    for id_, stone in stones.items():
        heir = _end(id_, onward, entries)
        public = heir in entries and entries[heir]["document"]["type"] == stone["type"]
        reason = stone["reason"]
        if stone["merged_into"] is not None and heir != id_:
            if reason == MERGED.format(stone["merged_into"]):
                reason = ""
            told = f"已并入“{named[heir]}”" if heir in named else MERGED.format(heir)
            if public:
                reason = reason or MERGED.format(heir)
            else:
                told += "" if heir in entries else "，后者已撤下"
                reason = f"{reason}；{told}" if reason else told
        settled[id_] = stone | {
            "reason": reason or WITHDRAWN,
            "merged_into": heir if public else None,
        }
    return settled


def _end(id_: int, onward: Mapping[int, int | None], entries: Mapping[int, Json]) -> int:
    """Where the way from a listing ends; in a circle, with the last before it closes."""
    seen = {id_}
    while id_ not in entries:
        further = onward.get(id_)
        if further is None or further in seen:
            break
        seen.add(further)
        id_ = further
    return id_
