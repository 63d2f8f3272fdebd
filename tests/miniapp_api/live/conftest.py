"""A bus company's program before the operators' door, and what is counted meanwhile."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from config.settings import Settings
from tests.miniapp_api.live.company import Company, opened


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    settings = Settings(
        _env_file=None, instance=tmp_path, database_url=f"sqlite:///{tmp_path / 'map.db'}"
    )
    yield from opened(settings)


@pytest.fixture
def counted() -> Callable[[str], float]:
    """How often a result was counted since the test began."""

    def count(result: str, name: str = "tongyou_positions_total") -> float:
        return REGISTRY.get_sample_value(name, {"result": result}) or 0.0

    before: dict[tuple[str, str], float] = {
        (sample.name, sample.labels["result"]): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if "result" in sample.labels
    }

    def since(result: str, name: str = "tongyou_positions_total") -> float:
        return count(result, name) - before.get((name, result), 0.0)

    return since
