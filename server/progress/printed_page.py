"""The printed form: a page for the browser to print, and a Word document; of one version."""

from flask import Response, abort, make_response, render_template

from server.attachments import attachment
from server.console.gate import needs
from server.db import db
from server.ledger import items, paper, reports, seal_code
from server.ledger.demo_mark import MARK, is_demo
from server.ledger.paper import HEADINGS, LIST_HEADINGS, Paper
from server.outside import takes_long
from server.permissions import Action
from server.progress.asked import Asked, asked, city
from server.progress.blueprint import progress

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@progress.get("/<period>/<int:action>/<unit>/print", defaults={"number": 0})
@progress.get("/<period>/<int:action>/<unit>/print/<int:number>")
@needs(Action.VIEW_LEDGER)
def printed(period: str, action: int, unit: str, number: int) -> Response:
    """A version as it is printed; without a number what is typed, marked as a draft."""
    of = asked(period, action, unit)
    form = _paper(of, number)
    page = render_template(
        "progress/printed.html",
        asked=of,
        paper=form,
        headings=HEADINGS,
        list_headings=LIST_HEADINGS,
        drawing=seal_code.drawing(form.code) if form.code else None,
    )
    return make_response(page)


@progress.get("/<period>/<int:action>/<unit>/print/<int:number>.docx")
@needs(Action.VIEW_LEDGER)
@takes_long
def printed_docx(period: str, action: int, unit: str, number: int) -> Response:
    """The same as a Word document."""
    # Loading it takes a moment, and few workers ever need it.
    from server.ledger.paper_docx import document

    form = _paper(asked(period, action, unit), number)
    response = make_response(document(form))
    response.mimetype = WORD
    name = f"{unit}-{form.number or '草稿'}.docx"
    response.headers["Content-Disposition"] = attachment(name)
    return response


def _paper(of: Asked, number: int) -> Paper:
    report = reports.find(db.session, of.key)
    remark = MARK if is_demo(db.session, of.programme.year) else ""
    if number:
        made = reports.version(db.session, report, number) if report else None
        if made is None:
            abort(404)
        return paper.of_version(of.programme, city(), made, remark)
    return paper.of_draft(
        of.programme,
        city(),
        of.key,
        reports.draft_of(report),
        report.correction if report else "",
        items.lists(db.session, of.programme.year, of.key),
        remark,
    )
