"""``flask import sites`` and ``hotlines``: a table becomes drafts, as in the console."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app

from geo.crs import CRSES, Crs
from server.cli import Refusal, operator_command
from server.db import db
from server.gtfs_cli import imports

if TYPE_CHECKING:
    from server.imports.matching import Options
    from server.models import ImportBatch
    from server.sheets.table import Table

__all__ = ["imports"]

MOST_TOLD = 100
"""Lines of messages that are listed; the console shows all."""

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_ORIGIN = click.option("--origin", default="", help="这张表是谁的；区分各单位自己的编号")
_CLEARS = click.option("--clears", is_flag=True, help="空白格清除原有内容；不写则保留")
_APPLY = click.option(
    "--apply", "mode", type=click.Choice(["all", "good"]), help="写入：全部，或没有问题的行"
)


@imports.command("sites", help="导入地点的表格（Excel、CSV、GeoJSON）；不写 --apply 只核对。")
@_FILE
@click.option("--crs", type=click.Choice(CRSES), help="表中位置的坐标系；GeoJSON 规定 WGS-84")
@_ORIGIN
@_CLEARS
@_APPLY
@operator_command
def sites(file: Path, crs: Crs | None, origin: str, clears: bool, mode: str | None) -> None:
    _import(file, "site", mode, {"crs": crs, "origin": origin, "clears": clears})


@imports.command("hotlines", help="导入热线的表格；不写 --apply 只核对。")
@_FILE
@_ORIGIN
@_CLEARS
@_APPLY
@operator_command
def hotlines(file: Path, origin: str, clears: bool, mode: str | None) -> None:
    _import(file, "hotline", mode, {"origin": origin, "clears": clears})


def _import(file: Path, type_: str, mode: str | None, chosen: dict[str, Any]) -> None:
    from server.imports import applying, batches
    from server.revisions import Refused, writing
    from server.sheets.opening import open_table
    from server.sheets.table import Unreadable

    settings, city = current_app.extensions["settings"], current_app.extensions["city"]
    body = file.read_bytes()
    try:
        table = open_table(body)
        with writing(db.session):
            batch = batches.receive(db.session, table, body, file.name, type_, None)
            options = _options(batch, chosen)
            batches.match(db.session, batch, table, options)
            id_ = batch.id
        _tell_matching(type_, table, options)
        with _bar("核对") as progress:
            rows = batches.check(db.session, settings, city, batch, None, progress)
        with writing(db.session):
            counted = batches.keep(db.session, id_, rows)
        _tell_rows(rows, counted)
        if mode is None:
            click.echo("只核对了，没有写入；要写入请加 --apply all 或 --apply good。")
            return
        with _bar("写入") as progress, writing(db.session):
            done = applying.apply(db.session, id_, mode, None, progress)
    except (Unreadable, Refused) as error:
        raise Refusal(str(error)) from error
    for line, why in done.left_out[:MOST_TOLD]:
        click.echo(f"  第 {line} 行：{why}")
    click.echo(f"已写入草稿：新增 {done.new} 条，更改 {done.changed} 条。")


def _options(batch: "ImportBatch", chosen: dict[str, Any]) -> "Options":
    """The guessed or remembered matching, with what the operator has said."""
    from server.imports.matching import Options

    said = {name: value for name, value in chosen.items() if value}
    return Options.from_json(batch.options | said)


def _tell_matching(type_: str, table: "Table", options: "Options") -> None:
    from server.imports.columns import by_field
    from server.imports.matching import row_at

    headings = row_at(table.sheet(options.sheet), options.header)
    known = by_field(type_)
    click.echo(f"表头在第 {options.header} 行：")
    for name, column in sorted(options.columns.items(), key=lambda pair: pair[1]):
        click.echo(f"  {headings.cell(column)} → {known[name].heading}")


def _tell_rows(rows: list[dict[str, Any]], counted: dict[str, int]) -> None:
    from server.imports.checking import OUTCOMES

    told = [f"  {cell}：{message}" for row in rows for cell, message in row["messages"]]
    for line in told[:MOST_TOLD]:
        click.echo(line)
    if len(told) > MOST_TOLD:
        click.echo(f"  另有 {len(told) - MOST_TOLD} 处未列出")
    counts = "，".join(f"{title} {counted.get(code, 0)} 行" for code, title in OUTCOMES.items())
    click.echo(f"{counts}。")


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, to be told how many of how many rows are done."""
    with click.progressbar(length=1, label=label) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(1, total)
            bar.update(done - bar.pos)

        yield progress
