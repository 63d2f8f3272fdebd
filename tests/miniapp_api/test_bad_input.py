"""Is every mistake in every parameter named, in Chinese, and never a fault of the server?

The parameters come from the OpenAPI document: a new one without cases fails here.
"""

# ruff: noqa: SIM905  (thirty quoted values a list would hide the odd one out)

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.miniapp_api.conftest import World
from tests.miniapp_api.questions import ROUTE, document, reads

WHOLE = "query"
"""What a mistake in the encoding of a query string is blamed on."""

NEEDED = {
    "/api/v1/suggest": {"q": "a"},
    "/api/v1/changes": {"since": "0"},
    "/api/v1/sites/clusters": {"bbox": "118,36,119,37", "zoom": "9"},
    "/api/v1/bus/stops": {"lat": "36.8", "lon": "118.05"},
    "/api/v1/bus/departures": {"stop_id": "b1.gate"},
    "/api/v1/bus/journeys": {
        "school": "b8",
        "direction": "to_home",
        "lat": "36.8",
        "lon": "118.05",
    },
    "/api/v1/bus/lines-for-home": {"lat": "36.8", "lon": "118.05"},
}
COMPANIONS = {
    "lat": {"lon": "118.05"},
    "lon": {"lat": "36.8"},
    "radius": {"lat": "36.8", "lon": "118.05"},
}
"""What a right value of a parameter needs beside it."""

NOT_NUMBERS = """nan NaN -nan Infinity -Infinity inf 1e1e1 １８ ١٨ 1_0 0x10 0b1 0o7 %2B5 +5 5+
    %205 5%20 5%09 1,5 1;5 --1 - . 1. .5 e5 1e 1e+5 true null None 5m 5%C2%B0""".split()
NOT_WHOLE = [*NOT_NUMBERS, "1.0", "1.5", "1e2", "-1", "-0", "9999999999999", "1" * 400]
NOT_TIMES = """2026-11-24 24.11.2026 2026-11-24T 2026-11-24T12 2026-11-24T25:00 2026-11-24T12:60
    2026-11-24T24:00 2026-11-24T12:00:60 2026-02-29T12:00 2026-13-01T12:00 2026-00-10T12:00
    2026-11-31T12:00 1999-12-31T23:59 2101-01-01T00:00 0001-01-01T00:00Z 9999-12-31T23:59Z
    99999-01-01T00:00Z 2026-11-24T12:00%2B24:00 2026-11-24T12:00%2B8 2026-11-24T12:00CST
    2026-11-24T12:00:00.1234567Z 2026-11-24%2012:00 2026-W48-2T12:00 20261124T120000 1795492800
    ２０２６-11-24T12:00 Now today 今天 now%20 -2026-11-24T12:00Z""".split()
NOT_CODES = """unknown Science SCIENCE science%20 %20science science,nature science;nature 科学
    ../science science' %3Cscript%3E __class__ 0 null *""".split()
NOT_CURSORS = [
    "x",
    "A" * 31,
    "A" * 32,
    "A" * 33,
    "A" * 4000,
    "%2B" * 32,
    "=" * 32,
    "游标",
    "-1",
    "0",
]

NOT_IDS = """ -a .a _a a/b a%20b %20a a%20 站 a? a* a'b a%26b %3Cscript%3E ../a a;b ａ""".split()
NOT_IDS.append("a" * 65)

