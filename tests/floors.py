"""The floors of the house, read from the source: who imports whom, and who may not."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOMS = {
    "config": 1,
    "geo": 1,
    "server": 2,
    "server.staff": 3,
    "server.progress": 3,
    "server.webmap": 3,
    "miniapp_api": 3,
    "app": 4,
    "serve": 4,
}
"""Each room's floor. A module is in the room with the longest name that its own begins with."""

FOREIGN_TO_GEO = frozenset(
    {"flask", "apiflask", "sqlalchemy", "redis", "requests", "socket", "http", "urllib.request"}
)
"""What would make the map need a server, a database or a network."""

ENVIRONMENT = frozenset({"environ", "environb", "getenv", "getenvb", "putenv"})


def room(module: str) -> str:
    """The room that a module of ours is in."""
    inside = (name for name in ROOMS if module == name or module.startswith(f"{name}."))
    return max(inside, key=len)


@dataclass(frozen=True)
class Import:
    """``module`` imports ``target`` on ``line``, when it is loaded itself or only when called."""

    module: str
    target: str
    line: int
    at_load: bool


class House:
    """The modules below ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def modules(self) -> dict[str, ast.Module]:
        """Every module of ours with its syntax tree."""
        found = {}
        for top in ("config", "geo", "server", "miniapp_api"):
            for path in sorted((self._root / top).rglob("*.py")):
                parts = path.relative_to(self._root).with_suffix("").parts
                found[".".join(p for p in parts if p != "__init__")] = ast.parse(path.read_bytes())
        for path in sorted(self._root.glob("*.py")):
            found[path.stem] = ast.parse(path.read_bytes())
        return found

    @cached_property
    def imports(self) -> list[Import]:
        """Every import of every module, wherever it stands."""
        return [one for name, tree in self.modules.items() for one in self._of(name, tree)]

    def _of(self, name: str, tree: ast.Module) -> Iterator[Import]:
        for node, at_load in _walk(tree, at_load=True):
            for target in self._targets(node):
                yield Import(name, target, node.lineno, at_load)

    def _targets(self, node: ast.stmt) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # Relative imports are none of our habits; were there one, it would be seen here.
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in self.modules or inner in FOREIGN_TO_GEO else base

    def upward(self) -> list[str]:
        """Imports that run up a floor or between rooms of one floor."""
        return [
            f"{one.module}:{one.line} → {one.target}"
            for one in self.imports
            if one.target.startswith(".") or (one.target in self.modules and self._is_upward(one))
        ]

    def _is_upward(self, one: Import) -> bool:
        here, there = room(one.module), room(one.target)
        if ROOMS[there] == ROOMS[here] == max(ROOMS.values()):
            return False  # app.py and serve.py are one floor and one room
        return here != there and ROOMS[there] >= ROOMS[here]

    def foreign_to_geo(self) -> list[str]:
        """Imports that would tie ``geo`` to Flask, a database or a network."""
        return [
            f"{one.module}:{one.line} → {one.target}"
            for one in self.imports
            if room(one.module) == "geo"
            and any(one.target == bad or one.target.startswith(f"{bad}.") for bad in FOREIGN_TO_GEO)
        ]

    def circle(self) -> list[str]:
        """Modules that need each other to be loaded, in order; empty when there are none."""
        below: dict[str, set[str]] = {name: set() for name in self.modules}
        for one in self.imports:
            if one.at_load and one.target in below and one.target != one.module:
                below[one.module].add(one.target)
        done: set[str] = set()
        for name in below:
            if found := _circle_from(name, below, [], done):
                return found
        return []

    def readers_of_the_environment(self) -> set[str]:
        """Modules that name ``os.environ`` or one of its kin."""
        readers = set()
        for name, tree in self.modules.items():
            for node in ast.walk(tree):
                of_os = (
                    isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "os"
                    and node.attr in ENVIRONMENT
                )
                from_os = (
                    isinstance(node, ast.ImportFrom)
                    and node.module == "os"
                    and any(alias.name in ENVIRONMENT for alias in node.names)
                )
                if of_os or from_os:
                    readers.add(name)
        return readers


def _walk(node: ast.AST, *, at_load: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """Every statement below ``node``, with whether loading the module runs it."""
    for child in ast.iter_child_nodes(node):
        inner = at_load and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            inner = False
        if isinstance(child, ast.stmt):
            yield child, inner
        yield from _walk(child, at_load=inner)


def _circle_from(
    name: str, below: dict[str, set[str]], way: list[str], done: set[str]
) -> list[str]:
    if name in way:
        return [*way[way.index(name) :], name]
    if name in done:
        return []
    for target in sorted(below[name]):
        if found := _circle_from(target, below, [*way, name], done):
            return found
    done.add(name)
    return []
