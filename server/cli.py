"""The operator's commands: ``flask init``, ``publish``, ``editions``, ``rollback``, ``export``,
``import-calendar``, ``password``; ``flask import`` is in ``server.gtfs_cli`` and
``server.sheets_cli``, ``flask operator`` in ``server.operator_cli``, ``flask jobs`` in
``server.jobs_cli``, ``flask audit`` and ``reset-second-step`` in ``server.account_cli``,
``flask progress`` in ``server.progress_cli``.

Each loads what it needs when it runs: ``flask init`` stands before every start of the server.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import Engine, delete, extract, func, insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from geo.city import City
from server.db import MIGRATIONS, add_migrations, db, exclusive, start_writing
from server.starting import file_error

if TYPE_CHECKING:
    from server.publishing import Published

ZONE = ZoneInfo("Asia/Shanghai")


def register(app: Flask) -> None:
    """Add the commands to ``flask``."""
    from server.account_cli import audit_trail, reset_second_step  # built of this module's parts
    from server.jobs_cli import jobs_commands
    from server.operator_cli import operators
    from server.people_cli import people
    from server.progress_cli import progress_commands
    from server.sheets_cli import imports

    app.cli.add_command(imports)
    app.cli.add_command(operators)
    app.cli.add_command(people)
    app.cli.add_command(audit_trail)
    app.cli.add_command(reset_second_step)
    app.cli.add_command(jobs_commands)
    app.cli.add_command(progress_commands)
    for command in (init, publish, editions, rollback, export, import_calendar, password):
        app.cli.add_command(command)


class Refusal(click.ClickException):
    """Ends a command with exit code 1 and a Chinese message on stderr."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"错误：{self.message}", file=file, err=file is None)


@contextmanager
def _told_in_chinese() -> Iterator[None]:
    """What an operator can act on is one Chinese line and exit code 1, never a traceback."""
    from server.accounts import CannotCreate
    from server.composing import NotPublishable
    from server.edition_cache import CannotStore
    from server.publishing import NoSuchEdition
    from server.starter import DamagedStarter

    try:
        yield
    except (CannotCreate, CannotStore, DamagedStarter, NoSuchEdition, NotPublishable) as error:
        raise Refusal(str(error)) from error
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise Refusal(f"数据库不可用或出错：{reason}") from error
    except OSError as error:
        raise Refusal(f"文件{file_error(error)}") from error


def operator_command(function: Callable[..., None]) -> Callable[..., None]:
    @with_appcontext
    @wraps(function)
    def run(**arguments: Any) -> None:
        with _told_in_chinese():
            function(**arguments)

    return run


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _city() -> City:
    city: City = current_app.extensions["city"]
    return city


@click.command("password", help="给账号换一个随机密码（忘记密码时用），只显示这一次。")
@click.argument("login")
@operator_command
def password(login: str) -> None:
    from server import accounts

    start_writing(db.session)
    renewed = accounts.renew_password(login)
    db.session.commit()
    click.echo(f"{login} 的新密码（只显示这一次）：{renewed}")


@click.command("init", help="建好数据库；空库则装入起始数据、发布第 1 期、建管理员。可重复执行。")
@operator_command
def init() -> None:
    from server import accounts, publishing, starter
    from server.models import EditionRow, Listing, StaffAccount

    settings, done = _settings(), False
    with exclusive(db.engine, settings.editions, "init"):
        if _schema_version(db.engine) != _head():
            _migrate()
            done = True
        start_writing(db.session)
        empty = db.session.scalar(select(func.count()).select_from(Listing)) == 0
        unpublished = db.session.scalar(select(func.count()).select_from(EditionRow)) == 0
        if empty and unpublished:
            data = starter.load_starter(settings.starter, _city(), datetime.now(ZONE).date())
            starter.fill(db.session, data)
            click.echo(
                f"已装入起始数据：{len(data.documents)} 条，其中草稿 {len(data.drafts)} 条。"
            )
        password = None
        if db.session.scalar(select(func.count()).select_from(StaffAccount)) == 0:
            _, password = accounts.create_account("admin", "administrator", "管理员")
        db.session.commit()
        if password:
            click.echo(f"已建管理员 admin，密码（只显示这一次）：{password}")
        if unpublished:
            _tell(publishing.publish(settings, _city(), note="起始数据"))
    if not (done or empty or unpublished or password):
        click.echo("已是最新，无需改动。")


