"""Can everything be tried by hand, with the settings that the stand-in prints?"""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from app import create_app
from config.settings import ROOT, Settings
from server.wechat import WeChat, WeChatDown, events
from server.wechat.events import PushEvent
from tests.services import free_port
from tests.serving import PATIENCE
from tests.wechat_standin import openid_of


@pytest.fixture(scope="module")
def printed() -> Iterator[dict[str, str]]:
    """What ``make wechat-standin`` says is to be set, by the names of the settings."""
    command = [sys.executable, "-m", "tests.wechat_standin", str(free_port())]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    lines = []
    while not lines or "operations.md" not in lines[-1]:
        lines.append(running.stdout.readline())
        assert lines[-1], lines
    yield {
        name.lower(): value
        for name, value in re.findall(r"^export TONGYOU_(\w+)=(\S+)$", "".join(lines), re.MULTILINE)
    }
    running.send_signal(signal.SIGINT)
    assert "已停止" in running.communicate(timeout=PATIENCE)[0]


def control(settings: dict[str, str], act: str, /, **said: Any) -> Any:
    answer = requests.post(f"{settings['wechat_url']}/standin/{act}", json=said, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_is_everything_set_that_there_is(printed: dict[str, str]) -> None:
    ours = {name for name in Settings.model_fields if name.startswith("wechat_")}
    good_as_they_are = {"wechat_version", "wechat_cloud", "wechat_bus_fields", "wechat_bus_page"}
    assert set(printed) == ours - good_as_they_are


def test_can_a_person_sign_in_and_get_a_message(printed: dict[str, str], tmp_path: Path) -> None:
    client = WeChat(Settings(_env_file=None, instance=tmp_path, **printed))
    code = control(printed, "codes", who="anna")["code"]
    assert client.code_to_session(code).openid == openid_of("anna")
    assert client.code_to_session("try-anna-1").openid == openid_of("anna")
    assert control(printed, "consents", who="anna", template_id="T1")["left"] == 1
    client.send_subscribe_message(openid_of("anna"), "T1", {"thing1": "停运"})
    told = requests.get(f"{printed['wechat_url']}/standin/messages", timeout=10).json()
    assert [message["template_id"] for message in told] == ["T1"]
    counts = requests.get(f"{printed['wechat_url']}/standin/counts", timeout=10).json()
    assert counts["/sns/jscode2session"] == 2


def test_can_faults_be_switched(printed: dict[str, str], tmp_path: Path) -> None:
    client = WeChat(Settings(_env_file=None, instance=tmp_path, **printed))
    control(printed, "faults", kind="html", path="/sns")
    with pytest.raises(WeChatDown):
        client.code_to_session("try-anna-2")
    requests.delete(f"{printed['wechat_url']}/standin/faults", timeout=10)
    assert client.code_to_session("try-anna-2").openid == openid_of("anna")


def test_can_consent_be_pushed(
    printed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[PushEvent] = []
    monkeypatch.setattr(events, "_HOOKS", [heard.append])
    app = create_app(Settings(_env_file=None, instance=tmp_path / "instance", **printed))
    server = make_server("127.0.0.1", 0, app)
    threading.Thread(target=server.handle_request, daemon=True).start()
    to = f"http://127.0.0.1:{server.server_port}/api/v1/wechat/push"
    told = control(printed, "pushes", who="anna", template_id="T1", status="reject", to=to)
    server.server_close()
    assert told == {"status": 200, "answer": "success"}
    assert [(one.openid, one.news[0].accepted) for one in heard] == [(openid_of("anna"), False)]
