"""``flask operator``: tokens for the programs of bus operators."""

from datetime import datetime

import click

from server.cli import ZONE, Refusal, operator_command


@click.group("operator", help="公交运营方的令牌：发放、列出、吊销。")
def operators() -> None:
    """The group; see the commands."""


@operators.command("add", help="发放令牌给 NAME；令牌只显示这一次。")
@click.argument("name")
@click.option(
    "--routes", default="", help="线路编号，以逗号分隔；不填：名称相同的运营单位的全部线路"
)
@operator_command
def add(name: str, routes: str) -> None:
    """Make a token and show it once."""
    from server.db import db, start_writing
    from server.operators import CannotChange, add_token

    ids = _ids(routes)
    start_writing(db.session)
    try:
        token, text = add_token(name, ids)
    except CannotChange as error:
        raise Refusal(str(error)) from error
    db.session.commit()
    click.echo(f"已发放编号 {token.id} 的令牌给 {token.operator}（{_scope(token.routes)}）。")
    click.echo(f"令牌（只显示这一次）：{text}")


@operators.command("list", help="列出全部令牌；令牌本身不保存，不能再看。")
@operator_command
def list_() -> None:
    """One line a token."""
    from server.operators import tokens

    found = tokens()
    for token in found:
        used = _day(token.last_used_at) if token.last_used_at else "从未使用"
        state = f"已于 {_day(token.revoked_at)} 吊销" if token.revoked_at else "有效"
        click.echo(
            f"{token.id}  {token.operator}  {_scope(token.routes)}  {state}  "
            f"发放于 {_day(token.created_at)}  最近使用：{used}"
        )
    if not found:
        click.echo("还没有发放过令牌。")


@operators.command("revoke", help="吊销编号为 ID 的令牌，半分钟内处处生效。")
@click.argument("id_", metavar="ID", type=click.IntRange(min=1))
@operator_command
def revoke(id_: int) -> None:
    """Revoke one."""
    from server.db import db, start_writing
    from server.operators import CannotChange, revoke_token

    start_writing(db.session)
    try:
        token = revoke_token(id_)
    except CannotChange as error:
        raise Refusal(str(error)) from error
    db.session.commit()
    click.echo(f"已吊销编号 {token.id} 的令牌（{token.operator}），半分钟内处处生效。")


def _ids(routes: str) -> list[int] | None:
    if not routes.strip():
        return None
    parts = [part.strip() for part in routes.replace("，", ",").split(",")]
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
        raise Refusal(f"线路编号有误：{routes}；应为以逗号分隔的数字，例如 101,102")
    return [int(part) for part in parts]


def _scope(routes: list[int] | None) -> str:
    return "同名运营单位的全部线路" if routes is None else f"线路 {'、'.join(map(str, routes))}"


def _day(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
