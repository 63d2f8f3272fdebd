"""Does schemathesis find anything against the running server?"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import ROOT
from tests.miniapp_api.questions import REQUESTS
from tests.serving import Service


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The real server on an instance of its own, with the starting data."""
    service = Service(tmp_path / "instance")
    try:
        yield service.until_ready().base
    finally:
        service.end()


@pytest.mark.slow
def test_schemathesis_finds_nothing(address: str) -> None:
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    limits = ["--max-examples", "3", "--seed", "20261124", "--workers", "1", "--no-color"]
    # No answer of ours leads to another request, so that there are no states to walk through; how
    # fast examples are made is a question of the machine.
    limits += ["--phases", "examples,coverage,fuzzing", "--suppress-health-check", "too_slow"]
    done = subprocess.run(
        [*command, "run", f"{address}/api/v1/openapi.json", *limits],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "schemathesis.toml" in done.stdout
    all_ = len(REQUESTS)
    assert f"Tested: {all_}" in done.stdout or f"Selected: {all_}/{all_}" in done.stdout, (
        done.stdout
    )
