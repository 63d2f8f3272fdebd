"""Does the documentation page say what the OpenAPI document says, and do its examples work?"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app import create_app
from server.api_page import blocks, curl_options, documented, example
from server.api_schemas import Schemas, limits
from server.db import db
from server.models import CodedReport
from server.revisions import writing
from tests.server.pages import Page, fill, retire, served, settings_in


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with served(settings_in(tmp_path_factory.mktemp("docs")), fill, retire) as app:
        yield app


@pytest.fixture(scope="module")
def spec(app: Flask) -> dict[str, Any]:
    document: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").json
    return document


@pytest.fixture(scope="module")
def page(app: Flask) -> Page:
    answer = app.test_client().get("/api/v1/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return Page(answer.text)


def test_does_every_operation_stand_on_the_page(spec: dict[str, Any], page: Page) -> None:
    assert spec["paths"]
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            assert f"{method.upper()} {path}" in page.text
            assert operation["summary"] in page.text


def test_does_every_parameter_stand_on_the_page(spec: dict[str, Any], page: Page) -> None:
    for operations in spec["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                assert parameter["name"] in page.text
                assert parameter.get("description", "") in page.text


def test_does_every_field_of_every_schema_stand_on_the_page(
    spec: dict[str, Any], page: Page
) -> None:
    for name, schema in spec["components"]["schemas"].items():
        if schema.get("properties"):
            assert name.rpartition(".")[2] in page.text
        for field in schema.get("properties", {}):
            assert field in page.text


def test_do_all_links_within_the_page_lead_somewhere(page: Page) -> None:
    inside = [link[1:] for link in page.links if link.startswith("#")]
    assert len(inside) > 20
    assert set(inside) <= set(page.ids)


@pytest.fixture(scope="module")
def starting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The service with the starting data, of which the examples speak."""
    app = create_app(settings_in(tmp_path_factory.mktemp("starting")))
    assert app.test_cli_runner().invoke(args=["init"]).exit_code == 0
    with app.app_context(), writing(db.session):
        db.session.add(CodedReport(receipt="7K3QFWX9MB", listing_id=121, what="did_not_come"))
    keeper = app.extensions["atlas_keeper"]
    keeper.start()
    yield app
    keeper.stop()


def test_do_the_examples_work(starting: Flask, spec: dict[str, Any], page: Page) -> None:
    client = starting.test_client()
    for group in documented(spec).groups:
        for operation in group.operations:
            if operation.method != "GET" or "令牌" in operation.options:
                continue
            assert operation.example in page.links
            answer = client.get(operation.example)
            assert answer.status_code == 200, (operation.example, answer.text)


def test_are_ranges_and_choices_told() -> None:
    assert limits({"type": "integer", "minimum": 1, "maximum": 100}) == "1 至 100"
    assert limits({"enum": ["a", "b"]}) == "a、b"
    assert limits({"type": "array", "items": {"enum": ["x"]}, "maxItems": 3}) == "x；最多 3 个"


def test_is_a_schema_that_two_answers_share_shown_once() -> None:
    open_ = {"type": "object", "properties": {"now": {"type": "boolean"}}}
    other = {"type": "object", "properties": {"then": {"type": "boolean"}}}
    same = Schemas({"A.Open": open_, "B.Open": dict(open_)})
    assert [part.name for part in same.parts()] == ["Open"]
    different = Schemas({"A.Open": open_, "B.Open": other})
    assert [part.name for part in different.parts()] == ["A.Open", "B.Open"]


def test_is_markup_of_a_description_understood() -> None:
    found = blocks("说明 `a`\n\n- 一\n- 二 `b`\n")
    assert [block.is_list for block in found] == [False, True]
    assert found[0].lines[0][1] == ("a", True)
    assert len(found[1].lines) == 2


def test_does_an_example_fill_in_what_is_required() -> None:
    zoom = {"name": "zoom", "in": "query", "required": True,
            "schema": {"type": "integer", "minimum": 0, "maximum": 22}}  # fmt: skip
    id_ = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    assert example("/x/{id}", [id_, zoom]) == "/x/1?zoom=11"


def test_is_a_call_with_a_body_shown_as_it_is_sent(spec: dict[str, Any], page: Page) -> None:
    path = "/internal/v1/vehicles/{vehicle}/position"
    (operation,) = spec["paths"][path].values()
    options = curl_options("post", operation)
    assert options.startswith("-X POST -H 'Authorization: Bearer 令牌'")
    assert '"route": 121' in options
    assert options in page.text
    assert "请求内容" in page.text
    assert curl_options("get", spec["paths"]["/api/v1/sites"]["get"]) == ""
