"""Does ``make`` say plainly what a machine lacks, and go on where it was interrupted?"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config.settings import ROOT

STAMP = Path(".venv/.serving-installed")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which nothing is installed and the service is a word on the screen."""
    requirements = sorted(path.name for path in ROOT.glob("requirements*.txt"))
    for name in ("Makefile", *requirements):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def python(clone: Path, **answers: str) -> Path:
    """A stand-in for python3: for the first word found in its arguments it runs the answer."""
    cases = "\n".join(f'  *"{word}"*) {answer};;' for word, answer in answers.items())
    path = clone / "python-stand-in"
    path.write_text(f'#!/bin/sh\ncase "$*" in\n{cases}\n  *) exit 0;;\nesac\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # These tests may run under make themselves; this one is to know nothing of it.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS")) and name not in ("ARGS", "PYTHON")
    }
    return subprocess.run(
        ["make", *arguments],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_is_a_missing_python_told(clone: Path) -> None:
    done = make(clone, "serve", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert done.stdout == "没有找到 python3：请先运行 sudo apt install python3 python3-venv\n"


def test_is_an_old_python_told(clone: Path) -> None:
    old = python(clone, version_info="exit 1", **{"-V": "echo Python 3.9.2"})
    done = make(clone, "serve", f"PYTHON={old}")
    assert done.returncode != 0
    assert done.stdout.startswith("Python 3.9.2 太旧，需要 Python 3.11 以上：")
    assert done.stdout.count("\n") == 1


def test_is_a_missing_venv_module_told(clone: Path) -> None:
    bare = python(clone, ensurepip="exit 1", print="echo python3.11-venv")
    done = make(clone, "serve", f"PYTHON={bare}")
    assert done.returncode != 0
    assert done.stdout == ("缺少 Python 的 venv 模块：请先运行 sudo apt install python3.11-venv\n")


INSIDE = """#!/bin/sh
case "$*" in
  *requirements.txt*) exit ${INSTALL:-0};;
  *web.build*)
    test -z "$NO_BUILD" || exit 1
    mkdir -p server/static/built && touch server/static/built/manifest.json;;
  *serve.py*) echo served;;
esac
"""
MANIFEST = "server/static/built/manifest.json"


@pytest.fixture
def stand_in(clone: Path) -> Path:
    """A python3 that makes an environment whose own Python does what ``INSIDE`` says."""
    (clone / "inside").write_text(INSIDE, encoding="utf-8")
    (clone / "inside").chmod(0o755)
    venv = "mkdir -p .venv/bin && cp inside .venv/bin/python"
    return python(clone, ensurepip="exit 0", **{"-m venv": venv})


def test_does_a_failed_installation_leave_no_stamp(
    clone: Path, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTALL", "1")
    failed = make(clone, "serve", f"PYTHON={stand_in}")
    assert failed.returncode != 0
    assert "程序包没有装完" in failed.stdout
    assert not (clone / STAMP).exists()

    monkeypatch.delenv("INSTALL")
    again = make(clone, "serve", f"PYTHON={stand_in}")
    assert again.returncode == 0
    assert "安装完毕。\n" in again.stdout
    assert again.stdout.endswith("served\n")
    assert (clone / STAMP).exists()
    assert (clone / MANIFEST).exists()

    third = make(clone, "serve", f"PYTHON={stand_in}")
    assert third.stdout == "served\n"


def test_does_the_service_start_where_scripts_can_not_be_built(
    clone: Path, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_BUILD", "1")
    without = make(clone, "serve", f"PYTHON={stand_in}")
    assert without.returncode == 0
    assert "网页的脚本没有构建成" in without.stdout
    assert without.stdout.endswith("served\n")

    monkeypatch.delenv("NO_BUILD")
    with_them = make(clone, "serve", f"PYTHON={stand_in}")
    assert "没有构建成" not in with_them.stdout
    assert (clone / MANIFEST).exists()


def test_are_scripts_built_again_when_their_source_has_changed(clone: Path, stand_in: Path) -> None:
    source = clone / "web" / "src" / "home.ts"
    source.parent.mkdir(parents=True)
    source.touch()
    make(clone, "serve", f"PYTHON={stand_in}")
    assert make(clone, "serve", f"PYTHON={stand_in}").stdout == "served\n"
    built = (clone / MANIFEST).stat().st_mtime
    os.utime(source, (built + 10, built + 10))
    assert make(clone, "serve", f"PYTHON={stand_in}").stdout.startswith("构建网页的脚本")


def test_does_help_list_every_target() -> None:
    targets = {
        line.partition(":")[2].strip()
        for line in (ROOT / "Makefile").read_text("utf-8").splitlines()
        if line.startswith(".PHONY:")
    }
    listed = {line.split()[1] for line in make(ROOT, "help").stdout.splitlines()}
    assert listed == targets
    assert {"serve", "test", "lint", "bench", "lock", "clean", "help"} <= targets
