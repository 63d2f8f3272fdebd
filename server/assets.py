"""What pages load: built scripts and styles, the stylesheet, the icon. Ready-compressed.

``asset("home.js")`` in a template gives the address of the file that ``web/build.py`` made of
it, or None where nothing was built: pages work without. An address carries a hash of the content,
so that it may be kept for ever.
"""

import gzip
import hashlib
import json
import mimetypes
from functools import lru_cache
from pathlib import Path

import brotli
import structlog
from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.security import safe_join

from server.compression import SMALLEST, negotiate

STATIC = Path(__file__).resolve().parent / "static"
BUILT = "built"
CODINGS = ("br", "gzip")
SUFFIXES = {"br": ".br", "gzip": ".gz"}

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
WORKER = "sw.js"
CONSOLE = "console-"
"""What the names of the console's built files begin with; parents' phones keep none of them."""

log = structlog.get_logger()
assets = Blueprint("assets", __name__)


def register(app: Flask, static: Path = STATIC) -> None:
    """Serve the folder ``static`` and give templates ``asset``."""
    app.extensions["static"] = static
    app.register_blueprint(assets)
    # The name by which Flask's own pages and ours ask for a file's address.
    app.add_url_rule("/static/<path:filename>", "static", _serve)
    app.add_template_global(url, "asset")


def url(name: str) -> str | None:
    """The address of a built file by its logical name, or of a file in ``static``; None if there
    is no such thing."""
    static: Path = current_app.extensions["static"]
    built = _manifest(static).get(name)
    if built is not None:
        return f"/static/{BUILT}/{built}"
    path = static / name
    return f"/static/{name}?v={_digest(path, *_stamp(path))}" if path.is_file() else None


def built_file(name: str) -> Path | None:
    """A built file by its logical name, to be read; None where nothing was built."""
    static: Path = current_app.extensions["static"]
    built = _manifest(static).get(name)
    return static / BUILT / built if built is not None else None


@assets.get("/sw.js")
def worker() -> Response:
    """The service worker, told what makes up the shell; it has no hash in its address, as a
    browser asks for the same one again and again."""
    static: Path = current_app.extensions["static"]
    built = _manifest(static)
    if WORKER not in built:
        abort(404)
    files = sorted(path.name for path in (static / BUILT).iterdir())
    shell = [url("site.css"), url("icon.svg")]
    shell += [
        f"/static/{BUILT}/{file}"
        for file in files
        if file.endswith((".js", ".css", ".json"))
        and file not in ("manifest.json", built[WORKER])
        and not file.startswith(CONSOLE)
    ]
    code = (static / BUILT / built[WORKER]).read_bytes()
    body = f"self.SHELL = {json.dumps([one for one in shell if one])};\n".encode() + code
    response = _answer(body, "text/javascript", hashlib.sha256(body).hexdigest()[:16], "no-cache")
    response.headers["Service-Worker-Allowed"] = "/"
    return response


def _serve(filename: str) -> Response:
    static: Path = current_app.extensions["static"]
    joined = safe_join(str(static), filename)
    path = Path(joined) if joined else None
    if path is None or not path.is_file() or path.suffix in SUFFIXES.values():
        abort(404)
    tag = _digest(path, *_stamp(path))
    for_ever = filename.startswith(f"{BUILT}/") or request.args.get("v") == tag
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _answer(path.read_bytes(), kind, tag, FOR_EVER if for_ever else FOR_A_WHILE, path)


def _answer(body: bytes, kind: str, tag: str, keep: str, path: Path | None = None) -> Response:
    """The body in the coding that the client likes; each coding has its own ETag."""
    coding = None
    if len(body) >= SMALLEST and not kind.startswith(("image/png", "image/jpeg", "font/")):
        coding = negotiate(request.headers.get("Accept-Encoding", ""), CODINGS)
    response = Response(_coded(body, coding, path) if coding else body, content_type=kind)
    if kind.startswith("text/") or kind == "application/json":
        response.content_type = f"{kind}; charset=utf-8"
    response.headers["Cache-Control"] = keep
    response.vary.add("Accept-Encoding")
    if coding:
        response.headers["Content-Encoding"] = coding
    response.set_etag(f"{tag}-{coding}" if coding else tag)
    response.make_conditional(request)
    return response


def _coded(body: bytes, coding: str, path: Path | None) -> bytes:
    if path is not None:
        ready = path.with_name(path.name + SUFFIXES[coding])
        if ready.is_file():
            return ready.read_bytes()
    return _compressed(body, coding)


@lru_cache(maxsize=32)
def _compressed(body: bytes, coding: str) -> bytes:
    """As small as it goes: it is made once and sent to everyone."""
    if coding == "br":
        return bytes(brotli.compress(body, quality=11))
    return gzip.compress(body, compresslevel=9, mtime=0)


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when the file does."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=256)
def _digest(path: Path, _changed: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _manifest(static: Path) -> dict[str, str]:
    """Logical name to file, as built last; empty where nothing usable was built."""
    path = static / BUILT / "manifest.json"
    try:
        return _read_manifest(path, *_stamp(path))
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=8)
def _read_manifest(path: Path, _changed: int, _size: int) -> dict[str, str]:
    try:
        told: dict[str, str] = json.loads(path.read_bytes())
        missing = [file for file in told.values() if not _is_beside(path, file)]
    except (ValueError, OSError, AttributeError, TypeError) as error:
        missing = [type(error).__name__]
    if missing:
        log.warning("built_assets_unusable", missing=missing)
        return {}
    return told


def _is_beside(manifest: Path, file: str) -> bool:
    return Path(file).name == file and (manifest.parent / file).is_file()
