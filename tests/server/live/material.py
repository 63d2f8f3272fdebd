"""Material of the tests of live data: positions and statements."""

import time
from datetime import date, datetime

from geo.opening import SHANGHAI
from geo.run_state import RunState, Said, planned
from geo.vehicle_rules import Position
from server.live import LiveStore
from server.live.board import LiveBoard
from server.live.store import Change

NOW = time.time()
TODAY = datetime.now(SHANGHAI).date()


def position(vehicle: str = "鲁C12345", at: float = 0.0, **more: object) -> Position:
    fields = {
        "operator": "公交公司",
        "vehicle": vehicle,
        "route": 101,
        "trip": "m1",
        "lon": 118.05,
        "lat": 36.8,
        "at": NOW + at,
        "received_at": NOW + at,
    }
    return Position(**fields | more)  # type: ignore[arg-type]


def change(state: str | None = "late", by: str = "公交公司", minute: int = 0) -> Change:
    at = datetime(2026, 11, 24, 6, minute, tzinfo=SHANGHAI)
    said = None
    if state is not None:
        said = Said(state=state, said_by=by, said_at=at, minutes=5, phone="12345")  # type: ignore[arg-type]
    return Change(by, at, said)


def put(store: LiveStore, *positions: Position) -> list[str]:
    return [store.put(one, within_city=True) for one in positions]


def vehicles(store: LiveStore, route: int = 101, at: float = 0.0) -> set[str]:
    return {one.vehicle for one in store.vehicles(route, NOW + at).positions}


def state_of(board: LiveBoard, day: date, now: datetime) -> RunState:
    """How the run of route 101 stands."""
    (run,) = board._book().runs(101, day, now)
    return board.news(101, day, now).state(run.trip, planned(run), now)
