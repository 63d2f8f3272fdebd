"""A stand-in for 企业微信's group robot that speaks its protocol over HTTP, errors included."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, jsonify, request
from pydantic import SecretStr
from werkzeug.serving import make_server

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
MESSAGES = {45009: "api freq out of limit", 93000: "invalid webhook url"}


class Robot:
    """The robot. ``behaviour`` is a code to answer with, or one of the words below."""

    def __init__(self) -> None:
        self.behaviour: int | str = 0
        self.said: list[str] = []
        app = Flask("robot")
        app.add_url_rule("/cgi-bin/webhook/send", view_func=self._send, methods=["POST"])
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        base = f"http://127.0.0.1:{self.server.server_port}"
        self.url = SecretStr(f"{base}/cgi-bin/webhook/send?key={KEY}")

    def _send(self) -> Response:
        match self.behaviour:
            case "slow":
                time.sleep(0.8)
            case "html":
                return Response("<html><h1>502 Bad Gateway</h1></html>", 502, mimetype="text/html")
            case "elsewhere":
                return Response(status=302, headers={"Location": "http://127.0.0.1:9/"})
            case "list":
                return jsonify([])
            case int(code) if code:
                return self._told(code)
        sent: Any = request.get_json()
        if request.args.get("key") != KEY:
            return self._told(93000)
        if sent.get("msgtype") != "markdown" or len(sent["markdown"]["content"].encode()) > 4096:
            return self._told(40008)
        self.said.append(sent["markdown"]["content"])
        return self._told(0)

    def _told(self, code: int) -> Response:
        return jsonify({"errcode": code, "errmsg": MESSAGES.get(code, "ok")})


@contextmanager
def running() -> Iterator[Robot]:
    """The robot on a port of its own."""
    robot = Robot()
    thread = threading.Thread(target=robot.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield robot
    finally:
        robot.server.shutdown()
        thread.join()
