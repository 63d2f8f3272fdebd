"""Does a position that one process takes reach those who ask another?"""

import urllib.request
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from geo.opening import SHANGHAI
from tests.miniapp_api.running import running

LINE = 121
"""Of the starting data."""

ASKED = 40
"""New connections, which the two workers share: that one of them gets none is a matter of luck
that does not come about."""


@pytest.mark.slow
def test_all_workers_know_of_what_one_was_told(tmp_path: Path) -> None:
    with running(tmp_path, workers=2) as server:
        for vehicle in ("C1", "C2"):
            position = {"route": LINE, "lon": 118.0, "lat": 36.84, "at": datetime.now(SHANGHAI)}
            request = urllib.request.Request(
                f"{server.address}/internal/v1/vehicles/{vehicle}/position",
                orjson.dumps(position),
                {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request) as reply:
                assert orjson.loads(reply.read())["result"] == "accepted"
        known = set()
        for _ in range(ASKED):
            with urllib.request.urlopen(
                f"{server.address}/api/v1/bus/routes/{LINE}/vehicles"
            ) as reply:
                known.add(tuple(one["vehicle"] for one in orjson.loads(reply.read())["items"]))
        assert known == {("C1", "C2")}
