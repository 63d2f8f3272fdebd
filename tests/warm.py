"""Modules that the service runs as ``python -m``, from a process that has loaded what they import.

Baking a small edition takes a tenth of a second and loading what bakes it six, and hundreds of
tests publish. ``python -m tests.warm MODULE FD`` listens on the socket ``FD``, loads what the
module imports when it is first asked, and answers each request with a fork of itself that runs
the module. ``tests.warm_start`` is who asks: the process that the service starts and waits for.
"""

import array
import gc
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from select import select

HERE = Path(__file__).resolve().parent
FDS = array.array("i", [0, 1, 2])


@contextmanager
def python(module: str) -> Iterator[str]:
    """What to start instead of ``sys.executable`` with ``-m`` and the module."""
    folder = Path(tempfile.mkdtemp(prefix="tongyou-warm-"))
    path = folder / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(64)
        fd = listener.fileno()
        command = [sys.executable, "-m", "tests.warm", module, str(fd)]
        server = subprocess.Popen(command, cwd=HERE.parent, stdin=subprocess.PIPE, pass_fds=[fd])
    start = folder / "python"
    asking = HERE / "warm_start.py"
    start.write_text(f'#!/bin/sh\nexec "{sys.executable}" -ISE "{asking}" "{path}" "$@"\n')
    start.chmod(0o700)
    try:
        yield str(start)
    finally:
        server.communicate()
        shutil.rmtree(folder)


def serve(module: str, listener: socket.socket) -> None:
    """Answer until the standard input ends, as it does with the process that holds it."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    loaded = False
    while sys.stdin not in select([listener, sys.stdin], [], [])[0]:
        asked, _ = listener.accept()
        if not loaded:
            import_module(module)
            del sys.modules[module]
            gc.freeze()
            loaded = True
        if os.fork() == 0:
            listener.close()
            _answer(module, asked)
        asked.close()


def _answer(module: str, asked: socket.socket) -> None:
    """Be the process that was asked for, to its end; its exit code is the answer."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    told, ancillary, _, _ = asked.recvmsg(1 << 16, socket.CMSG_SPACE(FDS.itemsize * len(FDS)))
    received = array.array("i", ancillary[0][2])
    for theirs, ours in zip(received, FDS, strict=True):
        os.dup2(theirs, ours)
        os.close(theirs)
    folder, *sys.argv[1:] = told.decode().split("\0")
    os.chdir(folder)
    code = 1
    try:
        code = _ran(module)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        asked.sendall(bytes([code]))
        os._exit(code)


def _ran(module: str) -> int:
    """As the interpreter would: the exit code of the module as a program."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
            return 1
        return ended.code or 0
    except BaseException:  # noqa: BLE001  (whatever it is)
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
