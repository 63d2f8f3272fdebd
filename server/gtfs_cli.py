"""``flask import gtfs``: an agency's own feed becomes drafts, all of it or nothing."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app

from geo.crs import CRSES, Crs
from server.cli import Refusal, operator_command
from server.db import db, start_writing

if TYPE_CHECKING:
    from geo.city import City
    from geo.gtfs_import import Imported
    from geo.gtfs_report import Problem
    from geo.transit import School
    from server.gtfs_drafts import Stored

MOST_TOLD = 50
"""Obstacles to publishing that an import lists."""


@click.group("import", help="从别处的文件导入，成为待审的草稿。")
def imports() -> None:
    pass


@imports.command("gtfs", help="导入公交企业的 GTFS 数据（zip）：每条线路一份草稿。")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--school",
    type=(str, str, float, float),
    metavar="代码 名称 经度 纬度",
    help="这些线路服务的学校，位置为 WGS-84；不写则按终点站推测，导入后须核对",
)
@click.option(
    "--origin", metavar="名称", help="数据来源，再次导入时据以认出同一线路；默认为企业名称"
)
@click.option(
    "--crs", type=click.Choice(CRSES), default="wgs84", help="文件中位置的坐标系；GTFS 规定 WGS-84"
)
@click.option("--check", is_flag=True, help="只检查，不导入")
@operator_command
def gtfs(
    file: Path,
    school: tuple[str, str, float, float] | None,
    origin: str | None,
    crs: Crs,
    check: bool,
) -> None:
    from geo.gtfs_import import import_gtfs
    from geo.sphere import Box
    from server.gtfs_drafts import add_drafts

    city: City = current_app.extensions["city"]
    imported = import_gtfs(file, crs=crs, school=_school(school), bounds=Box(*city.bounds))
    _tell("说明", imported.notes)
    _tell("没有导入的内容", imported.left_out)
    if imported.problems:
        told = "\n".join(map(str, imported.problems))
        raise Refusal(f"{file.name} 有 {len(imported.problems)} 处错误，没有导入：\n{told}")
    if not imported.routes:
        raise Refusal(f"{file.name} 里没有可导入的公交线路")
    _tell("发布前须改正", _obstacles(imported, city))
    if check:
        click.echo(f"检查通过：共 {len(imported.routes)} 条线路，没有导入。")
        return
    start_writing(db.session)
    stored = add_drafts(db.session, imported, origin, f"GTFS 导入：{file.name}")
    db.session.commit()
    _tell_stored(stored)


def _school(given: tuple[str, str, float, float] | None) -> "School | None":
    from geo.transit import School

    if given is None:
        return None
    code, name, lon, lat = given
    try:
        return School(code=code, name=name, lon=lon, lat=lat)
    except ValueError as error:
        raise Refusal(
            "--school 不对：代码为英文字母、数字，名称不超过 60 个字，再是经度、纬度"
        ) from error


def _obstacles(imported: "Imported", city: "City") -> list[str]:
    """What would keep the lines from being published, but for their stops' positions, which the
    import tells with file and line."""
    from geo.calendar import Calendar
    from geo.listing import obstacles
    from geo.opening import SHANGHAI
    from server.calendar_days import calendar_days

    with db.engine.connect() as connection:
        calendar = Calendar(calendar_days(connection))
    today = datetime.now(SHANGHAI).date()
    found = [
        f"{route.name}：{message}"
        for _, route in imported.routes
        for path, message in obstacles(route, city, calendar, today)
        if not path.startswith("stops.") and path != "school"
    ]
    rest = [f"另有 {len(found) - MOST_TOLD} 处未列出"] if len(found) > MOST_TOLD else []
    return found[:MOST_TOLD] + rest


def _tell(title: str, problems: "Sequence[Problem | str]") -> None:
    if problems:
        click.echo(f"{title}：")
        for problem in problems:
            click.echo(f"  {problem}")


def _tell_stored(stored: "Stored") -> None:
    click.echo(
        f"已导入为草稿：新线路 {len(stored.new)} 条，有变化 {len(stored.changed)} 条；"
        f"没有变化 {len(stored.unchanged)} 条。"
    )
    if stored.retired:
        click.echo(f"已撤下的线路，没有改动：{'、'.join(stored.retired)}")
    if stored.absent:
        click.echo(f"这份数据里不再有的线路，没有改动：{'、'.join(stored.absent)}")
