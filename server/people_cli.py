"""``flask people``: the keys of the mini-program's users."""

import click
from flask import current_app

from server.cli import Refusal, operator_command


@click.group("people", help="小程序的用户：更换标识的密钥。")
def people() -> None:
    """The group; see the commands."""


@people.command("rotate-keys", help="用最新的密钥重新计算全部用户的标识；没有人会因此退出登录。")
@operator_command
def rotate_keys() -> None:
    """Rotate, and say how many people it concerned."""
    from server.db import db
    from server.people.rotation import rotate
    from server.secret_key import UnusableKey

    try:
        done = rotate(db.session, current_app.extensions["settings"])
    except UnusableKey as error:
        raise Refusal(str(error)) from error
    click.echo(f"已用最新的密钥重新计算 {done.people} 位用户的标识。")
    if done.left:
        raise Refusal(
            f"{done.left} 位用户的标识没有换成：当初所用的密钥不在现有的密钥之中。"
            "请把它补在最后（TONGYOU_PEOPLE_KEY 里以逗号分隔，或 instance/people_key 里另起一行），"
            "再运行一次。"
        )
