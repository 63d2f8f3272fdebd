"""One item of a list: changed, taken off, its evidence."""

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.console.frame import tell
from server.console.gate import EXPIRED, me, needs, takes
from server.db import db, now
from server.ledger import item_keeping
from server.ledger.item_checks import WrongItems
from server.ledger.people import refuse_unseen
from server.models import ListedItem, StoredFile
from server.permissions import Action
from server.progress import item_form as forms
from server.progress.asked import city, programme_of
from server.progress.blueprint import progress
from server.progress.files_page import TAKEN_ONE, keep_one, served, uploads
from server.revisions import Refused, writing


@progress.get("/items/<int:id_>")
@needs(Action.REPORT)
def item(id_: int) -> Response:
    """The form of an item."""
    row = _row(id_)
    return forms.show_item(row, forms.as_raw(row))


@progress.post("/items/<int:id_>")
@needs(Action.REPORT, keeps_text=True)
@takes(TAKEN_ONE)
def change_item(id_: int) -> AnyResponse:
    """Change an item, or take it off its list."""
    row = _row(id_)
    raw = forms.as_raw(row) | dict(request.form.items())
    if g.expired:
        return forms.show_item(row, raw, EXPIRED, 400)
    programme = programme_of(row.year)
    back = url_for("progress.item_list", year=row.year, indicator=row.indicator, unit=row.unit)
    try:
        if raw.get("act") == "remove":
            with writing(db.session):
                reason = raw.get("reason", "")
                item_keeping.remove(db.session, me(), programme, id_, reason, now())
            tell("已从清单移除。")
            return redirect(back, 303)
        said, found = forms.read(raw), uploads("file")
        with writing(db.session):
            file_id = keep_one(found)
            item_keeping.change(
                db.session, me(), programme, id_, said, raw.get("was", ""), city(), now(),
                file_id,
            )  # fmt: skip
    except WrongItems as error:
        return forms.show_item(row, raw, "没有保存：", 422, forms.numbered({}, error))
    except Refused as error:
        row = _row(id_)
        # What stands now is what the next attempt goes on from: it has been shown.
        raw["was"] = item_keeping.stamp(row)
        return forms.show_item(row, raw, f"没有保存：{error}。", 409)
    tell("已保存。")
    return redirect(back, 303)


@progress.get("/items/<int:id_>/file")
@needs(Action.VIEW_LEDGER)
def item_file(id_: int) -> Response:
    """The file that an item's evidence is."""
    row = db.session.get(ListedItem, id_)
    if row is None or row.file_id is None:
        abort(404)
    refuse_unseen(me(), row.unit)
    return served(db.session.get(StoredFile, row.file_id))


def _row(id_: int) -> ListedItem:
    """An item that is the person's to change; 404 if it is not there.

    Raises:
        server.ledger.people.Unseen: it is another unit's.
    """
    row = db.session.get(ListedItem, id_, populate_existing=True)
    if row is None or row.removed_at is not None:
        abort(404)
    refuse_unseen(me(), row.unit)
    return row
