"""The OpenAPI document as the page that describes it: references resolved, ranges in words.

``documented`` is a template filter: the page needs nothing but the document, so it can't say
anything else than what the document says.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from flask import Flask

from server.api_schemas import Field, Part, Schema, Schemas, anchor

OTHERS = "其他"
_SAMPLES = {"integer": 1, "number": 1, "boolean": "true", "string": "1"}


class Piece(NamedTuple):
    """A run of text; ``code`` if it is to be set as code."""

    text: str
    code: bool


class Block(NamedTuple):
    """A paragraph (one line) or a list (several)."""

    is_list: bool
    lines: list[list[Piece]]


class Operation(NamedTuple):
    """One method of one path."""

    anchor: str
    method: str
    path: str
    summary: str
    description: list[Block]
    parameters: list[Field]
    body: Part | None
    media: str
    answer: Part | None
    errors: list[tuple[str, str]]
    example: str
    """Path and query of a request that works."""
    options: str
    """What ``curl`` has to be told besides the address."""


class Group(NamedTuple):
    """Operations that belong together."""

    title: str
    description: str
    operations: list[Operation]


class Page(NamedTuple):
    """All of it."""

    title: str
    version: str
    introduction: list[Block]
    groups: list[Group]
    parts: list[Part]


def register(app: Flask) -> None:
    """Make ``documented`` known to templates."""
    app.add_template_filter(documented)


def documented(spec: Schema) -> Page:
    """Everything that the page shows."""
    schemas = Schemas(spec.get("components", {}).get("schemas", {}))
    operations = [
        (operation.get("tags", [OTHERS])[0], _operation(method, path, operation, schemas))
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]
    described = {tag["name"]: tag.get("description", "") for tag in spec.get("tags", [])}
    order = dict.fromkeys([*described, *(tag for tag, _ in operations)])
    groups = [
        Group(tag, described.get(tag, ""), own)
        for tag in order
        if (own := [one for of, one in operations if of == tag])
    ]
    info = spec["info"]
    return Page(
        info["title"],
        info["version"],
        blocks(info.get("description", "")),
        groups,
        schemas.parts(),
    )


def blocks(text: str) -> list[Block]:
    """Paragraphs, ``- `` lists and ```code```: as much Markdown as our descriptions use."""
    found: list[Block] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        is_item = line.startswith("- ")
        pieces = [
            Piece(run, bool(place % 2))
            for place, run in enumerate(line.removeprefix("- ").split("`"))
            if run
        ]
        if is_item and found and found[-1].is_list:
            found[-1].lines.append(pieces)
        else:
            found.append(Block(is_item, [pieces]))
    return found


def _operation(method: str, path: str, operation: Schema, schemas: Schemas) -> Operation:
    parameters = operation.get("parameters", [])
    responses = operation["responses"]
    media, answer = _answer(responses, schemas)
    sent = operation.get("requestBody", {}).get("content", {})
    return Operation(
        anchor(f"{method} {path}"),
        method.upper(),
        path,
        operation.get("summary", ""),
        blocks(operation.get("description", "")),
        [
            schemas.field(
                parameter["name"],
                parameter["schema"],
                required=parameter.get("required", False),
                description=parameter.get("description", ""),
            )
            for parameter in parameters
        ],
        _part(next(iter(sent.values())), schemas) if sent else None,
        media,
        answer,
        [
            (status, response["description"])
            for status, response in sorted(responses.items())
            if not status.startswith("2")
        ],
        example(path, parameters),
        curl_options(method, operation),
    )


def curl_options(method: str, operation: Schema) -> str:
    """The method, token and body of a request; empty for a plain GET."""
    options = [] if method == "get" else [f"-X {method.upper()}"]
    if operation.get("security"):
        options.append("-H 'Authorization: Bearer 令牌'")
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        body = json.dumps(content.get("example", {}), ensure_ascii=False)
        options.append(f"-H 'Content-Type: {media}' -d '{body}'")
    return " ".join(options)


def _part(content: Schema, schemas: Schemas) -> Part | None:
    name, schema = schemas.resolve(content.get("schema", {}))
    return schemas.part(name, schema) if schema.get("properties") else None


def _answer(responses: Schema, schemas: Schemas) -> tuple[str, Part | None]:
    for status, response in responses.items():
        if status.startswith("2"):
            for media, content in response.get("content", {}).items():
                return media, _part(content, schemas)
    return "", None


def example(path: str, parameters: Sequence[Schema]) -> str:
    """A request that works: what is required, and a position where one can be given."""
    names = {parameter["name"] for parameter in parameters}
    asked = []
    for parameter in parameters:
        value = _sample(parameter)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(str(value)))
        elif parameter.get("required") or (
            {"lat", "lon"} <= names and parameter["name"] in ("lat", "lon")
        ):
            joined = ",".join(map(str, value)) if isinstance(value, list) else value
            asked.append((parameter["name"], joined))
    return f"{path}?{urlencode(asked, safe=',:')}" if asked else path


def _sample(parameter: Schema) -> Any:
    schema = parameter["schema"]
    for given in (parameter.get("example"), schema.get("default"), *schema.get("enum", ())[:1]):
        if given is not None:
            return given
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return (low + high) // 2
    return low if low is not None else _SAMPLES.get(schema.get("type", ""), "1")
