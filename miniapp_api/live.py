"""What bus operators' programs tell us: where vehicles are, and how runs stand.

The door of ``server.live``; bodies stand in ``live_bodies``, the OpenAPI document of these
calls in ``live_document``.
"""

import re
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import NoReturn, ParamSpec

import orjson
from apiflask import APIBlueprint
from flask import Flask, Response, current_app, request
from prometheus_client import Counter

from config.settings import Settings
from geo.crs import convert
from geo.opening import SHANGHAI
from geo.public import Public
from geo.run_state import Said
from geo.vehicle_rules import REFUSED, Position
from miniapp_api.body import BadBody, read_body
from miniapp_api.live_bodies import (
    VEHICLE_ID,
    PositionAnswer,
    PositionReport,
    RunAnswer,
    RunQuery,
    RunStatement,
)
from miniapp_api.problems import bad_query_body
from miniapp_api.query import BadQuery, parse
from server.live import LiveStore, StoreAway, make_store
from server.live.board import LiveBoard
from server.live.book import RouteBook
from server.live.store import DAYS_AHEAD, Change
from server.operators import Operator, TokenBook, TokensUnknown
from server.problem import PROBLEM_JSON, Mistake, problem_body

POSITIONS = Counter(
    "tongyou_positions_total", "Vehicle positions received, by what became of them", ["result"]
)
RUN_STATES = Counter(
    "tongyou_run_states_total", "States of runs received, by what became of them", ["result"]
)

live = APIBlueprint("live", __name__, url_prefix="/internal/v1", enable_openapi=False)

P = ParamSpec("P")

_SAID = {
    "accepted": "已采用。",
    "duplicate": "这一时刻的位置早已收到，没有采用。",
    "out_of_order": "已有更新的位置，没有采用。",
    "stale": "位置已超过 90 秒，没有采用。",
    "implausible": "与上一个位置相距太远（时速超过 150 公里），没有采用；"
    "连续三个位置相互吻合就会采用。",
    "future": "定位时刻晚于现在 60 秒以上，请校准车载时钟。",
    "outside": "位置不在本市范围内，请检查坐标系和经纬度的次序。",
}
_BLAMED = {"future": "at", "outside": "lon"}


class Refused(Exception):
    """The request is not taken; ``result`` is what it is counted as."""

    def __init__(
        self, result: str, status: int, detail: str, mistake: Mistake | None = None, **headers: str
    ) -> None:
        super().__init__(result)
        self.result = result
        self.status = status
        self.detail = detail
        self.mistakes = [mistake] if mistake else []
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def register(app: Flask, settings: Settings, book: Callable[[], RouteBook]) -> None:
    """Add the calls and, as ``app.extensions["live_board"]``, what readers ask.

    ``book`` gives the lines of the edition in force, or raises ``NoEdition``.
    """
    app.extensions["route_book"] = book
    app.extensions["live_store"] = make_store(settings)
    app.extensions["live_board"] = LiveBoard(app.extensions["live_store"], book)
    app.extensions["operator_tokens"] = TokenBook(app)
    app.register_blueprint(live)


