"""Is the OpenAPI document valid, complete and true?"""

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from config.settings import ROOT
from geo.text import fold
from miniapp_api.document import EXAMPLES, example
from miniapp_api.query import BadQuery, parse
from miniapp_api.query_types import TIME_PATTERN
from miniapp_api.query_words import WORDS_PATTERN, is_writable
from miniapp_api.suggest import SuggestQuery
from tests.miniapp_api.conftest import World
from tests.miniapp_api.questions import (
    OPERATORS_CALLS,
    PERSONS_CALLS,
    REQUESTS,
    document,
    models,
    reads,
)

LEDGER = "/internal/v1/progress/"
"""The ledger's door for programs has a guide of its own, docs/ledger.md."""


@pytest.fixture(scope="module")
def spec(starter_world: World) -> Any:
    return document(starter_world)


def operations(spec: Any) -> list[tuple[str, Any]]:
    return [(path, one) for path, methods in spec["paths"].items() for one in methods.values()]


def test_the_document_is_valid_openapi(spec: Any) -> None:
    assert spec["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(spec).iter_errors()) == []


def test_every_operation_says_what_it_is(spec: Any) -> None:
    known = {tag["name"] for tag in spec["tags"]}
    ids = [operation["operationId"] for _, operation in operations(spec)]
    assert len(set(ids)) == len(ids)
    assert sorted(ids) == sorted([*REQUESTS, *PERSONS_CALLS, *OPERATORS_CALLS])
    for path, operation in operations(spec):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path
        assert set(operation["tags"]) <= known, path


def test_every_route_of_the_api_is_documented(spec: Any, starter_world: World) -> None:
    rules = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in starter_world.app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/internal/"))
    }
    undocumented = {rule for rule in rules if not rule.startswith(LEDGER)} - set(spec["paths"])
    # WeChat alone calls the last of them.
    assert undocumented == {"/api/v1/openapi.json", "/api/v1/docs", "/api/v1/wechat/push"}


def test_every_parameter_says_what_it_may_be(spec: Any) -> None:
    for path, operation in operations(spec):
        for parameter in operation["parameters"]:
            where, schema = f"{path} {parameter['name']}", parameter["schema"]
            assert parameter["description"], where
            assert parameter["example"] not in (None, [], ""), where
            if schema.get("type") in ("integer", "number"):
                assert {"minimum", "maximum"} <= set(schema), where
            elif schema.get("type") == "string":
                assert "enum" in schema or "pattern" in schema, where
            else:
                assert schema.get("type") in ("array", "boolean") or "anyOf" in schema, where
            assert not {"ge", "le", "x-codes", "title"} & set(schema), where


def test_the_codes_are_the_citys(spec: Any, starter_world: World) -> None:
    taxonomy = starter_world.get("/taxonomy")
    parameters = {
        one["name"]: one["schema"] for one in spec["paths"]["/api/v1/sites"]["get"]["parameters"]
    }
    parameters["facility"] = parameters["facility"]["items"]
    for parameter, words in (
        ("kind", "kinds"),
        ("theme", "themes"),
        ("district", "districts"),
        ("facility", "facilities"),
    ):
        assert parameters[parameter]["enum"] == [word["code"] for word in taxonomy[words]]


def test_every_answer_names_its_errors(spec: Any) -> None:
    for path, operation in reads(spec):
        if not path.startswith("/api/"):
            continue
        wanted = {"200", "304", "405", "422", "503"}
        if "{id}" in path:
            wanted |= {"301", "404", "410"}
        if path.endswith(("/bus/departures", "/bus/journeys")):  # of a stop, of a school
            wanted |= {"404"}
        assert set(operation["responses"]) == wanted, path
    for _, operation in operations(spec):
        if operation["operationId"] in PERSONS_CALLS:
            wanted = {"403", "405", "422", "429", "503"}
            wanted |= {"401"} if operation.get("security") else set()
            wanted |= {"400", "413", "415"} if "requestBody" in operation else set()
            assert wanted < set(operation["responses"]), operation["operationId"]
    for response in spec["components"]["responses"].values():
        (media,) = response["content"]
        assert media == "application/problem+json"


def test_the_document_is_written_in_characters(starter_world: World) -> None:
    text = starter_world.client.get("/api/v1/openapi.json").get_data()
    assert "查找地点".encode() in text
    assert b"\\u" not in text.replace(b"\\\\u", b"")


