"""Is the access token fetched by one at a time, early enough, and once more when it must be?"""

import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
import redis
from flask import Flask

from config.settings import Settings
from server.outside import GOES_ON, TURN, waiting
from server.wechat import WeChat, WeChatDown, WeChatRefused
from server.wechat import token as token_module
from server.wechat import token_store as store_module
from server.wechat.token import Fetched, Tokens
from server.wechat.token_store import Kept, TokenStore, store_of
from tests.server.wechat.conftest import Settle
from tests.services import RedisServer
from tests.serving import wait_for
from tests.wechat_standin import StandIn, openid_of

ANN = openid_of("ann")
TOKEN, CHECK = "/cgi-bin/stable_token", "/wxa/msg_sec_check"

Shared = Callable[[], Settings]


@pytest.fixture(params=["file", "redis"])
def shared(request: pytest.FixtureRequest, standin: StandIn, settle: Settle) -> Shared:
    """Settings under which workers share what they share in a file, or in Redis."""
    standin.state.visits[ANN] = time.time()
    if request.param == "file":
        return settle
    server: RedisServer = request.getfixturevalue("redis_server")
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
    return lambda: settle(redis_url=server.url)


def check(client: WeChat) -> str:
    return client.check_text(ANN, "x").suggest


def kept(store: TokenStore) -> Kept:
    found = store.read()
    assert found is not None
    return found


def test_do_many_threads_make_one_request(shared: Shared, standin: StandIn) -> None:
    standin.faults.add("slow", TOKEN, seconds=0.3)
    met = threading.Barrier(8)

    def ask(client: WeChat) -> str:
        met.wait(10)
        return check(client)

    # As many clients as workers have, two threads each.
    clients = [WeChat(shared()) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, clients * 2)) == {"pass"}
    assert standin.state.count(TOKEN) == 1
    assert standin.state.count(CHECK) == 8


FORK = multiprocessing.get_context("fork")


def _work(settings: Settings, go: Event, told: "Queue[str]", lock_s: float) -> None:
    store_module.LOCK_S = lock_s
    client = WeChat(settings)
    go.wait(30)
    told.put(check(client))


def test_do_two_workers_make_one_request(shared: Shared, standin: StandIn) -> None:
    standin.faults.add("slow", TOKEN, seconds=0.3)
    go, told = FORK.Event(), FORK.Queue()
    args = shared(), go, told, store_module.LOCK_S
    workers = [FORK.Process(target=_work, args=args) for _ in range(2)]
    for one in workers:
        one.start()
    go.set()
    assert [told.get(timeout=30) for _ in workers] == ["pass"] * 2
    for one in workers:
        one.join(10)
    assert standin.state.count(TOKEN) == 1
    assert standin.state.count(CHECK) == 2


def test_does_the_lock_of_a_dead_worker_end(shared: Shared, standin: StandIn) -> None:
    standin.faults.add("slow", TOKEN, times=1, seconds=2.0)
    go = FORK.Event()
    go.set()
    dying = FORK.Process(target=_work, args=(shared(), go, FORK.Queue(), 0.5))
    dying.start()
    wait_for(lambda: standin.state.count(TOKEN) == 1, 10, lambda: "it never asked")
    dying.kill()
    dying.join(10)
    assert check(WeChat(shared())) == "pass"
    assert standin.state.count(TOKEN) == 2


def test_does_whoever_waits_for_the_token_let_its_fetcher_go_on(shared: Shared) -> None:
    # As in the slow lane, where threads take turns at everything but waiting.
    app, turn = Flask("lane"), threading.Lock()
    lane = {TURN: turn, GOES_ON: threading.Event()}
    begun, come = threading.Event(), threading.Event()
    fetched = []

    def fetch(*, force: bool) -> Fetched:
        fetched.append(force)
        with waiting():
            assert come.wait(10)
        return Fetched("A" * 600, 7200)

    def first() -> str:
        with turn, app.test_request_context(environ_overrides=lane):
            begun.set()
            return Tokens(store_of(shared()), fetch).current()

    def second() -> str:
        begun.wait(10)
        with turn, app.test_request_context(environ_overrides=lane):
            come.set()
            return Tokens(store_of(shared()), fetch).current()

    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(first), threads.submit(second)]
        assert {one.result(20) for one in asked} == {"A" * 600}
    assert fetched == [False]


