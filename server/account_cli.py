"""``flask audit`` and ``flask reset-second-step``."""

import re
from typing import TYPE_CHECKING

import click

from server.cli import Refusal, operator_command

if TYPE_CHECKING:
    from server.audit import Head


@click.group("audit", help="审计记录：核对是否完整。")
def audit_trail() -> None:
    """The group; see the commands."""


@audit_trail.command("verify", help="逐条核对，说出末条的编号和摘要；不完整则退出码为 1。")
@click.option(
    "--expect",
    metavar="编号:摘要",
    help="以前记下的末条；核对它还在、没有改动，以便看出末尾被删。可以只写摘要的前 8 位",
)
@operator_command
def verify(expect: str | None) -> None:
    """Follow the chain from its beginning."""
    from server import audit
    from server.db import db

    expected = _head(expect) if expect else None
    broken = audit.verify(db.session, expected)
    if broken is not None:
        raise Refusal(f"审计记录不完整：{broken.message}")
    head = audit.head(db.session)
    click.echo(f"审计记录到第 {head.number} 条为止完整。")
    click.echo(f"请记下：{head.number}:{head.hash}")


@click.command("reset-second-step", help="重置账号的两步验证（手机丢了时用）；登录都会退出。")
@click.argument("login")
@operator_command
def reset_second_step(login: str) -> None:
    """Ask for no code until it is set up anew."""
    from server import accounts, membership
    from server.db import db
    from server.revisions import writing

    with writing(db.session):
        account = accounts.named(login)
        membership.reset_second_step(db.session, "cli", account.id)
    click.echo(f"{login} 的两步验证已重置。")


def _head(text: str) -> "Head":
    from server.audit import Head

    found = re.fullmatch(r"(\d{1,9}):([0-9a-f]{8,64})", text.strip())
    if found is None:
        raise Refusal("--expect 应写作“编号:摘要”，如 flask audit verify 说的那样")
    return Head(int(found[1]), found[2])
