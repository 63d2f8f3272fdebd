"""From a command to a service: prepare, say where it is, hand over to granian.

The application is imported once, here, and granian forks its workers from this process: a start
costs one import, and workers share the memory of what was imported. Nothing else is done in this
process that a worker could inherit by mistake: no database connection, no thread, no edition.
Preparing (migrations, starting data, edition 1) happens in a process of its own for that reason.

Only this module writes the environment: two libraries can be told no other way.
"""

import ctypes
import errno
import gc
import multiprocessing
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from config.settings import Settings
from server.consumer_keeper import ConsumerKeeper

if TYPE_CHECKING:
    from flask import Flask

PATIENCE = 3
"""Seconds that a worker has to finish what it is answering when the service stops."""

DATABASE_AWAY = os.EX_TEMPFAIL
"""Exit code of the preparing process when the database does not answer."""

NO_APPLICATION = os.EX_CONFIG
"""Its exit code when there can be no application at all; it has said why, in one line."""

_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8


class CannotServe(Exception):
    """The service can't start; the message says why and what to do, in Chinese."""


def numeric_address(settings: Settings) -> str:
    """The address to listen on, free at this moment.

    granian itself would share a taken port with whoever has it (``SO_REUSEPORT``).

    Raises:
        CannotServe: it is taken, not this machine's, or not allowed.
    """
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As servers do, or the connections of a service just stopped would be in the way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror as error:
        raise CannotServe(f"HOST={host} 不是可用的地址，请改成本机的 IP 地址。") from error
    except OSError as error:
        raise CannotServe(_why_not(error, host, port)) from error
    return str(address[0])


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"端口 {port} 已被占用：请先停止占用它的程序，或换一个端口：make serve PORT={port + 1}"
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST={host} 不是这台机器的地址，请改成本机的 IP 地址。"
    if error.errno == errno.EACCES:
        return f"没有权限使用端口 {port}：请换一个 1024 以上的端口，例如 make serve PORT=8000"
    return f"不能在 {host} 的端口 {port} 上提供服务：{error.strerror}"


def tell_libraries(settings: Settings) -> None:
    """Set what libraries read from the environment when they are imported: call this first."""
    # The workers' counters, one file each, in a folder of this start; a dead worker's stay counted.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_fresh_folder(settings.instance / "metrics"))
    # Answers are found one a core: numpy's threads would only fight, and threads forbid forking.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _fresh_folder(parent: Path) -> Path:
    """A folder named for this process; those of processes that are gone are removed."""
    parent.mkdir(parents=True, exist_ok=True)
    for former in parent.iterdir():
        if former.name == str(os.getpid()) or not _runs(former.name):
            shutil.rmtree(former, ignore_errors=True)
    folder = parent / str(os.getpid())
    folder.mkdir()
    return folder


def _runs(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def prepare(settings: Settings, create_app: Callable[[], "Flask"]) -> None:
    """Do what ``flask init`` does, in a process that ends with it.

    A database that is away is no reason not to serve: the editions on this machine's disk do.

    Raises:
        CannotServe: it failed (the preparing process has said why), or nothing could be served.
        SystemExit: there can be no application, and why has been said.
    """
    from server.edition_cache import EditionCache

    process = multiprocessing.get_context("fork").Process(target=_initialise, args=(create_app,))
    process.start()
    process.join()
    if process.exitcode == 0:
        return
    if process.exitcode == NO_APPLICATION:
        sys.exit(1)
    if process.exitcode != DATABASE_AWAY:
        raise CannotServe("准备工作没有完成，服务没有启动；原因见上。")
    if not EditionCache(settings.editions, settings.editions_kept).published():
        raise CannotServe("数据库连不上，本机也没有存过任何一期数据，服务没有启动。")
    click.echo(
        "注意：数据库连不上，先用本机存有的一期数据提供服务；数据库恢复后请重新启动一次。", err=True
    )


def _initialise(create_app: Callable[[], "Flask"]) -> None:
    from sqlalchemy.exc import OperationalError

    from server import cli
    from server.starting import CannotStart

    try:
        with create_app().app_context():
            cli.init.main([], "init", standalone_mode=False)
    except CannotStart as error:
        click.echo(error.message, err=True)
        sys.exit(NO_APPLICATION)
    except click.ClickException as error:
        error.show()
        away = isinstance(error.__cause__, OperationalError)
        sys.exit(DATABASE_AWAY if away else 1)


def places(settings: Settings) -> str:
    """Where the map, the documentation and the console are, as lines for a person."""
    host = settings.host
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  (told apart, not bound)
        host = "127.0.0.1"
    base = f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
    return (
        "童友图\n"
        f"  地图      {base}/\n"
        f"  接口文档  {base}/api/v1/docs\n"
        f"  管理后台  {base}/staff/\n"
        "按 Ctrl-C 停止。"
    )


def serve(
    settings: Settings, target: str, address: str, beside: ConsumerKeeper | None = None
) -> None:
    """Serve until told to stop; returns when every worker has ended, and the process beside them.

    ``target`` is a file without its ``.py`` and the function in it that makes the application.

    Raises:
        SystemExit: workers died one after the other.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    server = Granian(
        target,
        address=address,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        # Connections held open per worker, idle ones included; phones keep theirs for minutes.
        backpressure=4096,
        log_level=LogLevels.warning,
        # Query strings hold positions: no line a request, anywhere.
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=PATIENCE,
    )
    hangup = signal.getsignal(signal.SIGHUP)

    @server.on_startup
    def end_with_the_terminal() -> None:
        # granian takes a closed terminal for a wish to reload and would go on unseen.
        signal.signal(
            signal.SIGHUP,
            hangup if hangup is signal.SIG_IGN else server.signal_handler_interrupt,
        )

    if beside is not None:
        server.on_startup(beside.start)
        server.on_shutdown(beside.stop)

    if sys.platform == "linux":
        # From Python 3.14 on this is no longer the way by itself.
        multiprocessing.set_start_method("fork", force=True)
    _load_what_workers_come_to_need()
    # What is there now is shared with the workers: the collector must not touch (copy) it.
    gc.collect()
    gc.freeze()
    server.serve(target_loader=load_in_worker)


def _load_what_workers_come_to_need() -> None:
    """What the first who signs in would otherwise load, once in every worker."""
    from cryptography.fernet import Fernet

    import server.wechat.connections  # noqa: F401

    # OpenSSL sets itself up, and touches much of its memory, when it is first used.
    Fernet(Fernet.generate_key()).encrypt(b"")


def load_in_worker(target: str) -> Any:
    """Make the application, in a worker process, before granian sets its signals up there.

    Ctrl-C reaches the whole process group; the main process alone answers it, by ending its
    workers one way, SIGTERM, which must also work while they are loading.
    """
    from granian._internal import load_target

    from server import slow_lane

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        # If the main process is killed outright, nobody else would end this one.
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if hasattr(libc, "mallopt"):
            # Python runs one thread at a time: a heap for each would only leave holes in each.
            libc.mallopt(_M_ARENA_MAX, 1)
    app: Any = load_target(target, factory=True)
    slow_lane.install(app, app.extensions["settings"].outside_calls)
    return app