BAD: dict[str, list[str]] = {
    "lat": [*NOT_NUMBERS, "90.0001", "-90.0001", "1e309", "-1e309", "91", "1e2", "9" * 12],
    "lon": [*NOT_NUMBERS, "180.0001", "-180.0001", "1e309", "-1e309", "181", "1e9"],
    "radius": [*NOT_NUMBERS, "0", "-1", "0.99", "50000.01", "1e309", "1e-5"],
    "bbox": [
        *NOT_NUMBERS,
        *("118,36,119", "118,36,119,37,38", "118,36", ",,,", "118,36,119,", "118 36 119 37"),
        *("119,36,118,37", "118,37,119,36", "36,118,37,119", "-181,36,119,37", "118,36,181,37"),
        *("118,-91,119,37", "118,36,119,91", "nan,36,119,37", "118,36,inf,37", "118,36,1e309,37"),
        *("１１８,36,119,37", "118,36,1_19,37", "%5B118,36,119,37%5D", "118;36;119;37"),
    ],
    "zoom": [*NOT_WHOLE, "23"],
    "age": [*NOT_WHOLE, "19"],
    "since": [*NOT_WHOLE, "1000000000", "3"],
    "limit": [*NOT_WHOLE, "0", "1001"],
    "free": "yes no 1 0 True FALSE null true%20 %20true truetrue on 是".split(),
    "crs": "WGS84 epsg:4326 gcj-02 gcj02%20 mars null 0 高德".split(),
    "sort": "Distance -distance distance%20 price null 0 距离".split(),
    "kind": NOT_CODES,
    "theme": NOT_CODES,
    "district": [*NOT_CODES, "张店", "370303"],
    "facility": NOT_CODES,
    "open": [*NOT_TIMES, "true", "NOW"],
    "at": [*NOT_TIMES, "now", "true"],
    "arrive_by": [*NOT_TIMES, "now", "true"],
    "q": [
        *("%20", "%20%20", "...", "，。", "?", "'", '"', "%E3%80%80"),
        *("\U0001f600", "馆\U0001f600", "\U0001f468\u200d\U0001f469", "\u2764\ufe0f"),
        *("\u200b", "\u00a0", "\ufeff", "\u202e", "\u0301", "\x7f馆", "a\ue000", "馆\U000f0000"),
        *("馆%00", "%0A", "馆%0D%0A馆", "%1B[31m馆", "馆" * 51, "a" * 51, "a%09b"),
    ],
    "cursor": NOT_CURSORS,
    "stop_id": NOT_IDS,
    "school": NOT_IDS,
    "direction": "To_School to_home%20 toHome home up null 0 上学 to_home,to_school".split(),
    "max_walk": [*NOT_NUMBERS, "49.9", "0", "-1", "5000.1", "1e309"],
}
ANYWHERE = ["", "%00", "%0A", "\U0001f600", "\u200b", "𝟙\x7f", "%7B%7D", "x" * 1000]
"""Nothing that any parameter takes."""

UNDECODABLE = ["%ff", "%ED%A0%80", "%C0%80", "a%80", "%F8%88%80%80%80"]

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def client(world: World) -> FlaskClient:
    return world.client


def at_an_id(path: str) -> str:
    """The path with the id of something that there is."""
    return path.replace("{id}", str(ROUTE) if "/bus/" in path else "1")


def parameters(world: World) -> Iterator[tuple[str, str, Any]]:
    for path, operation in reads(document(world)):
        for parameter in operation["parameters"]:
            if parameter["in"] == "query":
                yield at_an_id(path), parameter["name"], parameter


def ask(client: FlaskClient, path: str, query: dict[str, str], raw: str = "") -> TestResponse:
    joined = "&".join([f"{name}={value}" for name, value in query.items()] + ([raw] if raw else []))
    return client.get(path, query_string=joined)


def check(reply: TestResponse, name: str, value: str, where: str) -> None:
    """A 422 that names the parameter, in Chinese, without repeating what was sent."""
    assert (reply.status_code, reply.mimetype) == (422, "application/problem+json"), where
    problem = reply.get_json(force=True)
    assert problem["status"] == 422
    assert {error["loc"] for error in problem["errors"]} == {name}, (where, problem)
    assert name in problem["detail"], where
    for text in (problem["detail"], *(error["msg"] for error in problem["errors"])):
        assert CHINESE.search(text), (where, text)
        assert not re.search(r"\b(should|must|input|valid|expected|or)\b", text, re.IGNORECASE)
    decoded = unquote(value)
    if len(decoded) > 5:
        assert decoded not in reply.get_data(as_text=True), where


def others(path: str, name: str) -> dict[str, str]:
    """What is needed beside a parameter, which itself is left to the caller."""
    needed = NEEDED.get(path, {}) | COMPANIONS.get(name, {})
    return {key: value for key, value in needed.items() if key != name}


def test_every_parameter_has_its_cases(world: World) -> None:
    assert set(BAD) == {name for _, name, _ in parameters(world)}


