"""Tests that measure run alone: other test processes wait meanwhile, between two of their own."""

import fcntl
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Take a turn with the other processes of this run, if there are any."""
    folder = _shared(item.config)
    alone = item.get_closest_marker("alone") is not None
    with _turn(folder, alone=alone) if folder is not None else nullcontext():
        return (yield)


def _shared(config: pytest.Config) -> Path | None:
    if not hasattr(config, "workerinput"):
        return None
    factory: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]
    return factory.getbasetemp().parent


@contextmanager
def _turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Be in the room, with others or alone.

    Who waits to be alone keeps the door, so that nobody else comes in before.
    """
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with (folder / "room.lock").open("w") as room:
        with (folder / "door.lock").open("w") as door:
            fcntl.flock(door, kind)
            fcntl.flock(room, kind)
        yield
