"""A table from its upload to its drafts: what happens to its ``ImportBatch``. Plain functions.

Public names: ``receive``, ``table_of``, ``options_of``, ``match``, ``check``, ``keep``,
``evidence_of``, ``member``.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from config.settings import Settings
from geo.city import City
from server import audit, files
from server.db import AnySession, now
from server.imports import known, matching
from server.imports.checking import Checked, Checker
from server.imports.column import POSITION
from server.imports.columns import COLUMNS
from server.imports.matching import Options
from server.imports.positions import Evidence, evidence
from server.imports.reading import Wrong, number
from server.models import ColumnMatch, ImportBatch, ImportRow, StaffAccount, StoredFile
from server.revisions import Member, Refused
from server.sheets.opening import open_table
from server.sheets.table import Table, Unreadable

Progress = Callable[[int, int], None]

_MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv",
    "geojson": "application/geo+json",
}


@dataclass
class Staff:
    """A member of staff who acts through a job: as their account stands now."""

    account_id: int
    login: str
    role: str
    districts: list[str] | None
    listings: list[int] | None


def member(session: AnySession, account_id: int | None) -> Member:
    """Who asked for something.

    Raises:
        Refused: the account is gone or disabled.
    """
    account = session.get(StaffAccount, account_id) if account_id else None
    if account is None or account.disabled_at is not None:
        raise Refused("发起人的账号已停用，没有写入")
    return Staff(account.id, account.login, account.role, account.districts, account.listings)


def receive(
    session: AnySession, table: Table, body: bytes, name: str, type_: str, by: Member | None
) -> ImportBatch:
    """Keep a file and begin a batch; run it within ``server.revisions.writing``."""
    if type_ not in COLUMNS:
        raise Refused("没有这种可以导入的条目")
    account_id = by.account_id if by else None
    shown = "".join(c for c in name if c.isprintable())[-200:] or "未命名"
    stored = files.store(session, body, _MEDIA_TYPES[table.form], shown, account_id)
    batch = ImportBatch(file_id=stored.id, file_name=shown, type=type_, created_by=account_id)
    batch.options = _first_options(session, table, type_).as_json()
    session.add(batch)
    session.flush()
    told = {"file": shown, "type": type_, "sha256": stored.sha256}
    audit.record(session, by or "cli", "import.uploaded", "import", batch.id, told)
    return batch


def _first_options(session: AnySession, table: Table, type_: str) -> Options:
    """As such a table was matched before, else by its headings. A file of GeoJSON is WGS-84."""
    sheet = table.sheet()
    options = matching.guess(type_, sheet)
    digest = matching.headings_digest(type_, sheet, options.header)
    before = session.scalars(select(ColumnMatch).where(ColumnMatch.headings == digest)).first()
    if before is not None:
        return Options.from_json(before.options | {"sheet": sheet.name, "header": options.header})
    crs = "wgs84" if table.form == "geojson" else None
    return Options.from_json(options.as_json() | {"crs": crs})


def table_of(session: AnySession, settings: Settings, batch: ImportBatch) -> Table:
    """The file of a batch, read once more.

    Raises:
        Refused: it is gone.
    """
    stored = session.get_one(StoredFile, batch.file_id)
    with files.open_(settings, stored.sha256) as file:
        body = file.read()
    try:
        return open_table(body)
    except Unreadable as error:
        raise Refused(str(error)) from error


def options_of(batch: ImportBatch) -> Options:
    """How the batch's table is to be read."""
    return Options.from_json(batch.options)


def match(session: AnySession, batch: ImportBatch, table: Table, options: Options) -> None:
    """Take the person's matching, and remember it for the next table with these headings.

    Raises:
        Refused: it is not enough to check the rows by, or the batch is past that.
    """
    if batch.state not in ("uploaded", "checked", "failed"):
        raise Refused("这次导入已经在处理，不能再改对应关系")
    if problems := matching.missing(options):
        raise Refused("；".join(problems))
    batch.options = options.as_json()
    batch.state, batch.message, batch.report = "checking", "", {}
    sheet = table.sheet(options.sheet)
    digest = matching.headings_digest(batch.type, sheet, options.header)
    row = session.scalars(select(ColumnMatch).where(ColumnMatch.headings == digest)).first()
    if row is None:
        row = ColumnMatch(headings=digest)
        session.add(row)
    row.options, row.used_at = options.as_json(), now()
    session.flush()


def check(
    session: AnySession,
    settings: Settings,
    city: City,
    batch: ImportBatch,
    by: Member | None,
    progress: Progress = lambda done, total: None,
) -> list[dict[str, Any]]:
    """Check every row of a batch; reads only. The rows are for ``keep``."""
    table = table_of(session, settings, batch)
    options = options_of(batch)
    standing = known.load(session, batch.type)
    sheet = table.sheet(options.sheet)
    checker = Checker(batch.type, table, sheet, options, city, standing, by)
    return [_row(batch.id, checked) for checked in checker.check(progress)]


def keep(session: AnySession, batch_id: int, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Enter what came of the checks in the place of what came before; within ``writing``."""
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch_id))
    for start in range(0, len(rows), 1000):
        session.execute(insert(ImportRow), rows[start : start + 1000])
    batch = session.get_one(ImportBatch, batch_id)
    counted = dict(Counter(row["outcome"] for row in rows))
    warned = sum(1 for row in rows if row["outcome"] != "wrong" and row["messages"])
    batch.report = counted | {"rows": len(rows), "warned": warned}
    batch.state = "checked"
    batch.message = "" if rows else "表头下面没有数据行"
    session.flush()
    return counted


def _row(batch_id: int, checked: Checked) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "line": checked.line,
        "outcome": checked.outcome,
        "name": checked.name,
        "listing_id": checked.listing_id,
        "based_on_id": checked.based_on_id,
        "external_key": checked.external_key,
        "document": checked.document,
        "messages": [list(pair) for pair in checked.messages],
    }


def evidence_of(
    session: AnySession, batch: ImportBatch, table: Table, options: Options
) -> Evidence:
    """What listings of the same names say about the table's coordinate system."""
    if batch.type != "site" or not matching.positioned(options):
        return Evidence(None, 0, {})
    standing = known.load(session, batch.type)
    pairs = []
    for row in matching.below(table.sheet(options.sheet), options.header):
        said = {name: row.cell(column) for name, column in options.columns.items()}
        found = [one for one in standing.named(said.get("name", ""), None) if one.state == "active"]
        if len(found) == 1 and (pair := _pair(said)):
            pairs.append((*pair, found[0].document["lon"], found[0].document["lat"]))
    return evidence(pairs)


def _pair(said: dict[str, str]) -> tuple[float, float] | None:
    lon, lat = said.get("lon", ""), said.get("lat", "")
    if said.get(POSITION) and not (lon or lat):
        lon, _, lat = said[POSITION].replace("，", ",").partition(",")
    try:
        x, y = number(lon), number(lat)
    except Wrong:
        return None
    return (x, y) if abs(x) <= 180 and abs(y) <= 90 else None