def test_a_wrong_value_is_named(world: World, client: FlaskClient) -> None:
    asked = 0
    for path, name, _ in parameters(world):
        for value in (*BAD[name], *ANYWHERE):
            reply = ask(client, path, others(path, name), f"{name}={value}")
            check(reply, name, value, f"{path}?{name}={value[:40]}")
            asked += 1
    assert asked > 1500


def test_the_bounds_are_those_of_the_document(world: World, client: FlaskClient) -> None:
    for path, name, parameter in parameters(world):
        schema = parameter["schema"]
        if "minimum" not in schema or name == "since":
            continue
        beside = others(path, name)
        for edge, step in ((schema["minimum"], -1), (schema["maximum"], 1)):
            where = f"{path}?{name}={edge}"
            assert ask(client, path, beside | {name: str(edge)}).status_code == 200, where
            check(ask(client, path, beside | {name: str(edge + step)}), name, "", where)


def test_every_code_of_the_document_is_understood(world: World, client: FlaskClient) -> None:
    for path, name, parameter in parameters(world):
        schema = parameter["schema"].get("items", parameter["schema"])
        for code in schema.get("enum", ()):
            beside = others(path, name)
            if name == "sort":
                beside |= {"lat": "36.8", "lon": "118.05", "q": "a"}
            reply = ask(client, path, beside | {name: code})
            assert reply.status_code == 200, (path, name, code)


def test_a_value_that_does_not_decode_is_told(world: World, client: FlaskClient) -> None:
    for path, name, _ in parameters(world):
        for value in UNDECODABLE:
            reply = ask(client, path, others(path, name), f"{name}={value}")
            check(reply, WHOLE, value, f"{path}?{name}={value}")


def test_a_repeated_parameter_is_named(world: World, client: FlaskClient) -> None:
    for path, name, parameter in parameters(world):
        value = parameter["example"]
        if name == "facility":
            right = "&".join([f"facility={code}" for code in parameter["schema"]["items"]["enum"]])
            assert ask(client, path, others(path, name), right).status_code == 200
            check(
                ask(client, path, others(path, name), "facility=aed&" * 20 + right), name, "", path
            )
            continue
        value = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        value = value.replace("+", "%2B")
        reply = ask(client, path, others(path, name), f"{name}={value}&{name}={value}")
        check(reply, name, "", f"{path}?{name} twice")


def test_a_missing_parameter_is_named(world: World, client: FlaskClient) -> None:
    required = {
        (path, name) for path, name, parameter in parameters(world) if parameter["required"]
    }
    assert required == {(path, name) for path, needed in NEEDED.items() for name in needed}
    for path, name in required:
        check(ask(client, path, others(path, name)), name, "", f"{path} without {name}")
        check(ask(client, path, others(path, name), name), name, "", f"{path}?{name}")


def test_an_unknown_parameter_is_named(world: World, client: FlaskClient) -> None:
    paths = [at_an_id(path) for path, _ in reads(document(world)) if "/api/" in path]
    for path in paths:
        needed = NEEDED.get(path, {})
        assert ask(client, path, needed).status_code == 200
        for name in (
            "colour",
            "LAT",
            "lat%5B%5D",
            "__proto__",
            "crs%20",
            "名称",
            "self",
            "query_data",
        ):
            for value in ("red-hot", ""):
                reply = ask(client, path, needed, f"{name}={value}")
                check(reply, unquote(name), value, f"{path}?{name}")
        check(ask(client, path, needed, "=red-hot"), WHOLE, "red-hot", f"{path} nameless")
        check(ask(client, path, needed, "=red%20hot"), WHOLE, "red hot", f"{path} nameless")


def test_too_much_is_refused(world: World, client: FlaskClient) -> None:
    paths = {path for path, _, _ in parameters(world)} | {"/api/v1/edition"}
    for path in paths:
        for raw in (
            "q=" + "馆" * 10_000,
            "q=" + "%E9%A6%86" * 1_200,
            "a=1&" * 1000,
            "&".join(f"p{n}=1" for n in range(400)),
            "facility=aed&" * 61,
        ):
            check(ask(client, path, {}, raw), WHOLE, "", f"{path}?{raw[:20]}")


