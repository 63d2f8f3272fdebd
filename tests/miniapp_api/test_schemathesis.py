"""Does schemathesis find anything against the running server?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import ROOT
from tests import wechat_standin
from tests.miniapp_api.questions import OPERATORS_CALLS, PERSONS_CALLS, REQUESTS
from tests.miniapp_api.running import Server, running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with wechat_standin.running() as wechat:
        environment = {
            "TONGYOU_WECHAT_URL": wechat.base,
            "TONGYOU_WECHAT_APP_ID": wechat_standin.APP_ID,
            "TONGYOU_WECHAT_APP_SECRET": wechat_standin.SECRET,
            "TONGYOU_SIGN_INS_PER_ADDRESS": "100000",
            "TONGYOU_CALLS_PER_ADDRESS": "1000000",
            "TONGYOU_REPORTS_PER_ADDRESS": "100000",
        }
        with running(tmp_path, workers=1, **environment) as server:
            yield server


@pytest.mark.slow
def test_schemathesis_finds_nothing(server: Server) -> None:
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    limits = ["--max-examples", "3", "--seed", "20261124", "--workers", "1", "--no-color"]
    # No answer of ours leads to another request, so that there are no states to walk through; how
    # fast examples are made is a question of the machine.
    limits += ["--phases", "examples,coverage,fuzzing", "--suppress-health-check", "too_slow"]
    done = subprocess.run(
        [*command, "run", f"{server.address}/api/v1/openapi.json", *limits],
        cwd=ROOT,
        env=os.environ | {"SCHEMATHESIS_OPERATOR": server.token},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "schemathesis.toml" in done.stdout
    all_ = len(REQUESTS) + len(PERSONS_CALLS) + len(OPERATORS_CALLS)
    assert f"Tested: {all_}" in done.stdout or f"Selected: {all_}/{all_}" in done.stdout, (
        done.stdout
    )
