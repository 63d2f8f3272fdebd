"""Do pages find what was built, does it travel compressed, and is nothing else given out?"""

import gzip
import json
import os
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from server import assets

HOME = b"console.log('home');\n" * 100
STYLE = "body { color: #123; }\n" * 100
WORKER = b"self.addEventListener('install', () => {});\n" * 30
FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A static folder as a build leaves it, and a secret beside it."""
    static = tmp_path / "static"
    built = static / "built"
    built.mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (static / "site.css").write_text(STYLE, encoding="utf-8")
    (static / "icon.svg").write_text("<svg/>", encoding="utf-8")
    for name, body in (
        ("home-A1.js", HOME),
        ("chunk-B2.js", b"1;"),
        ("console-D4.js", b"2;"),
        ("sw-C3.js", WORKER),
    ):
        (built / name).write_bytes(body)
        (built / f"{name}.br").write_bytes(brotli.compress(body))
        (built / f"{name}.gz").write_bytes(gzip.compress(body))
    manifest = {"home.js": "home-A1.js", "sw.js": "sw-C3.js"}
    (built / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return static


@pytest.fixture
def app(static: Path) -> Flask:
    app = Flask("assets", static_folder=None)
    assets.register(app, static)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def url(app: Flask, name: str) -> str | None:
    with app.app_context():
        return assets.url(name)


def test_does_a_template_find_what_was_built_by_its_plain_name(app: Flask) -> None:
    with app.test_request_context():
        assert app.jinja_env.from_string("{{ asset('home.js') }}").render() == (
            "/static/built/home-A1.js"
        )
    assert url(app, "page.js") is None


def test_does_the_address_of_a_stylesheet_change_with_its_content(app: Flask, static: Path) -> None:
    before = url(app, "site.css")
    assert before is not None
    assert before.startswith("/static/site.css?v=")
    assert url(app, "site.css") == before
    (static / "site.css").write_text("body {}", encoding="utf-8")
    assert url(app, "site.css") != before


@pytest.mark.parametrize(
    ("accepted", "coding", "opened"),
    [
        ("gzip, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("", None, bytes),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ],
)
def test_does_a_built_file_come_in_the_coding_that_is_asked_for(
    client: FlaskClient, accepted: str, coding: str | None, opened: object
) -> None:
    response = client.get("/static/built/home-A1.js", headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == coding
    assert opened(response.data) == HOME  # type: ignore[operator]
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == FOR_EVER
    assert "Accept-Encoding" in response.headers["Vary"]


def test_is_the_stylesheet_compressed_though_nobody_built_it(client: FlaskClient) -> None:
    response = client.get("/static/site.css", headers={"Accept-Encoding": "br"})
    assert brotli.decompress(response.data).decode() == STYLE
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"


def test_is_a_file_kept_for_ever_only_under_the_address_of_its_content(
    app: Flask, client: FlaskClient
) -> None:
    assert client.get(url(app, "site.css") or "").headers["Cache-Control"] == FOR_EVER
    for address in ("/static/site.css", "/static/site.css?v=", "/static/site.css?v=older"):
        assert client.get(address).headers["Cache-Control"] == "public, max-age=300"


def test_is_a_file_that_the_browser_has_not_sent_again(client: FlaskClient) -> None:
    headers = {"Accept-Encoding": "br"}
    first = client.get("/static/built/home-A1.js", headers=headers)
    again = client.get(
        "/static/built/home-A1.js", headers=headers | {"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    # What it has is one coding; another is another.
    other = client.get(
        "/static/built/home-A1.js",
        headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]},
    )
    assert other.status_code == 200


def test_does_head_tell_what_get_would(client: FlaskClient) -> None:
    headers = {"Accept-Encoding": "br"}
    got = client.get("/static/built/home-A1.js", headers=headers)
    head = client.head("/static/built/home-A1.js", headers=headers)
    assert head.data == b""
    assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize(
    "address",
    [
        "/static/../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/static/built/../../secret.txt",
        "/static/built/..%2f..%2fsecret.txt",
        "/static//etc/passwd",
        "/static/built/",
        "/static/built",
        "/static/",
        "/static/built/home-A1.js.br",
        "/static/built/home-A1.js.gz",
        "/static/none.css",
        "/static/built/%00",
    ],
)
def test_is_nothing_else_given_out(client: FlaskClient, address: str) -> None:
    response = client.get(address, follow_redirects=True)
    assert response.status_code == 404
    assert b"secret" not in response.data


def test_does_the_worker_know_the_whole_shell_and_itself_stay_fresh(
    app: Flask, client: FlaskClient
) -> None:
    response = client.get("/sw.js")
    first, _, code = response.data.partition(b"\n")
    shell = json.loads(first.removeprefix(b"self.SHELL = ").removesuffix(b";"))
    assert shell == [
        url(app, "site.css"),
        url(app, "icon.svg"),
        "/static/built/chunk-B2.js",
        "/static/built/home-A1.js",
    ]
    assert code == WORKER
    assert response.headers["Service-Worker-Allowed"] == "/"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.mimetype == "text/javascript"
    assert all(client.get(one).status_code == 200 for one in shell)


def test_does_another_stylesheet_make_another_worker(client: FlaskClient, static: Path) -> None:
    before = client.get("/sw.js")
    (static / "site.css").write_text("body {}", encoding="utf-8")
    after = client.get("/sw.js", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.data != before.data


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        b"",
        b"{",
        b"[]",
        b'"home.js"',
        b'{"home.js": 7}',
        b'{"home.js": "gone-D4.js"}',
        b'{"home.js": "../site.css"}',
        b'{"home.js": "../../secret.txt"}',
        b"\xff\xfe",
    ],
)
def test_do_pages_go_without_scripts_when_the_build_is_missing_or_damaged(
    app: Flask, client: FlaskClient, static: Path, manifest: bytes | None
) -> None:
    path = static / "built" / "manifest.json"
    path.unlink()
    if manifest is not None:
        path.write_bytes(manifest)
    assert url(app, "home.js") is None
    assert client.get("/sw.js").status_code == 404
    assert url(app, "site.css") is not None


def test_is_a_later_build_taken_up_while_the_service_runs(app: Flask, static: Path) -> None:
    built = static / "built"
    assert url(app, "home.js") == "/static/built/home-A1.js"
    (built / "home-A2.js").write_bytes(HOME)
    manifest = built / "manifest.json"
    manifest.write_text('{"home.js": "home-A2.js"}', encoding="utf-8")
    os.utime(manifest, ns=(1, 1))
    assert url(app, "home.js") == "/static/built/home-A2.js"
