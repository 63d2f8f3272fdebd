"""Every row of a table -> the document that it would make, or what is wrong with it, by cell.

Public names: ``Checker``, ``Checked``, ``OUTCOMES``. Nothing here changes the database.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from geo.city import City
from geo.listing import LISTING
from geo.sphere import distance_m
from geo.wording import in_chinese
from server.duplicates import NAME, PHONE, Place, Places
from server.imports import positions
from server.imports.column import ID, KEY, POSITION
from server.imports.columns import by_field
from server.imports.known import Known, Standing
from server.imports.laying import put, same, stay_put
from server.imports.matching import Options, below, row_at
from server.imports.reading import Wrong, read_cell
from server.permissions import Person, within_bounds
from server.sheets.table import Row, Sheet, Table

OUTCOMES = {"new": "新增", "changed": "有变化", "unchanged": "无变化", "wrong": "有误"}

Progress = Callable[[int, int], None]
Json = dict[str, Any]
_MOVED_M = 200.0
_MOST_KEY = 200
_POSITION_FIELDS = ("lon", "lat", POSITION)


@dataclass
class Checked:
    """A row, as ``ImportRow`` keeps it."""

    line: int
    outcome: str = "wrong"
    name: str = ""
    listing_id: int | None = None
    based_on_id: int | None = None
    external_key: str | None = None
    document: Json | None = None
    messages: list[tuple[str, str]] = field(default_factory=list)


class _Refused(Exception):
    """A row can't be taken; what is wrong has been told."""


@dataclass
class Checker:
    """Checks the rows of one sheet. ``by`` None is the operator, who has no bounds."""

    type: str
    table: Table
    sheet: Sheet
    options: Options
    city: City
    known: Known
    by: Person | None = None

    def __post_init__(self) -> None:
        self.columns = by_field(self.type)
        self.headings = row_at(self.sheet, self.options.header)
        self.places = Places()
        if self.type == "site":
            for one in self.known.by_id.values():
                if one.state == "active":
                    self.places.add(Place.of(one.id, one.document))
        self.met: dict[object, int] = {}

    def check(self, progress: Progress = lambda done, total: None) -> Iterator[Checked]:
        """The rows under the headings, in order."""
        rows = below(self.sheet, self.options.header)
        for done, row in enumerate(rows):
            progress(done, len(rows))
            yield _OneRow(self, row).check()
        progress(len(rows), len(rows))


