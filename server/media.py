"""The photos, as the public gets them: ``/media/<id>-<width>.jpg``.

A picture never changes under its name, so it is kept for ever by whoever has it. It is found by
its name alone, on the disk: neither the database nor an edition is asked.
"""

import re

from flask import Blueprint, Response, abort, current_app, send_file

from geo.photo import LARGE, SMALL, WIDTHS
from server import files
from server.assets import FOR_EVER

media = Blueprint("media", __name__)

_NAME = re.compile(rf"([0-9a-f]{{64}})-({'|'.join(map(str, WIDTHS))})\.jpg")


@media.get("/media/<name>")
def photo(name: str) -> Response:
    """One size of a photo; nothing else that is in the store of files."""
    asked = _NAME.fullmatch(name)
    if asked is None:
        abort(404)
    sha256, width = asked.groups()
    folder = files.folder(current_app.extensions["settings"])
    # Only of photos is there a small size; the large one is the stored file itself.
    small = folder.path(sha256, f"-{SMALL}.jpg")
    path = folder.path(sha256, "" if int(width) == LARGE else f"-{width}.jpg")
    if not (small.is_file() and path.is_file()):
        abort(404)
    response = send_file(path, mimetype="image/jpeg", etag=name.removesuffix(".jpg"))
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
