"""The OpenAPI document as the page that describes it: references resolved, ranges in words.

``documented`` is a template filter: the page needs nothing but the document, so it can't say
anything else than what the document says.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from flask import Flask

Schema = Mapping[str, Any]

_REF = "#/components/schemas/"

STATUS = {
    "200": "成功",
    "301": "已并入另一个地点，见 Location",
    "304": "没有变化（If-None-Match 相符）",
    "400": "请求格式不对",
    "404": "没有这个条目",
    "410": "已撤下",
    "422": "参数有误",
    "429": "请求过于频繁，见 Retry-After",
    "500": "服务出错",
    "503": "数据尚未载入",
}

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


class Field(NamedTuple):
    """A line of a table: a parameter, or a field of an answer."""

    name: str
    type: str
    links: list[tuple[str, str]]
    """(schema name, anchor) of what it is made of."""
    limits: str
    required: bool
    default: str
    description: str


class Part(NamedTuple):
    """A schema with its fields."""

    name: str
    anchor: str
    fields: list[Field]


class Operation(NamedTuple):
    """One method of one path."""

    anchor: str
    method: str
    path: str
    summary: str
    description: list[Block]
    parameters: list[Field]
    media: str
    answer: Part | None
    errors: list[tuple[str, str]]
    example: str
    """Path and query of a request that works."""


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
        if (own := sorted(one for of, one in operations if of == tag))
    ]
    info = spec["info"]
    return Page(
        info["title"],
        info["version"],
        blocks(info.get("description", "")),
        [group._replace(operations=sorted(group.operations, key=_by_path)) for group in groups],
        schemas.parts(),
    )


def _by_path(operation: Operation) -> tuple[int, str]:
    return operation.path.count("/"), operation.path


class Schemas:
    """The named schemas; those that say the same under several names are shown once."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._named = named
        twins: dict[str, set[str]] = {}
        for name, schema in named.items():
            twins.setdefault(_short(name), set()).add(_canonical(schema))
        self._shown = {
            name: _short(name) if len(twins[_short(name)]) == 1 else name for name in named
        }

    def shown(self, ref: str) -> str:
        """The name under which the page shows a ``$ref``."""
        name = ref.removeprefix(_REF)
        return self._shown.get(name, name)

    def parts(self) -> list[Part]:
        """All object schemas, by name."""
        found = {
            self._shown[name]: schema
            for name, schema in self._named.items()
            if schema.get("properties")
        }
        return [self.part(name, schema) for name, schema in sorted(found.items())]

    def part(self, name: str, schema: Schema) -> Part:
        """A schema's own fields."""
        required = set(schema.get("required", ()))
        fields = [
            self.field(field, inner, required=field in required)
            for field, inner in schema.get("properties", {}).items()
        ]
        return Part(name, anchor(name), fields)

    def resolve(self, schema: Schema) -> tuple[str, Schema]:
        """Follow a ``$ref``: the shown name and the schema it stands for."""
        ref = schema.get("$ref")
        if ref is None:
            return schema.get("title", ""), schema
        return self.shown(ref), self._named[ref.removeprefix(_REF)]

    def field(self, name: str, schema: Schema, *, required: bool, description: str = "") -> Field:
        """A line of a table."""
        refs = list(dict.fromkeys(self.shown(ref) for ref in _refs(schema)))
        default = schema.get("default")
        return Field(
            name,
            self.type(schema),
            [(ref, anchor(ref)) for ref in refs],
            limits(schema),
            required,
            "" if default is None or default == [] else _json(default),
            description or schema.get("description", ""),
        )

    def type(self, schema: Schema) -> str:
        """``整数``, ``[数, 数]``, ``列表：SiteItem``, ``文字或 null``."""
        if "$ref" in schema:
            return self.shown(schema["$ref"])
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return "或".join(dict.fromkeys(self.type(option) for option in options))
        if "const" in schema:
            return _json(schema["const"])
        kind = schema.get("type")
        if kind == "array":
            if "prefixItems" in schema:
                return f"[{'、'.join(self.type(one) for one in schema['prefixItems'])}]"
            return f"列表：{self.type(schema.get('items', {}))}"
        if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            return f"键值表：{self.type(schema['additionalProperties'])}"
        if kind == "string":
            formats = {"date": "日期", "date-time": "时间", "uuid": "UUID", "uri": "网址"}
            return formats.get(schema.get("format", ""), "文字")
        words = {"integer": "整数", "number": "数", "boolean": "true 或 false", "null": "null"}
        return words.get(str(kind), "对象" if kind == "object" else "任意")


def anchor(name: str) -> str:
    """An id for a schema or an operation."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()


def limits(schema: Schema) -> str:
    """``1 至 100``; ``history、science``; ``不超过 50 字``."""
    said = []
    for inner in (schema, schema.get("items", {}), *schema.get("anyOf", ())):
        if "enum" in inner:
            said.append("、".join(map(str, inner["enum"])))
        said += _range(inner)
    if "maxItems" in schema and schema.get("minItems") != schema["maxItems"]:
        said.append(f"最多 {schema['maxItems']} 个")
    return "；".join(dict.fromkeys(said))


def _range(schema: Schema) -> list[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return [f"{low:g} 至 {high:g}"]
    if low is not None:
        return [f"不小于 {low:g}"]
    if high is not None:
        return [f"不大于 {high:g}"]
    if "maxLength" in schema:
        return [f"不超过 {schema['maxLength']} 字"]
    return []


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
        media,
        answer,
        [
            (status, STATUS.get(status) or response.get("description", ""))
            for status, response in sorted(responses.items())
            if not status.startswith("2")
        ],
        example(path, parameters),
    )


def _answer(responses: Schema, schemas: Schemas) -> tuple[str, Part | None]:
    for status, response in responses.items():
        if status.startswith("2"):
            for media, content in response.get("content", {}).items():
                name, schema = schemas.resolve(content.get("schema", {}))
                return media, schemas.part(name, schema) if schema.get("properties") else None
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


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _canonical(schema: Schema) -> str:
    text = json.dumps(schema, sort_keys=True, default=str)
    return re.sub(rf'"{_REF}[^"]*?([^".]+)"', r'"\1"', text)


def _refs(schema: Any) -> Iterable[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key == "$ref":
                yield value
            else:
                yield from _refs(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _refs(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
