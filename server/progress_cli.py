"""``flask progress``: the ledger from the command line."""

from typing import TYPE_CHECKING

import click
from flask import current_app

from server.cli import Refusal, operator_command

if TYPE_CHECKING:
    from config.programmes import Programme


@click.group("progress", help="进展台账：填入示例、核对完整。")
def progress_commands() -> None:
    """The group; see the commands."""


@progress_commands.command("demo", help="在空的台账里填入一年的示例数据，处处标明是示例。")
@click.option("--year", type=int, help="哪一年；默认最近一年")
@click.option("--seed", type=int, default=1, show_default=True, help="同一个数得到同样的一年")
@operator_command
def demo(year: int | None, seed: int) -> None:
    """Play a made-up year."""
    from server.db import db
    from server.ledger.demo import fill
    from server.revisions import Refused, writing

    programme = _programme(year)
    try:
        with writing(db.session):
            filled = fill(db.session, programme, current_app.extensions["city"], seed)
    except Refused as error:
        raise Refusal(str(error)) from error
    owed = len(programme.owed) * len(programme.periods)
    click.echo(
        f"已填入 {programme.year} 年的示例：{len(programme.units)} 个单位，"
        f"应报 {owed} 份，已有 {filled.reports} 份，牵头单位确认合计 {filled.confirmed} 次。"
    )
    click.echo("这一年处处标明“示例”，不能取消；正式使用请换一个空的数据库。")


@progress_commands.command("verify", help="逐版核对摘要和审计记录；有不符则退出码为 1。")
@operator_command
def verify() -> None:
    """Hold every version against its digest and the trail."""
    from server.db import db
    from server.ledger.verifying import verify as look

    found = look(db.session)
    for fault in found.faults:
        click.echo(fault)
    if found.faults:
        raise Refusal(f"台账有 {len(found.faults)} 处不符")
    click.echo(f"台账完整：{found.versions} 版报表，其中 {found.accepted} 版已通过。")
    click.echo(f"请记下：{found.head.number}:{found.head.hash}")


def _programme(year: int | None) -> "Programme":
    programmes = current_app.extensions["programmes"]
    if not programmes:
        raise Refusal("没有任何一年的方案")
    programme: Programme | None = programmes.get(year or max(programmes))
    if programme is None:
        raise Refusal(f"没有 {year} 年的方案；有的是：{'、'.join(map(str, programmes))}")
    return programme
