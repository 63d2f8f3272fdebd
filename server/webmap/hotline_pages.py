"""The telephone lines. Whoever opens this page may not want it to be known.

Its title and what messengers show of it are neutral, it can be left at a tap, no request for it
is counted or logged, and its address goes to nobody as a referrer.
"""

from flask import Response, current_app, render_template, request

from server.pages import hotline_lines
from server.webmap.blueprint import atlas_now, fresh, webmap
from server.webmap.kindly import read_moment


@webmap.get("/hotlines")
def hotlines() -> Response:
    """All telephone lines."""
    query, said = read_moment(request.args)
    lines = hotline_lines(atlas_now(), query.moment())
    leave_to = current_app.extensions["settings"].leave_to
    page = render_template("webmap/hotlines.html", lines=lines, said=said, leave_to=leave_to)
    return fresh(page, query)
