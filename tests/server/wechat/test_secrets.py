"""Does the service keep WeChat's secrets from whoever signs in, and from its own log?"""

import logging
from collections.abc import Iterator

import pytest
import structlog

from app import create_app
from server.db import db
from tests.server.wechat.conftest import Settle
from tests.wechat_standin import SECRET, StandIn, openid_of

FAULTS = ("drop", "html", "status", "garbage", "errcode")


@pytest.fixture
def _log_ends_here() -> Iterator[None]:
    """The app logs to where errors go when it is made, which is closed after this test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("_log_ends_here")
def test_is_no_secret_in_any_answer_or_log(
    standin: StandIn,
    settle: Settle,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("server.wechat.client.PAUSES", ())
    app = create_app(settle())
    with app.app_context():
        db.create_all()
    client, told = app.test_client(), []
    for kind in FAULTS:
        standin.faults.clear()
        standin.faults.add(kind)  # type: ignore[arg-type]
        answer = client.post("/api/v1/session", json={"code": f"try-ann-{kind}"})
        assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
        assert answer.headers["Retry-After"]
        told.append(answer.text)
    standin.faults.clear()
    assert client.post("/api/v1/session", json={"code": "try-ann-1"}).status_code == 200
    ours = [record for record in caplog.records if not record.name.startswith("werkzeug")]
    told += [*capsys.readouterr(), *(record.getMessage() for record in ours)]
    text = "\n".join(told)
    assert text.count("wechat_down") == len(FAULTS)
    for secret in (SECRET, openid_of("ann"), "try-ann-", "session_key"):
        assert secret not in text
