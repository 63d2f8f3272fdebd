"""``flask jobs``: do background jobs, and see how they stand."""

import click
from flask import current_app

from server.cli import ZONE, operator_command

STATES = {
    "waiting": "等待",
    "running": "进行中",
    "done": "完成",
    "failed": "失败",
    "cancelled": "已取消",
}


@click.group("jobs", help="后台任务：导入、发布等费时的工作。")
def jobs_commands() -> None:
    """The group; see the commands."""


@jobs_commands.command("work", help="运行任务进程，直到 Ctrl-C；make serve 会自己启动一个。")
@operator_command
def work() -> None:
    from server import consumer

    consumer.work(current_app._get_current_object())  # type: ignore[attr-defined]


@jobs_commands.command("run", help="在这里做完所有等待的任务，然后结束。")
@operator_command
def run() -> None:
    from server import jobs

    runs = jobs.run_waiting(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo(f"做了 {runs} 个任务。" if runs else "没有等待的任务。")


@jobs_commands.command("list", help="列出最近的任务，新的在前。")
@click.option("--limit", default=20, type=click.IntRange(min=1, max=1000), help="至多几个")
@operator_command
def list_(limit: int) -> None:
    from sqlalchemy import select

    from server.db import db
    from server.models import Job

    found = db.session.scalars(select(Job).order_by(Job.id.desc()).limit(limit)).all()
    for job in found:
        when = job.created_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        steps = f"  {job.done}/{job.total}" if job.total else ""
        told = f"  {job.message}" if job.message else ""
        click.echo(f"{job.id}  {when}  {STATES[job.state]}{steps}  {job.title}{told}")
    if not found:
        click.echo("还没有过任务。")