def _schema_version(engine: Engine) -> str | None:
    """The migration that the database is at; None when it has no tables yet."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _head() -> str:
    """The newest migration, read from the files: alembic takes longer to import than this."""
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in (MIGRATIONS / "versions").glob("*.py"):
        for name, value in re.findall(
            r'^(revision|down_revision) = "(\w+)"', path.read_text("utf-8"), re.MULTILINE
        ):
            found[name].add(value)
    (head,) = found["revision"] - found["down_revision"]
    return head


def _migrate() -> None:
    from flask_migrate import upgrade

    if "migrate" not in current_app.extensions:
        add_migrations(current_app._get_current_object())  # type: ignore[attr-defined]
    upgrade()
    click.echo(f"数据库结构已升级到 {_head()}。")


def _tell(done: "Published") -> None:
    if not done.is_new:
        click.echo(f"与第 {done.number} 期相比没有变化，没有发布。")
        return
    click.echo(
        f"已发布第 {done.number} 期：共 {done.total} 条，"
        f"新增或更改 {done.changed} 条，撤下 {done.removed} 条。"
    )
    if not done.official:
        click.echo("注意：其中仍有未经核实的起始数据，地图会如实标明。")


@click.command("publish", help="把审核通过的内容发布为新一期。")
@click.option("--note", default="", help="发布说明")
@click.option("--force", is_flag=True, help="没有变化也发布")
@operator_command
def publish(note: str, force: bool) -> None:
    from server import publishing

    _tell(publishing.publish(_settings(), _city(), note=note, force=force))


@click.command("editions", help="列出各期，新的在前。")
@operator_command
def editions() -> None:
    from server import publishing

    lines = publishing.history()
    for line in lines:
        when = line.published_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        restored = f" （恢复自第 {line.restored_from} 期）" if line.restored_from else ""
        click.echo(
            f"第 {line.number} 期  {when}  {line.size / 1024:.1f} kB  {line.sha256[:8]}"
            f"{restored}  {line.note}".rstrip()
        )
    if not lines:
        click.echo("还没有发布过。")


@click.command("rollback", help="把第 NUMBER 期的内容作为新一期重新发布。")
@click.argument("number", type=click.IntRange(min=1))
@operator_command
def rollback(number: int) -> None:
    from server import publishing

    _tell(publishing.rollback(_settings(), number))


@click.command("export", help="导出当前一期到 FILE；“-”为标准输出。")
@click.option("--format", "form", type=click.Choice(["json", "geojson"]), default="json")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@operator_command
def export(form: str, file: Path) -> None:
    from server import exports

    with db.engine.connect() as connection:
        body = exports.newest(connection, form)
    if str(file) == "-":
        click.echo(body, nl=False)
        return
    file.write_bytes(body)
    click.echo(f"已导出到 {file}（{len(body)} 字节）。")


@click.command("import-calendar", help="导入节假日表；替换文件所含年份的全部日子。")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@operator_command
def import_calendar(file: Path) -> None:
    from geo.calendar import parse_calendar_csv
    from server.models import CalendarDayRow

    try:
        days, problems = parse_calendar_csv(file.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refusal(f"{file.name} 不是 UTF-8 编码，没有导入") from error
    if problems:
        told = "\n".join(f"第 {problem.line} 行：{problem.message}" for problem in problems)
        raise Refusal(f"{file.name} 有 {len(problems)} 处错误，没有导入：\n{told}")
    if not days:
        raise Refusal(f"{file.name} 里没有日子，没有导入")
    years = sorted({day.date.year for day in days})
    start_writing(db.session)
    db.session.execute(
        delete(CalendarDayRow).where(extract("year", CalendarDayRow.date).in_(years)),
        execution_options={"synchronize_session": False},
    )
    db.session.execute(insert(CalendarDayRow), [dict(day) for day in days])
    db.session.commit()
    told = "、".join(map(str, years))
    click.echo(f"已导入 {told} 年的 {len(days)} 天。发布新一期后对公众生效。")
