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
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
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


def test_does_a_failed_installation_leave_no_stamp(clone: Path) -> None:
    inside = '#!/bin/sh\ncase "$*" in *install*) exit 1;; *serve.py*) echo served;; esac\n'
    (clone / "inside").write_text(inside, encoding="utf-8")
    (clone / "inside").chmod(0o755)
    venv = "mkdir -p .venv/bin && cp inside .venv/bin/python"
    stand_in = python(clone, ensurepip="exit 0", **{"-m venv": venv})

    failed = make(clone, "serve", f"PYTHON={stand_in}")
    assert failed.returncode != 0
    assert "程序包没有装完" in failed.stdout
    assert not (clone / STAMP).exists()

    (clone / ".venv/bin/python").write_text(inside.replace("exit 1", "exit 0"), encoding="utf-8")
    again = make(clone, "serve", f"PYTHON={stand_in}")
    assert again.returncode == 0
    assert again.stdout.endswith("安装完毕。\nserved\n")
    assert (clone / STAMP).exists()

    third = make(clone, "serve", f"PYTHON={stand_in}")
    assert third.stdout == "served\n"


def test_does_help_list_every_target() -> None:
    targets = {
        line.partition(":")[2].strip()
        for line in (ROOT / "Makefile").read_text("utf-8").splitlines()
        if line.startswith(".PHONY:")
    }
    listed = {line.split()[1] for line in make(ROOT, "help").stdout.splitlines()}
    assert listed == targets
    assert {"serve", "test", "lint", "bench", "lock", "clean", "help"} <= targets