def _counted(counter: Counter) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Answer refusals as problems, and count them."""

    def decorate(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
            try:
                return view(*args, **kwargs)
            except Refused as refusal:
                counter.labels(refusal.result).inc()
                body = problem_body(refusal.status, refusal.detail, refusal.mistakes)
                return _reply(body, refusal.status, PROBLEM_JSON, refusal.headers)
            except BadQuery as bad:
                counter.labels("invalid").inc()
                return _reply(bad_query_body(bad), 422, PROBLEM_JSON)
            except BadBody as wrong:
                counter.labels("invalid").inc()
                body = problem_body(wrong.status, wrong.detail, wrong.mistakes)
                return _reply(body, wrong.status, PROBLEM_JSON)
            except StoreAway:
                counter.labels("store_away").inc()
                body = problem_body(503, "实时数据暂时无法保存，请稍后再试。")
                return _reply(body, 503, PROBLEM_JSON, {"Retry-After": "2"})

        return answer

    return decorate


@live.post("/vehicles/<vehicle>/position")
@_counted(POSITIONS)
def report_position(vehicle: str) -> Response:
    """Where a vehicle is."""
    operator = _operator()
    report = read_body(PositionReport)
    if not re.fullmatch(VEHICLE_ID, vehicle):
        mistake = Mistake("vehicle", "应为 1 至 32 个字母、汉字、数字或 . _ : -，以前三种开头")
        raise Refused("invalid", 422, "车辆编号格式不对。", mistake)
    book = _own_route(operator, report.route)
    if report.trip is not None and not book.has_trip(report.route, report.trip):
        mistake = Mistake("trip", "这条线路没有这个班次")
        raise Refused("unknown_trip", 422, "内容有误：trip", mistake)
    position = _position(operator, vehicle, report)
    within_city = current_app.extensions["city"].contains(position.lon, position.lat)
    result = _store().put(position, within_city=within_city)
    if result == "too_many":
        raise Refused(result, 429, "这条线路上的车辆太多，没有采用。", Retry_After="60")
    if result in REFUSED:
        mistake = Mistake(_BLAMED[result], _SAID[result])
        raise Refused(result, 422, f"内容有误：{_BLAMED[result]}", mistake)
    POSITIONS.labels(result).inc()
    kept = result == "accepted"
    answer = PositionAnswer.model_validate(
        {
            "result": "accepted" if kept else "ignored",
            "ignored": None if kept else result,
            "detail": _SAID[result],
        }
    )
    return _json(answer)


@live.put("/runs/<trip>/<day>")
@_counted(RUN_STATES)
def say_run_state(trip: str, day: str) -> Response:
    """How a run stands on a day."""
    operator = _operator()
    statement = read_body(RunStatement)
    route, on = _run_day(operator, trip, day)
    at = _this_second()
    said = Said(said_by=operator.name, said_at=at, **statement.model_dump())
    _store().change_run(route, trip, on, Change(operator.name, at, said))
    RUN_STATES.labels("accepted").inc()
    return _json(
        RunAnswer(
            route=route, trip=trip, date=on, state=said.state, said_by=said.said_by, said_at=at
        )
    )


@live.delete("/runs/<trip>/<day>")
@_counted(RUN_STATES)
def withdraw_run_state(trip: str, day: str) -> Response:
    """Take back what was said of a run."""
    operator = _operator()
    route, on = _run_day(operator, trip, day)
    records = _store().runs(route, on)
    if records.degraded:
        raise StoreAway
    record = records.runs.get(trip)
    if record is None or record.said is None:
        raise Refused("nothing_said", 404, "这个班次当天没有可以撤回的消息。")
    _store().change_run(route, trip, on, Change(operator.name, _this_second(), None))
    RUN_STATES.labels("withdrawn").inc()
    return Response(status=204, headers={"Cache-Control": "no-store"})


def _store() -> LiveStore:
    store: LiveStore = current_app.extensions["live_store"]
    return store


def _operator() -> Operator:
    """Who asks, by the token in ``Authorization`` (RFC 6750)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        _unauthorized("请在 Authorization 头里给出令牌：Bearer <令牌>。", "")
    book: TokenBook = current_app.extensions["operator_tokens"]
    try:
        operator = book.operator(token.strip()[:200])
    except TokensUnknown:
        raise Refused(
            "token_unknown", 503, "暂时无法核对令牌，请稍后再试。", Retry_After="10"
        ) from None
    if operator is None:
        _unauthorized("令牌无效或已吊销。", ', error="invalid_token"')
    return operator


def _unauthorized(detail: str, error: str) -> NoReturn:
    challenge = f'Bearer realm="tongyou"{error}'
    raise Refused("unauthorized", 401, detail, WWW_Authenticate=challenge)


def _own_route(operator: Operator, route: int) -> RouteBook:
    """The lines in force, if the route is one of them and the operator's."""
    book: RouteBook = current_app.extensions["route_book"]()
    agency = book.agency(route)
    if agency is None:
        mistake = Mistake("route", "没有这条线路")
        raise Refused("unknown_route", 422, "内容有误：route", mistake)
    if not operator.may_speak_for(route, agency):
        raise Refused("other_operator", 403, "这条线路不属于令牌所属的运营方。")
    return book


def _run_day(operator: Operator, trip: str, day: str) -> tuple[int, date]:
    """The route and the service day of a run that is the operator's and takes place."""
    route = parse(RunQuery, request.query_string, current_app.extensions["city"]).route
    book = _own_route(operator, route)
    if not book.has_trip(route, trip):
        raise Refused("unknown_trip", 404, "这条线路没有这个班次。")
    now = datetime.now(SHANGHAI)
    today = now.date()
    first, last = today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD)
    try:
        on = date.fromisoformat(day) if re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.ASCII) else None
    except ValueError:
        on = None
    if on is None or not first <= on <= last:
        mistake = Mistake("date", f"应为 {first} 至 {last} 的一天，例如 {today}")
        raise Refused("invalid", 422, "日期有误。", mistake)
    if all(run.trip != trip for run in book.runs(route, on, now)):
        mistake = Mistake("date", "按时刻表，这个班次当天不开行，或当天的安排尚未公布")
        raise Refused("not_running", 422, "日期有误。", mistake)
    return route, on


def _position(operator: Operator, vehicle: str, report: PositionReport) -> Position:
    lon, lat = convert(report.lon, report.lat, report.crs, "wgs84")
    return Position(
        operator=operator.name,
        vehicle=vehicle,
        route=report.route,
        trip=report.trip,
        lon=lon,
        lat=lat,
        at=report.at.timestamp(),
        received_at=time.time(),
        bearing=report.bearing,
        speed=report.speed,
    )


def _this_second() -> datetime:
    return datetime.now(SHANGHAI).replace(microsecond=0)


def _json(answer: Public) -> Response:
    return _reply(orjson.dumps(answer.model_dump()), 200, "application/json")


def _reply(
    body: bytes, status: int, content_type: str, headers: dict[str, str] | None = None
) -> Response:
    always = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(body, status, always | (headers or {}), content_type=content_type)