def test_semicolons_separate_nothing(client: FlaskClient) -> None:
    for raw, name in (
        ("limit=5;crs=wgs84", "limit"),
        ("crs=wgs84;limit=5", "crs"),
        ("lat=36.8;lon=118.05", "lat"),
        ("q=a;limit=5", None),
    ):
        reply = client.get("/api/v1/sites", query_string=raw)
        if name is None:
            assert reply.status_code == 422 or reply.get_json()["total"] == 0
        else:
            assert name in {error["loc"] for error in reply.get_json(force=True)["errors"]}


@pytest.mark.parametrize("path", ["/sites", "/reading-spaces", "/sites.geojson"])
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("lat=36.8", "lon"),
        ("lon=118.05", "lat"),
        ("lat=36.8&lon=", "lon"),
        ("radius=100", "radius"),
        ("radius=100&bbox=118,36,119,37", "radius"),
        ("lat=36.8&lon=118.05&radius=100&bbox=118,36,119,37", "radius"),
        ("sort=distance", "sort"),
        ("sort=distance&bbox=118,36,119,37", "sort"),
        ("sort=relevance", "sort"),
        ("sort=relevance&lat=36.8&lon=118.05", "sort"),
    ],
)
def test_parameters_that_do_not_go_together(
    client: FlaskClient, path: str, query: str, name: str
) -> None:
    check(client.get(f"/api/v1{path}", query_string=query), name, "", query)


def test_all_mistakes_are_told_at_once(client: FlaskClient) -> None:
    problem = client.get("/api/v1/sites?lat=95&limit=0&theme=x&colour=red").get_json(force=True)
    assert [error["loc"] for error in problem["errors"]] == ["limit", "lat", "theme", "colour"]
    assert problem["detail"] == "参数有误：limit、lat、theme、colour"
    assert all("可用：history" in e["msg"] for e in problem["errors"] if e["loc"] == "theme")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=0", "不能小于 1"),
        ("limit=101", "不能大于 100"),
        ("crs=mars", "只能是 wgs84、gcj02、bd09"),
        ("free=yes", "只能是 true 或 false"),
        ("q=", "不能为空"),
        ("q=" + "a" * 51, "不能超过 50 个字"),
        ("q=...", "没有可以搜索的字"),
        ("q=%00", "含有不能使用的字符（控制字符、表情符号等）"),
        ("facility=aed&" * 20 + "facility=aed", "最多 20 个"),
        ("cursor=x", "格式不对"),
        ("colour=red", "没有这个参数"),
        ("limit=5&limit=5", "只能出现一次"),
        ("at=2026-02-29T12:00", "没有这个时间"),
        ("at=1999-12-31T12:00", "年份应在 2000 至 2100 之间"),
        ("bbox=36,118,37,119", "纬度应在 -90 至 90 之间（次序是经度在前、纬度在后）"),
        ("bbox=119,36,118,37", "最小值大于最大值：次序应为最小经度,最小纬度,最大经度,最大纬度"),
    ],
)
def test_a_mistake_says_what_is_allowed(client: FlaskClient, query: str, message: str) -> None:
    (error,) = client.get("/api/v1/sites", query_string=query).get_json(force=True)["errors"]
    assert error["msg"] == message


@pytest.mark.parametrize("path", ["/sites", "/suggest"])
@pytest.mark.parametrize(
    "pasted",
    [
        "\u00a0博物馆",
        "博\u200b物\u2060馆",
        "\ufeff博物馆",
        "博\u00ad物馆",
        "博\u3000物馆",
        "\u202a博物馆",
    ],
)
def test_what_is_invisible_in_pasted_words_does_not_matter(
    world: World, path: str, pasted: str
) -> None:
    assert world.names(f"{path}?q={quote(pasted)}") == world.names(f"{path}?q=博物馆") != []


@pytest.mark.parametrize("word", ["Ⅱ", "①", "℃", "½", "α", "❶", "㎡", "№", "＋", "𝟙", "★", "か"])
def test_ordinary_signs_may_be_searched_for(client: FlaskClient, word: str) -> None:
    for q in (word, f"馆{word}"):
        assert client.get(f"/api/v1/sites?q={quote(q)}").status_code == 200, q


def test_small_numbers_may_be_written_as_javascript_does(client: FlaskClient) -> None:
    for value in ("1e-7", "-1E-7", "0.0000001", "36.80000000000001", "-0", "5e-324"):
        reply = client.get(f"/api/v1/sites?lat={value}&lon=118.05")
        assert reply.status_code == 200, value
