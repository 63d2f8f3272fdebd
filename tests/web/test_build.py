"""Is a build whole or not there, and what pages need of it small enough for a phone?"""

import gzip
import json
import re
from pathlib import Path

import brotli
import pytest

from config.settings import ROOT
from server.assets import CONSOLE
from web import build as builder

ENTRIES = {"home.js", "page.js", "site.js", "bus.js", "sw.js", "map.css", "console.js"}
OUTLINES = {"outlines.wgs84.json", "outlines.gcj02.json", "outlines.bd09.json"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of its own, apart from the one that is served."""
    builder.install()
    folder = tmp_path_factory.mktemp("static") / "built"
    builder.build(folder)
    return folder


def manifest(built: Path) -> dict[str, str]:
    return json.loads((built / "manifest.json").read_text("utf-8"))


def test_is_everything_there_that_pages_ask_for(built: Path) -> None:
    assert set(manifest(built)) == ENTRIES | OUTLINES
    assert all((built / file).is_file() for file in manifest(built).values())


def test_does_every_file_lie_ready_compressed_beside_itself(built: Path) -> None:
    files = [path for path in built.iterdir() if path.suffix in (".js", ".css", ".json")]
    files.remove(built / "manifest.json")
    assert len(files) > len(manifest(built))
    for path in files:
        body = path.read_bytes()
        assert brotli.decompress(path.with_name(f"{path.name}.br").read_bytes()) == body
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == body


def test_are_all_scripts_of_either_door_together_within_90_kb_compressed(built: Path) -> None:
    scripts = list(built.glob("*.js.br"))
    console = [path for path in scripts if path.name.startswith(CONSOLE)]
    assert len(console) > 1
    assert sum(path.stat().st_size for path in console) <= 90_000
    assert sum(path.stat().st_size for path in scripts if path not in console) <= 90_000


def test_does_the_console_load_leaflet_only_with_a_map(built: Path) -> None:
    entry_name = manifest(built)["console.js"]
    entry = (built / entry_name).read_text("utf-8")
    assert len(entry) < 10_000
    # What it names at its beginning is fetched with it; what is behind import( is not.
    named = re.findall(r'(?:from|import)\s*"\./([^"]+)"', entry)
    assert all((built / one).stat().st_size < 10_000 for one in named)
    others = [path for path in built.glob("console-*.js") if path.name != entry_name]
    assert any("leaflet" in path.read_text("utf-8") for path in others)


def test_do_outlines_cost_less_than_15_kb(built: Path) -> None:
    for name in OUTLINES:
        assert (built / f"{manifest(built)[name]}.br").stat().st_size < 15_000


def test_does_the_style_load_nothing_from_anywhere(built: Path) -> None:
    css = (built / manifest(built)["map.css"]).read_text("utf-8")
    assert "url(" not in css
    assert "@import" not in css
    assert ".leaflet-pane" in css


def test_do_the_scripts_name_no_foreign_host_to_load_from(built: Path) -> None:
    for path in built.glob("*.js"):
        code = path.read_text("utf-8")
        assert "eval(" not in code
        assert "new Function" not in code
        assert "unpkg.com" not in code


def test_does_a_build_come_out_the_same_again(built: Path, tmp_path: Path) -> None:
    builder.build(tmp_path / "built")
    assert manifest(tmp_path / "built") == manifest(built)


def test_does_a_failed_build_leave_the_old_one_standing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = tmp_path / "built"
    standing.mkdir()
    (standing / "manifest.json").write_text("{}", encoding="utf-8")
    halves = set((ROOT / "build").glob("web-*"))
    # node finds no bundler under this name and stops, as it does at a fault in a source.
    monkeypatch.setattr(builder, "BUNDLER", "no-such-bundler.mjs")
    with pytest.raises(builder.CannotBuild, match="node 没有完成：Error: Cannot find module"):
        builder.build(standing)
    assert [path.name for path in standing.iterdir()] == ["manifest.json"]
    assert set((ROOT / "build").glob("web-*")) == halves


def test_does_a_new_build_take_the_place_of_the_old(tmp_path: Path) -> None:
    standing = tmp_path / "built"
    standing.mkdir()
    (standing / "old-A1.js").touch()
    builder.build(standing)
    assert not (standing / "old-A1.js").exists()
    assert (standing / "manifest.json").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["built"]


def test_is_a_fault_in_a_source_told_by_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "wrong.mjs"
    esbuild = (builder.WEB / "node_modules/esbuild/lib/main.js").as_uri()
    wrong.write_text(
        f"import {{ build }} from '{esbuild}';\n"
        "await build({ stdin: { contents: 'const = 1', sourcefile: 'home.ts' } });\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(builder, "BUNDLER", str(wrong))
    with pytest.raises(
        builder.CannotBuild, match=r"home\.ts:1:6: ERROR: Expected identifier"
    ) as caught:
        builder.build(tmp_path / "built")
    assert "\n" not in str(caught.value)


def test_is_an_unreachable_npm_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("package.json", "package-lock.json"):
        (tmp_path / name).write_bytes((builder.WEB / name).read_bytes())
    monkeypatch.setattr(builder, "WEB", tmp_path)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(builder.CannotBuild, match=r"npm 没有完成：.*ECONNREFUSED") as caught:
        builder.install()
    assert "\n" not in str(caught.value)


def test_is_a_missing_node_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(builder.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(builder.CannotBuild, match="没有找到 node"):
        builder.build(tmp_path / "built")


def test_does_the_lock_name_every_package_by_its_hash_and_none_by_its_address() -> None:
    lock = json.loads((builder.WEB / "package-lock.json").read_text("utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in one and "resolved" not in one for one in packages.values())


def test_are_all_packages_pinned() -> None:
    package = json.loads((builder.WEB / "package.json").read_text("utf-8"))
    wanted = package["dependencies"] | package["devDependencies"]
    assert all(version[0].isdigit() for version in wanted.values())
