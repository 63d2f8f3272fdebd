"""What a web worker holds: when it is ready, and after each kind of visitor has been there.

One worker as ``serve.py`` runs it, forked from the process that imported the application, with
the starting data. What is weighed is the worker's resident memory (``VmRSS``), pages that it
shares with other processes included; beside it, to know, its part of them (``Pss``).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from app import create_app
from bench.ledger import initialised, signed_in
from bench.load import proportional_mb, resident_mb, serving
from bench.reads import MEMORY_MB
from bench.sign_ins import sign_in, wechat
from config.settings import Settings
from server import accounts
from server.db import db
from tests.wechat_standin import APP_ID, SECRET

_WEB = ("/", "/reading", "/sites/1", "/bus", "/bus/121", "/hotlines")
_CONSOLE = ("overview", "listings", "listings/1", "listings/1/edit", "reports", "publishing")
_LEDGER = ("", "matrix", "indicators", "matters", "exports")
TIMES = 10
"""How often each page is opened: some of the memory is only asked for by and by."""


def measure_memory(reads: Sequence[str]) -> None:
    """Print a row for each kind of visitor; all come to one worker, one after the other."""
    with TemporaryDirectory() as folder, wechat(seconds=0) as outside:
        own = {
            "TONGYOU_INSTANCE": folder,
            "TONGYOU_SECOND_STEP": "off",
            "TONGYOU_WECHAT_URL": outside,
            "TONGYOU_WECHAT_APP_ID": APP_ID,
            "TONGYOU_WECHAT_APP_SECRET": SECRET,
        }
        passwords = _hired(own, ("editor", "leader"))
        print("\n工作进程的内存（1 个进程，起始数据），MB\n")
        print("| 之后 | 常驻 | 其中按共享折算 | 要求 |\n| --- | ---: | ---: | ---: |")
        with serving("serve.py", own) as (base, pid):
            for name, visit in _visits(base, reads, passwords):
                visit()
                _tell(name, max(resident_mb(pid)), max(proportional_mb(pid)))


def _hired(environment: dict[str, str], roles: Sequence[str]) -> dict[str, str]:
    """The starting data, and an account of each role, named for it; returns their passwords."""
    initialised(environment)
    app = create_app(Settings(_env_file=None, instance=Path(environment["TONGYOU_INSTANCE"])))
    with app.app_context():
        passwords = {role: accounts.create_account(role, role, role)[1] for role in roles}
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return passwords


def _visits(
    base: str, reads: Sequence[str], passwords: dict[str, str]
) -> Iterator[tuple[str, Callable[[], None]]]:
    def staff(role: str, pages: list[str]) -> None:
        _open(signed_in(base, passwords[role], role), base, pages)

    with requests.Session() as anyone:
        yield "启动", lambda: None
        yield "公开读取", lambda: _open(anyone, base, reads)
        yield "网页", lambda: _open(anyone, base, _WEB)
        yield "后台", partial(staff, "editor", [f"/staff/{page}" for page in _CONSOLE])
        yield "台账", partial(staff, "leader", [f"/staff/progress/{page}" for page in _LEDGER])
        yield "小程序用户登录", lambda: _people(base)


def _open(session: requests.Session, base: str, pages: Sequence[str]) -> None:
    for page in [*pages] * TIMES:
        answer = session.get(base + page, timeout=30)
        if answer.status_code != 200:
            raise RuntimeError(f"{page} was answered {answer.status_code}")


def _people(base: str) -> None:
    for name in range(TIMES):
        status, _ = sign_in(base, f"try-p{name}-1")
        if status not in (200, 201):
            raise RuntimeError(f"signing in was answered {status}")


def _tell(name: str, resident: float, proportional: float) -> None:
    mark = "" if resident <= MEMORY_MB else " ✗"
    print(f"| {name} | {resident:.0f} | {proportional:.0f} | ≤ {MEMORY_MB}{mark} |", flush=True)
