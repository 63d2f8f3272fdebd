"""A stand-in for Tencent's location service that speaks its protocol over HTTP, errors included."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

KEY = "5Q5BZ-5EVWJ-SN5F3-K6QBZ-B3FAO-TESTS"
MUSEUM = {"lng": 118.052703, "lat": 36.805281}
"""GCJ-02 degrees, as the service speaks."""

MESSAGES = {
    110: "请求来源未被授权", 111: "签名验证失败", 112: "IP未被授权", 113: "此功能未被授权",
    120: "此key每秒请求量已达到上限", 121: "此key每日调用量已达到上限",
    122: "此IP每秒请求量已达到上限",
    123: "账号异常", 190: "无效的KEY", 199: "此key未开启webservice功能", 300: "缺少参数",
    301: "缺少必要字段key", 306: "请求有护持信息请检查字符串", 311: "key格式错误",
    320: "参数数据类型异常", 330: "参数长度过长", 331: "查询参数错误", 347: "查询无结果",
    348: "参数错误", 365: "纬度不能超过±90", 366: "经度不能超过±180", 500: "后台发生异常",
}  # fmt: skip


class Tencent:
    """The service. ``behaviour`` is a status to answer with, or one of the words below."""

    def __init__(self) -> None:
        self.behaviour: int | str = 0
        self.asked: list[dict[str, str]] = []
        self.level = 10
        app = Flask("tencent")
        app.add_url_rule("/ws/geocoder/v1/", view_func=self._geocode)
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.base = f"http://127.0.0.1:{self.server.server_port}"

    def _geocode(self) -> Response:
        self.asked.append(request.args.to_dict())
        match self.behaviour:
            case "slow":
                time.sleep(4)
            case "html":
                return Response("<html><h1>502 Bad Gateway</h1></html>", 502, mimetype="text/html")
            case "other":
                return jsonify({"message": "hello"})
            case "list":
                return jsonify([])
            case "hollow":
                return jsonify({"status": 0, "result": {"location": {}}})
            case "elsewhere":
                return Response(status=302, headers={"Location": "http://127.0.0.1:9/"})
            case int(status) if status:
                return self._told(status)
        if not request.args.get("key"):
            return self._told(301)
        if request.args["key"] != KEY:
            return self._told(190)
        if not request.args.get("address"):
            return self._told(300)
        return self._found()

    def _told(self, status: int) -> Response:
        return jsonify({"status": status, "message": MESSAGES.get(status, ""), "request_id": "1"})

    def _found(self) -> Response:
        result: dict[str, Any] = {
            "title": request.args["address"],
            "location": MUSEUM,
            "ad_info": {"adcode": "370303"},
            "address_components": {
                "province": "山东省",
                "city": "淄博市",
                "district": "张店区",
                "street": "商场西街",
                "street_number": "",
            },
            "reliability": 9 if self.level >= 7 else 3,
            "level": self.level,
        }
        return jsonify({"status": 0, "message": "Success", "request_id": "1", "result": result})


@contextmanager
def running() -> Iterator[Tencent]:
    """The service on a port of its own."""
    service = Tencent()
    thread = threading.Thread(target=service.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.server.shutdown()
        thread.join()
