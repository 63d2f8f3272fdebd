"""Asks ``tests.warm``: ``warm_start.py SOCKET -m MODULE ARGUMENT...``, where MODULE is its own.

A process that looks from outside as ``python -m MODULE`` would; it imports next to nothing, since
that is what it is for.
"""

import _socket
import array
import os
import signal
import sys

path, _option, _module, *arguments = sys.argv[1:]
asking = _socket.socket(_socket.AF_UNIX)
asking.connect(path)
asking.sendmsg(
    ["\0".join([os.getcwd(), *arguments]).encode()],  # noqa: PTH109
    [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))],
)
code = asking.recv(1)
if not code:
    os.kill(os.getpid(), signal.SIGKILL)  # as happened to it
sys.exit(code[0])
