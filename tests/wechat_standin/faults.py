"""Faults that can be switched on, for every path or one, for ever or so many times."""

import socket
import time
from dataclasses import dataclass
from typing import Literal

from flask import Response, jsonify, request

Kind = Literal["slow", "drop", "status", "html", "garbage", "errcode"]


@dataclass
class Fault:
    """``slow`` only delays; the others answer in WeChat's place, or not at all."""

    kind: Kind
    path: str = ""
    """Where the path begins with this."""
    times: int | None = None
    """How often; None: until it is taken away."""
    seconds: float = 0.0
    status: int = 502
    errcode: int = -1


class Faults:
    """Those that are switched on."""

    def __init__(self) -> None:
        self._on: list[Fault] = []

    def add(self, kind: Kind, path: str = "", times: int | None = None, **more: float) -> None:
        """Switch one on: ``seconds``, ``status`` or ``errcode`` say more."""
        self._on.append(Fault(kind, path, times, **more))  # type: ignore[arg-type]

    def clear(self) -> None:
        """Switch all off."""
        self._on.clear()

    def due(self, path: str) -> list[Fault]:
        """Those that this request meets, each counted."""
        met = [one for one in self._on if path.startswith(one.path) and one.times != 0]
        for one in met:
            if one.times is not None:
                one.times -= 1
        return met


def suffer(fault: Fault) -> Response | None:
    """Let the request meet the fault; an answer in WeChat's place, if that is its kind."""
    match fault.kind:
        case "slow":
            time.sleep(fault.seconds)
            return None
        case "drop":
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return Response()
        case "status":
            return Response("upstream", fault.status)
        case "html":
            return Response("<html><h1>502 Bad Gateway</h1></html>", mimetype="text/html")
        case "garbage":
            return jsonify(["no", "object"])
    return jsonify({"errcode": fault.errcode, "errmsg": "as switched on"})
