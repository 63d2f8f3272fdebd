"""JSON schemas in words: types, ranges and what refers to what. No Flask."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

_REF = "#/components/schemas/"


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
            "" if default is None or default == [] else _plain(default),
            description or schema.get("description", ""),
        )

    def type(self, schema: Schema) -> str:
        """``整数``, ``[数, 数]``, ``列表：SiteItem``, ``文字 或 null``."""
        if "$ref" in schema:
            return self.shown(schema["$ref"])
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return " 或 ".join(dict.fromkeys(self.type(option) for option in options))
        if "const" in schema:
            return str(schema["const"])
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


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
