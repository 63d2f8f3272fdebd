"""Posters with the code of a base's passport stamp: made, printed one by one or all, revoked."""

import base64
from typing import NamedTuple

import structlog
from flask import (
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from config.settings import Settings
from geo.city import City
from server import files, qr
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.console.sign_in import secret_key
from server.db import db
from server.models import Scene, StoredFile
from server.outside import TooManyOutside, waits_outside
from server.passport import bases, scenes
from server.permissions import Action
from server.revisions import Refused, writing
from server.staff.blueprint import staff
from server.staff.listing_table import rows
from server.staff.subjects import Subject, subject
from server.wechat import WeChatError, wechat

log = structlog.get_logger()

PAGE = "pages/check-in/index"
"""Of the mini-program: what a scanned code opens."""
WIDTH = 860
"""Pixels of WeChat's code: sharp on paper at 7 cm."""


class Poster(NamedTuple):
    """One base's sheet."""

    id: int
    name: str
    district: str
    scene: Scene | None
    picture: str
    """As a ``data:`` address; empty without a code."""


@staff.get("/posters", endpoint="posters")
@needs(Action.VIEW)
def every_poster() -> Response:
    """All bases on the map, and whether they have a code."""
    return page("staff/posters.html", section="staff.listings", posters=_posters(drawn=False))


@staff.get("/posters/print")
@needs(Action.EDIT)
def print_posters() -> Response:
    """All sheets, to be printed: one a page."""
    found = [one for one in _posters(drawn=True) if one.scene is not None]
    return make_response(render_template("staff/poster_print.html", posters=found))


@staff.get("/listings/<int:id_>/poster")
@needs(Action.EDIT)
def poster(id_: int) -> Response:
    """One base's sheet."""
    about = _base(id_)
    return page(
        "staff/poster.html",
        section="staff.listings",
        about=about,
        poster=_one(about),
        merged=scenes.of_merged(db.session, id_),
        into=subject(about.listing.merged_into_id) if about.listing.merged_into_id else None,
        why_not=about.why_not_edit(me()),
        from_wechat=wechat().configured,
    )


@staff.get("/listings/<int:id_>/poster/print")
@needs(Action.EDIT)
def print_poster(id_: int) -> Response:
    """One base's sheet, to be printed; of one that is gone there is none to hang."""
    about = _base(id_)
    one = _one(about)
    if one.scene is None or about.listing.state != "active":
        abort(404)
    return make_response(render_template("staff/poster_print.html", posters=[one]))


@staff.post("/listings/<int:id_>/poster")
@needs(Action.EDIT)
@waits_outside
def make_poster(id_: int) -> AnyResponse:
    """Make the base's code, and ask WeChat for its picture where there is a mini-program."""
    about = _base(id_)
    try:
        _allowed(about)
        with writing(db.session):
            scene = scenes.make(db.session, me(), secret_key(), id_)
            code, pictured = scene.code, scene.picture_id is not None
        if wechat().configured and not pictured:
            _ask_wechat(id_, code)
    except Refused as refused:
        tell(f"没有办成：{refused}。", "bad")
    return redirect(url_for("staff.poster", id_=id_), 303)


@staff.post("/listings/<int:id_>/poster/renew")
@needs(Action.REVIEW)
def renew_poster(id_: int) -> AnyResponse:
    """Revoke the code that hangs there and make another."""
    about = _base(id_)
    try:
        _allowed(about)
        with writing(db.session):
            scenes.renew(db.session, me(), secret_key(), id_)
        tell("旧码已停用，新码已生成；请把馆里的海报换下来。")
    except Refused as refused:
        tell(f"没有办成：{refused}。", "bad")
    return redirect(url_for("staff.poster", id_=id_), 303)


def _base(id_: int) -> Subject:
    about = subject(id_)
    shown = about.shown.document if about.shown else {}
    if about.listing.type != "site" or shown.get("kind") != bases.KIND:
        abort(404)
    return about


def _one(about: Subject) -> Poster:
    district = str((about.shown.document if about.shown else {}).get("district", ""))
    scene = scenes.of_base(db.session, about.id)
    return _poster(about.id, about.name, _titles().get(district, ""), scene, drawn=True)


def _titles() -> dict[str, str]:
    city: City = current_app.extensions["city"]
    return {term.code: term.title for term in city.districts}


def _allowed(about: Subject) -> None:
    if told := about.why_not_edit(me()):
        raise Refused(told)


def _ask_wechat(id_: int, code: str) -> None:
    """Keep WeChat's picture of a code; without it the sheet has a QR code."""
    try:
        told = wechat().unlimited_code(code, PAGE, width=WIDTH)
    except (WeChatError, TooManyOutside) as error:
        log.warning("mini_program_code_not_made", listing=id_, error=type(error).__name__)
        tell("微信这时没有给出小程序码，先用二维码；稍后可再试。", "bad")
        return
    with writing(db.session):
        scene = scenes.of_base(db.session, id_)
        if scene is None or scene.code != code:
            return
        kept = files.store(
            db.session, told.content, told.media_type, f"小程序码 {id_}", me().account_id
        )
        scenes.keep_picture(db.session, me(), scene, kept)


def _posters(*, drawn: bool) -> list[Poster]:
    titles, known = _titles(), scenes.of_bases(db.session)
    return [
        _poster(
            row.id,
            row.approved.name,
            titles.get(row.approved.district, ""),
            known.get(row.id),
            drawn=drawn,
        )
        for row in rows()
        if row.type == "site"
        and row.state == "active"
        and row.approved is not None
        and row.approved.kind == bases.KIND
    ]


def _poster(id_: int, name: str, district: str, scene: Scene | None, *, drawn: bool) -> Poster:
    picture = _picture(scene) if drawn and scene is not None else ""
    return Poster(id_, name, district, scene, picture)


def _picture(scene: Scene) -> str:
    kept = db.session.get(StoredFile, scene.picture_id) if scene.picture_id else None
    if kept is None:
        return qr.drawing(scene.code, "q")
    settings: Settings = current_app.extensions["settings"]
    try:
        with files.open_(settings, kept.sha256) as file:
            body = base64.b64encode(file.read()).decode("ascii")
    except files.CannotKeep:
        return qr.drawing(scene.code, "q")
    return f"data:{kept.media_type};base64,{body}"
