"""The public pages as parents would see them after the next publishing."""

import re
from typing import Any

from flask import Flask, Response, current_app, make_response, redirect, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from geo.atlas import Atlas
from server.atlas_keeper import showing
from server.composing import NotPublishable
from server.console.frame import page, tell
from server.console.gate import needs
from server.db import db
from server.edition_cache import CannotStore
from server.permissions import Action
from server.previews import Previews, WithdrawnPreview
from server.publishing_plan import SMALL, is_small
from server.staff.blueprint import staff

BANNER = Markup(
    '<div class="preview-banner" role="status"><strong>预览 · 未发布</strong> '
    "这是下一次发布以后家长看到的样子，不含地图和搜索提示。"
    '<a href="{}">回到发布</a></div>'
)

_SCRIPTS = re.compile(
    r"<script\b[^>]*\bsrc=[^>]*></script>|<link rel=\"(?:manifest|modulepreload)\"[^>]*>"
)

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
"""No script runs: scripts would ask the API, which knows the edition in force alone."""


def previews() -> Previews:
    """This process's previews."""
    extensions = current_app.extensions
    found: Previews = extensions.setdefault("previews", Previews(extensions["settings"]))
    return found


@staff.get("/preview")
@needs(Action.VIEW)
def start_preview() -> AnyResponse:
    """Make a preview of what is approved now."""
    if not is_small(db.session):
        tell(f"条目超过 {SMALL} 条，不提供整站预览；请看下面的差异。", "bad")
        return redirect(url_for("staff.publishing"), 303)
    try:
        digest = previews().digest(current_app.extensions["city"])
    except NotPublishable:
        tell("有问题要先解决，才能预览。", "bad")
        return redirect(url_for("staff.publishing"), 303)
    except CannotStore as error:
        tell(f"预览没有做成：{error}", "bad")
        return redirect(url_for("staff.publishing"), 303)
    return redirect(url_for("staff.preview", digest=digest, path=""))


@staff.get("/preview/<string(length=32):digest>/", defaults={"path": ""})
@staff.get("/preview/<string(length=32):digest>/<path:path>")
@needs(Action.VIEW)
def preview(digest: str, path: str) -> AnyResponse:
    """One public page, read from the preview's atlas."""
    if not is_small(db.session):
        return redirect(url_for("staff.publishing"), 303)
    try:
        atlas = previews().atlas(digest, current_app.extensions["city"])
    except WithdrawnPreview:
        return page("staff/preview_gone.html", 410)
    # Let the page have the database's one connection of this thread, should it want it.
    db.session.remove()
    if not _is_public(path):
        return redirect("/" + path.lstrip("/\\"))
    return _shown(digest, path, atlas)


def _is_public(path: str) -> bool:
    """Whether a path is a page of the public map, or what such a page is made of."""
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(f"/{path}", method="GET")
    except HTTPException:
        # The public map's own page says that there is none.
        return True
    return str(endpoint).startswith("webmap.") or endpoint == "static"


def _shown(digest: str, path: str, atlas: Atlas) -> Response:
    """Ask the application itself, as if it were mounted here: so its links stay within."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    root = url_for("staff.preview", digest=digest, path="").rstrip("/")
    environ: dict[str, Any] = dict(request.environ)
    environ |= {"SCRIPT_NAME": root, "PATH_INFO": f"/{path}", "REQUEST_METHOD": "GET"}
    for name in ("HTTP_IF_NONE_MATCH", "HTTP_ACCEPT_ENCODING", "HTTP_IF_MODIFIED_SINCE"):
        environ.pop(name, None)
    with showing(atlas):
        inner = Response.from_app(Flask.wsgi_app.__get__(app), environ, buffered=True)
    shown = make_response(inner.get_data(), inner.status_code)
    shown.content_type = inner.content_type or "text/html"
    if inner.location:
        shown.headers["Location"] = inner.location
    if inner.mimetype == "text/html":
        shown.set_data(_marked(inner.get_data(as_text=True)))
    shown.headers["Content-Security-Policy"] = POLICY
    shown.headers["X-Robots-Tag"] = "noindex, nofollow"
    return shown


def _marked(html: str) -> str:
    """The page with the banner on it, and without what would not be let in anyway."""
    banner = BANNER.format(url_for("staff.publishing"))
    return _SCRIPTS.sub("", html).replace(
        '<header class="top">', f'{banner}<header class="top">', 1
    )