class _OneRow:
    """What is known of a row while it is checked."""

    def __init__(self, checker: Checker, row: Row) -> None:
        self.all = checker
        self.row = row
        self.done = Checked(row.line)
        self.errors: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []
        self.values: Json = {}
        self.emptied: list[str] = []
        self.standing: Standing | None = None

    def check(self) -> Checked:
        try:
            self._read_cells()
            self.done.name = str(self.values.get("name", self._said("name")))[:200]
            self._recognise()
            self._read_position()
            self._build()
            self._hold_against_the_others()
        except _Refused:
            pass
        if self.errors:
            self.done.outcome, self.done.document = "wrong", None
        told = [(cell, f"提示：{text}") for cell, text in self.warnings]
        self.done.messages = self._by_column(self.errors + (told if self.errors else self.warnings))
        return self.done

    def _by_column(self, told: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """As the eye goes along the row; what is of no column comes last."""
        columns = {self._place(name): at for name, at in self.all.options.columns.items()}
        return sorted(told, key=lambda one: columns.get(one[0], float("inf")))

    # Cells

    def _said(self, name: str) -> str:
        column = self.all.options.columns.get(name)
        return "" if column is None else self.row.cell(column)

    def _place(self, name: str) -> str:
        """The address of a field's cell; of the row, where the table has no such column."""
        column = self.all.options.columns.get(name)
        if column is None:
            return f"第{self.row.line}行"
        heading = self.all.headings.cell(column)
        return self.all.table.address(self.row.line, column, heading)

    def _wrong(self, name: str, message: str) -> None:
        self.errors.append((self._place(name), message))

    def _warn(self, name: str, message: str) -> None:
        self.warnings.append((self._place(name), message))

    def _read_cells(self) -> None:
        for name in self.all.options.columns:
            text = self._said(name)
            if note := self.all.sheet.notes.get(self._place(name)):
                (self._warn if text else self._wrong)(name, note)
            if name in _POSITION_FIELDS:
                continue
            if not text:
                self.emptied.append(name)
                continue
            try:
                self.values[name], warning = read_cell(self.all.columns[name], text, self.all.city)
            except Wrong as wrong:
                self._wrong(name, str(wrong))
            else:
                if warning:
                    self._warn(name, warning)

    def _read_position(self) -> None:
        lon, lat, pair = map(self._said, _POSITION_FIELDS)
        crs, city = self.all.options.crs or "wgs84", self.all.city
        if not (lon or lat or pair):
            return
        name = "lon" if lon or lat else POSITION
        try:
            if name == POSITION:
                found = positions.read_pair(pair, crs, city)
            else:
                found = positions.read_position(lon, lat, crs, city)
        except Wrong as wrong:
            self._wrong(name, str(wrong))
            return
        self.values |= {"lon": found.lon, "lat": found.lat}
        if found.warning:
            self._warn(name, found.warning)

    # Which listing

    def _recognise(self) -> None:
        """Find the listing that the row speaks of: by id, by the table's own key, by name."""
        known, name = self.all.known, self.values.get("name")
        if KEY in self.values:
            self.done.external_key = self._key(str(self.values[KEY]))
        if ID in self.values:
            self.standing = known.by_id.get(self.values[ID])
            if self.standing is None:
                self._wrong(ID, f"没有编号为 {self.values[ID]} 的条目；新条目请留空")
                raise _Refused
        elif self.done.external_key in known.by_key:
            self.standing = known.by_key[self.done.external_key or ""]
        elif name:
            self.standing = self._by_name(str(name))
        if self.standing is None:
            return
        self._must_be_active(self.standing)
        self.done.listing_id, self.done.based_on_id = self.standing.id, self.standing.revision_id
        former = str(self.standing.document["name"])
        if name and name != former:
            self._warn("name", f"编号 {self.standing.id} 原来叫“{former}”，将改名")

    def _key(self, key: str) -> str:
        origin = self.all.options.origin
        return (f"{origin}/{key}" if origin else key)[:_MOST_KEY]

    def _by_name(self, name: str) -> Standing | None:
        key = self.done.external_key
        found = [
            one
            for one in self.all.known.named(name, self.values.get("kind"))
            # Of the same name under another key of the table's own: another place.
            if key is None or one.external_key is None or one.external_key == key
        ]
        active = [one for one in found if one.state == "active"]
        if len(active) > 1:
            ids = "、".join(str(one.id) for one in active)
            self._wrong("name", f"有几个条目都叫“{name}”（编号 {ids}），请写明童友图编号")
            raise _Refused
        if not active and found:
            self._warn("name", f"编号 {found[0].id} 也叫这个名称，已撤下；这里作为新条目")
        return active[0] if active else None

    def _must_be_active(self, standing: Standing) -> None:
        if standing.state == "active":
            return
        merged = f"已并入编号 {standing.merged_into}"
        told = merged if standing.state == "merged" else "已撤下，请先恢复"
        self._wrong(ID if ID in self.values else KEY, f"编号 {standing.id} 的条目{told}")
        raise _Refused

    # What it would say

    def _build(self) -> None:
        former = dict(self.standing.document) if self.standing else {"type": self.all.type}
        document = self._laid_over(former)
        if self.standing:
            stay_put(document, former)
        self._within_bounds(document, former)
        self.done.document = self._valid(document)
        self.done.outcome = self._outcome()

    def _laid_over(self, former: Json) -> Json:
        document = {**former, "facts": {k: dict(v) for k, v in (former.get("facts") or {}).items()}}
        for name, value in self.values.items():
            if name not in (ID, KEY):
                put(document, name, value)
        if self.standing and self.all.options.clears:
            for name in self.emptied:
                if name not in (ID, KEY) and not self.all.columns[name].required:
                    put(document, name, None)
        document["facts"] = {k: v for k, v in document["facts"].items() if v}
        return document

    def _valid(self, document: Json) -> Json:
        try:
            return LISTING.validate_python(document).model_dump(mode="json")
        except ValidationError as error:
            for details in error.errors(include_url=False):
                self._tell(details)
            raise _Refused from error

    def _tell(self, details: ErrorDetails) -> None:
        _, *where = details["loc"]
        name = str(where[0]) if where else "name"
        if name == "facts" and len(where) > 2:
            name = f"facts:{where[1]}:{where[2]}"
        message = in_chinese(details)
        column = self.all.columns.get(name)
        heading = column.heading if column else name
        if details["type"] == "missing":
            absent = "" if name in self.all.options.columns else "，表里没有对上这一列"
            message = f"缺少{heading}{absent}"
            if name in ("lon", "lat") and POSITION in self.all.options.columns:
                name, message = POSITION, "缺少坐标"
        else:
            message = f"{heading}：{message}"
        place = self._place(name)
        # A cell that could not be read is not missing as well.
        if place not in {cell for cell, _ in self.errors} or column is None or place[0] == "第":
            self.errors.append((place, message))

    def _within_bounds(self, document: Json, former: Json) -> None:
        """Told beside the other mistakes: who mends these should not be turned away after."""
        by, id_ = self.all.by, self.done.listing_id
        if by is None:
            return
        # A row that does not say where it is, or not readably, is wrong for that alone.
        inside = self._lacks_district(document) or within_bounds(by, document, id_)
        if self.standing:
            inside = inside and within_bounds(by, former, id_)
        if not inside:
            self._wrong("district", "这个条目不在您负责的范围内")

    def _lacks_district(self, document: Json) -> bool:
        if "district" not in self.values and self._said("district"):
            return True
        column = self.all.columns.get("district")
        return column is not None and column.required and not document.get("district")

    def _outcome(self) -> str:
        if self.standing is None:
            return "new"
        if same(self.done.document, self.standing.document):
            return "unchanged"
        imported = self.standing.imported
        if imported is not None and same(self._again(dict(imported)), imported):
            self._warn("name", "与上次导入的相同；之后有人编辑过，保留编辑后的内容")
            return "unchanged"
        self._tell_of_moving(self.standing.document)
        if self.standing.revision_state == "submitted":
            self._warn("name", "有待审核的版本，写入后要重新提交审核")
        return "changed"

    def _again(self, imported: Json) -> Json | None:
        """What the last import's document would be after this row."""
        document = self._laid_over(imported)
        stay_put(document, imported)
        try:
            return LISTING.validate_python(document).model_dump(mode="json")
        except ValidationError:
            return None

    def _tell_of_moving(self, former: Mapping[str, Any]) -> None:
        document = self.done.document
        if self.all.type != "site" or document is None:
            return
        moved = distance_m(former["lon"], former["lat"], document["lon"], document["lat"])
        if moved > _MOVED_M:
            name = "lon" if "lon" in self.all.options.columns else POSITION
            self._warn(name, f"位置移动了 {moved:.0f} 米，请核对坐标系")

    # Beside the others

    def _hold_against_the_others(self) -> None:
        if self.errors:
            return
        document = self.done.document or {}
        marks: list[object] = [("name", document.get("name"), document.get("kind"))]
        marks = [("id", self.done.listing_id)] if self.standing else marks
        if self.done.external_key:
            marks.append(("key", self.done.external_key))
        for mark in marks:
            if mark in self.all.met:
                self._wrong("name", f"与第 {self.all.met[mark]} 行重复")
                raise _Refused
        self.all.met |= dict.fromkeys(marks, self.row.line)
        if self.done.outcome == "new" and self.all.type == "site":
            self._warn_of_likeness(Place.of(-self.row.line, document))

    def _warn_of_likeness(self, place: Place) -> None:
        # Neighbours in one table are neighbours; only of the same name or phone they may be one.
        likely = [
            one
            for one in self.all.places.like(place)
            if one.place.key > 0 or {NAME, PHONE} & set(one.reasons)
        ]
        for likeness in likely[:2]:
            key = likeness.place.key
            which = f"编号 {key}" if key > 0 else f"第 {-key} 行"
            told = f"与{which}“{likeness.place.name}”可能重复：{likeness.told}"
            self._warn("name", told)
        self.all.places.add(place)
