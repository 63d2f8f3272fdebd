"""Does the documentation say what there is, all of it and nothing else?"""

import re
from pathlib import Path

import pytest
from apiflask import APIFlask

from app import create_app
from config.settings import ROOT, Settings

OPERATIONS = (ROOT / "docs/operations.md").read_text("utf-8")
API = (ROOT / "docs/api.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [
    "README.md",
    "docs/operations.md",
    "docs/staff.md",
    "docs/ledger.md",
    "docs/api.md",
    "docs/decisions.md",
    "docs/performance.md",
]
BASE = "/api/v1"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    return create_app(Settings(_env_file=None, instance=tmp_path_factory.mktemp("docs")))


def settings_table() -> dict[str, str]:
    """What the operator's guide gives as the default of each setting."""
    rows = re.findall(r"^\| `TONGYOU_(\w+)` \| (.+?) \|", OPERATIONS, re.MULTILINE)
    return {name.lower(): default for name, default in rows}


def paths(text: str) -> set[str]:
    """The paths that a text names in headings or backticks, without their query."""
    found = re.findall(r"(?:^#+ [A-Z]+ |`(?:[A-Z]+ )?)(/[^`?\s]*)", text, re.MULTILINE)
    return {path.removesuffix("/") for path in found}


def leads_somewhere(app: APIFlask, path: str) -> bool:
    """Whether the router knows the path, as it stands or below the API's base."""
    router = app.url_map.bind("localhost")
    example = re.sub(r"{\w+}", "1", path)
    methods = ("GET", "POST", "PUT")
    return any(router.test(start + example, way) for start in ("", BASE) for way in methods)


def test_is_every_setting_documented_and_every_documented_one_real() -> None:
    assert set(settings_table()) == set(Settings.model_fields)
    named = {name.lower() for name in re.findall(r"TONGYOU_(\w+)", OPERATIONS + README)}
    assert named <= set(Settings.model_fields)


def test_are_the_documented_defaults_the_real_ones() -> None:
    wrong = {}
    for name, told in settings_table().items():
        default = Settings.model_fields[name].default
        if isinstance(default, Path):
            default = default.relative_to(ROOT)
        if default not in ("", None) and "PydanticUndefined" not in str(default):
            wrong |= {name: (told, default)} if told != f"`{default}`" else {}
    assert wrong == {}


def test_is_every_flask_command_documented_and_every_documented_one_real(app: APIFlask) -> None:
    ours = {
        name
        for name, command in app.cli.commands.items()
        if str(getattr(command.callback, "__module__", None)).startswith("server.")
    }
    told = set(re.findall(r"\.venv/bin/flask ([\w-]+)", OPERATIONS))
    assert {"init", "publish", "rollback"} <= ours
    assert ours <= told
    assert told <= ours


def test_is_every_make_target_documented_and_every_documented_one_real() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^\.PHONY: ([\w-]+)$", makefile, re.MULTILINE))
    told = set(re.findall(r"make ([a-z-]+)", OPERATIONS + README))
    assert targets == told


def test_is_every_endpoint_documented_and_every_documented_one_real(app: APIFlask) -> None:
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    ours = {rule for rule in rules if rule.startswith((f"{BASE}/", "/internal/"))} | {
        "/healthz",
        "/readyz",
        "/metrics",
    }
    told = paths(API)
    assert {path for path in ours if not {path, path.removeprefix(BASE)} & told} == set()
    assert {path for path in told if path != BASE and not leads_somewhere(app, path)} == set()


@pytest.mark.parametrize("name", PAGES)
def test_does_every_link_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"(?:\]\(|src=\")([^)#\s\"]+)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_does_the_readme_lead_to_every_page_and_picture() -> None:
    for path in (ROOT / "docs").rglob("*.*"):
        assert path.relative_to(ROOT).as_posix() in README


def test_are_the_modules_of_the_decisions_there() -> None:
    text = (ROOT / "docs/decisions.md").read_text("utf-8")
    named = set(re.findall(r"`((?:geo|server|miniapp_api|config)/[^`]+)`", text))
    assert len(named) > 10
    for name in named:
        assert (ROOT / name).exists(), name


def test_are_the_folders_of_the_readme_there() -> None:
    map_of_folders = README.partition("## 文件夹")[2].partition("## 文档")[0]
    for name in re.findall(r"`([^`]+)`", map_of_folders):
        assert (ROOT / name).exists(), name
