"""Does a web worker hold only what most requests need? Each library here takes 1 to 15 MB."""

import json
import subprocess
import sys
from pathlib import Path

from config.settings import ROOT

LATER = (
    "PIL",
    "alembic",
    "cryptography",
    "defusedxml",
    "docx",
    "filetype",
    "huey",
    "lxml",
    "openpyxl",
    "psycopg",
    "pypdfium2",
    "pypinyin",
    "redis",
    "requests",
    "rich",
    "segno",
    "sqlalchemy.dialects.postgresql",
    "zxingcpp",
)
"""Loaded by those who need them, when they do."""

SCRIPT = f"""
import json, sys
from app import create_app
from config.settings import Settings
create_app(Settings(_env_file=None, instance=sys.argv[1]))
print(json.dumps([name for name in {LATER} if name in sys.modules]))
"""


def test_does_a_worker_start_without_what_few_requests_need(tmp_path: Path) -> None:
    started = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(started.stdout) == []
