"""报告问题: one tap that says what is wrong with a listing, and its receipt looked up.

The pages that carry the buttons are cached by everybody, so there is no token in them; nobody is
signed in, so there is nothing to be had by forging one. That the post comes from our own page is
seen from what browsers say of it. Which listing is meant stands in the body of the post alone:
nothing that is written down anywhere tells a report on a telephone line from another.
"""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as AnyResponse

from config.settings import Settings
from server import coded_reports as rules
from server.db import db
from server.limits import REPORTS, Rule, by_address
from server.listed import listed
from server.models import CodedReport
from server.pages import error_page
from server.revisions import Refused, writing
from server.row_ids import LARGEST_ID
from server.webmap.blueprint import atlas_now

reporting = Blueprint("reporting", __name__, template_folder="templates")

RULES = (
    REPORTS,
    Rule("person-address", lambda settings: f"{settings.calls_per_address}/minute", by_address),
)
"""What the pages are held to; look-ups count with the calls of the mini-program's users."""

STATES = {"received": "已收到", "checking": "核实中", "changed": "已改", "declined": "没有改"}
"""What became of a report, as people read it."""

NOT_OURS = "这份报告不是从本站的页面发出的，没有收下。请打开条目的页面再点一次。"
NOT_READ = "这份报告没有看懂，没有收下。请回到条目的页面再点一次。"
AWAY = "现在暂时不能收报告，请过几分钟再试。"


_STATUS: dict[type[Refused], int] = {rules.NotThere: 404, rules.Gone: 410}


class Tapped(BaseModel):
    """What was tapped, and on which listing."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    listing: int = Field(ge=1, le=LARGEST_ID)
    what: Literal["did_not_come", "left_early", "late", "wrong_position", "wrong_phone", "closed"]


class Asked(BaseModel):
    """The receipt that somebody asks about, as it was typed."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    receipt: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


@reporting.app_template_global()
def can_be_wrong(type_: str) -> list[tuple[str, str]]:
    """What can be wrong with a listing of a type: codes, and how people call them."""
    return [(what, rules.WORDS[what]) for what in rules.FITTING[type_]]


@reporting.post("/reports")
def send() -> AnyResponse:
    """Take a report; whoever sent it is led to its receipt."""
    if not _from_our_page():
        return error_page(403, NOT_OURS)
    try:
        tapped = Tapped.model_validate(request.form.to_dict())
        one = rules.meant(atlas_now(), tapped.listing)
        with writing(db.session):
            receipt = rules.spoken(rules.receive(db.session, one.id, one.type, tapped.what))
    except ValidationError:
        return error_page(400, NOT_READ)
    except Refused as refused:
        return error_page(_STATUS.get(type(refused), 409), f"{refused}。")
    except OperationalError:
        return error_page(503, AWAY)
    return redirect(url_for("reporting.look_up", receipt=receipt), 303)


@reporting.get("/reports")
def look_up() -> Response:
    """What became of a report, asked by its receipt; without one a form to ask with."""
    try:
        asked = Asked.model_validate(request.args.to_dict())
    except ValidationError:
        return _page("", None, 404)
    if not asked.receipt:
        return _page("", None)
    try:
        found = rules.look_up(db.session, asked.receipt)
    except OperationalError:
        return error_page(503, AWAY)
    return _page(asked.receipt, found, 200 if found else 404)


def _page(typed: str, found: CodedReport | None, status: int = 200) -> Response:
    settings: Settings = current_app.extensions["settings"]
    page = render_template(
        "webmap/report.html",
        typed=typed,
        found=found,
        missing=status == 404,
        receipt=rules.spoken(found) if found else "",
        about=listed(atlas_now(), found.listing_id) if found else None,
        words=rules.WORDS,
        states=STATES,
        leave_to=settings.leave_to,
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _from_our_page() -> bool:
    """Whether the post comes from a page of ours, as far as the browser tells.

    Our pages send no referrer, for which browsers write ``Origin: null``; those that don't know
    ``Sec-Fetch-Site``, or see no https, are taken at that. A program that says nothing is let in:
    it is not somebody else's page.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    public = current_app.extensions["settings"].public_url
    return origin == "null" or urlsplit(origin).netloc in {request.host, urlsplit(public).netloc}
