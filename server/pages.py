"""What all pages share: the edition and the hotlines around them, and the page of an error.

Everything here is read from the atlas, so that pages stand while the database is away.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from flask import Flask, Response, current_app, make_response, render_template, request

from geo.atlas import Atlas
from geo.opening import SHANGHAI
from server.atlas_keeper import NoEdition
from server.compression import SMALLEST, compress, negotiate


class HotlineLine(NamedTuple):
    """A telephone line as a page shows it."""

    id: int
    number: str
    """Ready for ``tel:``."""
    display: str
    name: str
    audience: str
    hours: str
    hours_known: bool
    note: str
    verified: bool
    source: str
    confirmed_on: str | None


class ErrorText(NamedTuple):
    """What an error page says, and what to do next."""

    title: str
    text: str


_ERRORS = {
    400: ErrorText("请求没有看懂", "请返回上一页再试一次。"),
    401: ErrorText("请先登录", "登录后返回上一页再试。"),
    403: ErrorText("不能打开", "您没有这个权限。"),
    404: ErrorText("没有这个页面", "网址可能有误，或者页面已经移走。"),
    405: ErrorText("不能这样打开", "请从首页重新进入。"),
    409: ErrorText("内容已经变了", "请刷新后再试。"),
    410: ErrorText("这一页已经撤下", "它不会再回来了；看看别的地方吧。"),
    413: ErrorText("内容太大", "请减少内容后再试一次。"),
    414: ErrorText("网址太长", "请从首页重新进入。"),
    429: ErrorText("请求过于频繁", "请稍等片刻再试。"),
    500: ErrorText("出错了，是我们的问题", "我们已经记录下来。请稍后再试。"),
    503: ErrorText("暂时打不开", "数据正在准备或维护，请过一会儿再试。"),
}
_OTHER = ErrorText("请求未能完成", "请从首页重新进入。")


def register(app: Flask) -> None:
    """Give every template its surroundings, and errors outside the API a page."""
    app.context_processor(_surroundings)
    app.add_template_filter(chinese_date)
    app.add_template_global(absolute)
    app.extensions["error_page"] = error_page
    app.after_request(_compressed)


def chinese_date(day: date | str) -> str:
    """2026 年 11 月 23 日."""
    if isinstance(day, str):
        day = date.fromisoformat(day[:10])
    elif isinstance(day, datetime):
        day = day.astimezone(SHANGHAI)
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


_THIS_MACHINE = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")


def absolute(path: str) -> str | None:
    """The full address of a path of ours as the public knows it; None where we don't know it.

    The host that a request names is believed on our own machine alone: anybody may write
    anything there, and what they wrote would stay in the shared caches of pages.
    """
    public: str = current_app.extensions["settings"].public_url
    if public:
        return public + path
    if _THIS_MACHINE.fullmatch(request.host):
        return request.host_url.rstrip("/") + path
    return None


def hotline_lines(atlas: Atlas, at: datetime) -> list[HotlineLine]:
    """All public lines, with what is known of when they answer."""
    return [
        HotlineLine(
            line["id"],
            line["number"],
            line["display"],
            line["name"],
            line["audience"],
            answered(line),
            line["always_open"] or line["open"]["now"] is not None,
            line["note"],
            line["verified"],
            line["source"],
            line["confirmed_on"],
        )
        for line in orjson.loads(atlas.hotline_items(at))
    ]


def answered(line: Mapping[str, Any]) -> str:
    """When a line answers, in the words of the telephone: 24 小时接听, 接听时间待核实."""
    if line["always_open"]:
        return "24 小时接听"
    if line["open"]["now"] is None:
        return "接听时间待核实"
    text: str = line["open"]["text"]
    return text.replace("闭馆", "停止接听").replace("开放", "接听")


def error_page(status: int, told: str | None = None) -> Response:
    """An error as a page, with the hotlines if an edition is loaded; ``told`` replaces the text."""
    title, text = _ERRORS.get(status, _OTHER)
    page = render_template("error.html", status=status, title=title, text=told or text)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _surroundings() -> dict[str, Any]:
    try:
        atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    except NoEdition:
        return {"edition": None, "hotlines": []}
    return {"edition": atlas, "hotlines": hotline_lines(atlas, datetime.now(SHANGHAI))}


def _compressed(response: Response) -> Response:
    """Compress public pages.

    What is not to be stored may hold a form's token beside words that a visitor chose, and is
    left as it is: the size of the two together would give the token away (BREACH).
    """
    if response.mimetype != "text/html" or response.status_code != 200:
        return response
    if response.cache_control.no_store or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    coding = negotiate(request.headers.get("Accept-Encoding", ""))
    body = response.get_data()
    if coding is not None and len(body) >= SMALLEST:
        response.set_data(compress(body, coding))
        response.headers["Content-Encoding"] = coding
    return response