def test_is_a_kept_token_used_by_those_who_come_later(shared: Shared, standin: StandIn) -> None:
    for _ in range(2):
        check(WeChat(shared()))
    assert standin.state.count(TOKEN) == 1
    assert standin.state.asked[0][1]["force_refresh"] is False


def test_is_a_token_renewed_before_its_end(shared: Shared, standin: StandIn) -> None:
    client, store = WeChat(shared()), store_of(shared())
    check(client)
    first = kept(store)
    assert 6800 < first.renew_at - time.time() <= 6900
    standin.state.tokens[-1].renewed_from = 0
    store.write(Kept(first.token, time.time() - 1, time.time() + 200, 0))
    check(client)
    assert kept(store).token != first.token
    assert standin.state.count(TOKEN) == 2


def test_is_the_old_token_good_while_no_new_one_is_to_be_had(
    shared: Shared, standin: StandIn
) -> None:
    client, store = WeChat(shared()), store_of(shared())
    check(client)
    store.write(Kept(kept(store).token, time.time() - 1, time.time() + 200, 0))
    standin.faults.add("html", TOKEN)
    assert check(client) == "pass"
    with store.only_one(1.0) as mine:
        # Another is at it: nobody waits for that.
        assert mine
        assert check(client) == "pass"
    store.write(Kept(kept(store).token, time.time() - 1, time.time() + 10, 0))
    with pytest.raises(WeChatDown):
        check(client)


def test_is_a_token_that_expired_early_renewed_by_one(shared: Shared, standin: StandIn) -> None:
    clients = [WeChat(shared()) for _ in range(4)]
    check(clients[0])
    standin.state.expire_tokens()
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(check, clients)) == {"pass"}
    assert standin.state.count(TOKEN) == 2


def test_is_a_token_thrown_away_that_wechat_gives_and_does_not_take(
    shared: Shared, standin: StandIn
) -> None:
    client = WeChat(shared())
    check(client)
    standin.faults.add("errcode", CHECK, times=1, errcode=40001)
    assert check(client) == "pass"
    forced = [asked["force_refresh"] for path, asked in standin.state.asked if path == TOKEN]
    assert forced == [False, False, True]
    # But not again within the half minute in which WeChat would refuse it.
    standin.faults.add("errcode", CHECK, times=1, errcode=40001)
    with pytest.raises(WeChatDown):
        check(client)
    assert standin.state.count(TOKEN) == 4


def test_is_a_wrong_secret_told_as_such(standin: StandIn, settle: Settle) -> None:
    client = WeChat(settle(wechat_app_secret="wrong"))
    with pytest.raises(WeChatRefused, match="40125"):
        check(client)


def test_may_nobody_else_read_the_token(standin: StandIn, settle: Settle) -> None:
    standin.state.visits[ANN] = time.time()
    settings = settle()
    check(WeChat(settings))
    folder = settings.instance / "wechat"
    (path,) = folder.glob("token-*.json")
    assert path.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    assert standin.state.tokens[0].text in path.read_text()
    path.write_text("{half")
    assert check(WeChat(settings)) == "pass"


def test_does_a_rehearsals_token_never_reach_wechat(standin: StandIn, settle: Settle) -> None:
    rehearsal, real = store_of(settle()), store_of(settle(wechat_url="https://api.weixin.qq.com"))
    rehearsal.write(Kept("token", time.time() + 100, time.time() + 200, 0))
    assert real.read() is None


def test_does_a_machine_without_its_redis_ask_for_itself(
    standin: StandIn, settle: Settle, tmp_path: Path
) -> None:
    standin.state.visits[ANN] = time.time()
    server = RedisServer()
    server.start()
    client = WeChat(settle(redis_url=server.url))
    assert check(client) == "pass"
    assert not list(tmp_path.rglob("token-*.json"))
    server.stop()
    assert [check(client), check(client)] == ["pass", "pass"]
    assert standin.state.count(TOKEN) == 2
    assert list(tmp_path.rglob("token-*.json"))


def test_is_a_wait_for_another_bounded(
    shared: Shared, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_module, "WAIT_S", 0.2)
    with store_of(shared()).only_one(0) as mine:
        assert mine
        with pytest.raises(WeChatDown) as caught:
            check(WeChat(shared()))
    assert not caught.value.maybe_done
    assert standin.state.asked == []