def test_the_document_is_revalidated_and_compressed(starter_world: World) -> None:
    first = starter_world.client.get("/api/v1/openapi.json", headers={"Accept-Encoding": "br"})
    assert first.headers["Content-Encoding"] == "br"
    assert first.content_length is not None
    assert first.content_length < 40_000
    again = starter_world.client.get(
        "/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.get_data()) == (304, b"")


def test_schemas_have_names_of_their_own(spec: Any) -> None:
    assert [name for name in spec["components"]["schemas"] if "." in name] == []
    assert "HTTPError" not in spec["components"]["schemas"]


def answers(spec: Any) -> Iterator[tuple[str, Any]]:
    """Every documented answer: its status and its media object."""
    shared = spec["components"]["responses"]
    for _, operation in operations(spec):
        for status, response in operation["responses"].items():
            if "$ref" in response:
                response = shared[response["$ref"].rpartition("/")[2]]
            for media in response.get("content", {}).values():
                yield status, media


def test_examples_fit_their_models(spec: Any, starter_world: World) -> None:
    known = models(starter_world)
    used = set()
    for status, media in answers(spec):
        if media["schema"].get("format") == "binary":
            assert "example" not in media
        elif reference := media["schema"].get("$ref"):
            name = reference.rpartition("/")[2]
            known[name].model_validate(media["example"])
            used.add(name)
            if name == "Problem":
                assert media["example"]["status"] == int(status)
    assert used == set(known)


def test_every_example_is_shown(spec: Any) -> None:
    shown = [media.get("example") for _, media in answers(spec)]
    for _, operation in operations(spec):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            shown.append(media["example"])
    unused = [path.name for path in EXAMPLES.iterdir() if example(path.stem) not in shown]
    assert unused == []


@given(st.from_regex(TIME_PATTERN.replace("$", r"\Z")))
def test_every_time_that_is_promised_is_understood(starter_city: Any, text: str) -> None:
    query = parse(SuggestQuery, f"q=a&at={text.replace('+', '%2B')}".encode(), starter_city)
    assert query.at is not None
    assert query.at.utcoffset() is not None


@given(text=st.text(max_size=60))
def test_words_are_refused_just_where_the_document_says(starter_city: Any, text: str) -> None:
    promised = re.fullmatch(WORDS_PATTERN, text) is not None and len(text) <= 50
    try:
        encoded = quote(text)
    except UnicodeEncodeError:
        return
    try:
        parse(SuggestQuery, f"q={encoded}".encode(), starter_city)
        understood = True
    except BadQuery:
        understood = False
    assert understood == promised


def test_whatever_folding_leaves_may_be_searched_for() -> None:
    pattern = re.compile(WORDS_PATTERN)
    wrong = [
        f"{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(character := chr(code)) not in ("Cc", "Cn", "Co", "Cs")
        and is_writable(character)
        and (pattern.fullmatch(character) is None) != (fold(character) == "")
    ]
    assert wrong == []


def test_the_guide_shows_every_call_with_its_real_answer(spec: Any) -> None:
    guide = (ROOT / "docs/api.md").read_text("utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", guide, re.DOTALL)]
    for path, methods in spec["paths"].items():
        for method in methods:
            assert f"### {method.upper()} {path}\n" in guide, path
    for path, operation in operations(spec):
        for media in operation["responses"].get("200", {}).get("content", {}).values():
            if "example" not in media:
                continue
            if isinstance(media["example"], str):
                assert media["example"] in guide
            else:
                assert media["example"] in blocks, path
    named = set(re.findall(r"`(\w+)`", guide))
    for path, operation in operations(spec):
        for parameter in operation["parameters"]:
            assert parameter["name"] in named, f"{path} {parameter['name']}"


def test_has_every_problem_the_title_of_its_status(spec: dict[str, Any]) -> None:
    # RFC 9457, 4.2.1: with about:blank the title is the phrase of the status.
    told = {
        (int(status), media["example"]["title"])
        for operations in spec["paths"].values()
        for operation in operations.values()
        for status, response in operation["responses"].items()
        for name, media in response.get("content", {}).items()
        if name == "application/problem+json"
    }
    assert {401, 404, 422, 429} <= {status for status, _ in told}
    assert "Error" not in {title for _, title in told}
