"""One report: opened, saved, handed in, withdrawn, corrected."""

from collections.abc import Iterable

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.console.frame import tell
from server.console.gate import EXPIRED, me, needs
from server.db import db, now
from server.ledger import reports, typed
from server.ledger.checks import Unready
from server.ledger.reports import Overtaken
from server.permissions import Action
from server.progress import report_form as forms
from server.progress.asked import Asked, asked, city
from server.progress.blueprint import progress
from server.progress.report_form import NO_EDIT, Clash, Form
from server.revisions import Refused, writing

NOT_READY = "还不能提交，请看下面标出的地方。"
NO_BASE = "还没有保存：表单缺少它所依据的版本。请核对后再保存一次。"
CLASHING = "您填报的时候，{}也改了这份报表，有几处和您填的不一样。请逐处选定，然后再保存。"
UNDECIDED = "还没有保存：请在每一处不同里选定一个。"
JOINED = "您填报的时候，{}也改了这份报表（{}）；没有冲突，已合并保存，请看过再提交。"


@progress.get("/<period>/<int:action>/<unit>")
@needs(Action.VIEW_LEDGER)
def report(period: str, action: int, unit: str) -> Response:
    """The report as it stands, and what can be done with it."""
    return forms.show(forms.opened(asked(period, action, unit)))


@progress.post("/<period>/<int:action>/<unit>")
@needs(Action.REPORT, keeps_text=True)
def keep_report(period: str, action: int, unit: str) -> AnyResponse:
    """Save what is typed, hand it in, or take it back."""
    of = asked(period, action, unit)
    act = request.form.get("act", "save")
    if act in _MOVED:
        return _expired(of) if g.expired else _move(forms.posted(of), act)
    return _keep(forms.posted(of), hand_in=act == "submit")


def _expired(of: Asked) -> Response:
    # A button's form carries no field of the report: what is saved is shown, not what was sent.
    return forms.show(forms.opened(of), 400, EXPIRED)


def _keep(form: Form, *, hand_in: bool) -> AnyResponse:
    decided = _chosen(form)
    if g.expired:
        return _again(form, EXPIRED, 400)
    if form.edit == NO_EDIT:
        form.edit = form.report.edit if form.report else 0
        return _again(form, NO_BASE, 428)
    if not decided:
        return _again(form, UNDECIDED, 409)
    try:
        _save(form)
        return _back(form.asked, _hand_in(form) if hand_in else "草稿已保存。")
    except Overtaken as overtaken:
        return _join(form, overtaken)
    except Unready as error:
        form.mistakes = error.mistakes
        return _again(form, NOT_READY, 422)
    except Refused as error:
        return _again(form, f"没有保存：{error}。", 409)


def _save(form: Form) -> None:
    of = form.asked
    draft = typed.read(form.fields, of.form)
    with writing(db.session):
        report = reports.save(db.session, me(), of.programme, of.key, draft, form.edit, now())
    form.edit, form.base, form.report = report.edit, typed.flat(draft), report


def _hand_in(form: Form) -> str:
    """Hand in what was saved just now; what to do next. If it can't be, it stays saved."""
    of = form.asked
    given = (db.session, me(), of.programme, of.key, form.edit, city(), now())
    with writing(db.session):
        made = reports.submit(*given)
    late = "（逾期）" if made.late else ""
    return f"已提交第 {made.number} 版{late}。请打印、盖章后上传扫描件。"


def _join(form: Form, overtaken: Overtaken) -> AnyResponse:
    """Somebody else has saved meanwhile: join the two, or let the person choose."""
    theirs = overtaken.report
    if theirs is None:
        return _again(form, f"没有保存：{overtaken}。", 412)
    stands = typed.flat(reports.draft_of(theirs))
    merged = typed.merge(form.base, stands, form.fields)
    who = forms.saved_by(theirs)
    form.report, form.edit, form.base, form.fields = theirs, theirs.edit, stands, merged.fields
    if merged.clashes:
        form.clashes = _clashes(form, merged.clashes)
        return _again(form, CLASHING.format(who), 412)
    try:
        _save(form)
    except Refused as error:
        return _again(form, f"没有保存：{error}。", 412)
    what = "、".join(form.label(name) for name in merged.taken) or "和您填的一样"
    return _back(form.asked, JOINED.format(who, what))


def _clashes(form: Form, names: Iterable[str]) -> list[Clash]:
    return [
        Clash(name, form.label(name), form.value(name), form.base.get(name, "")) for name in names
    ]


def _chosen(form: Form) -> bool:
    """Take over what was chosen where two had changed one field; False: not all is decided."""
    undecided = False
    for name in request.form.getlist("clash"):
        picked = request.form.get(f"pick.{name}")
        if picked == "theirs":
            form.fields[name] = form.base.get(name, "")
        elif picked != "mine":
            undecided = True
    if undecided:
        form.clashes = _clashes(form, request.form.getlist("clash"))
    return not undecided


def _move(form: Form, act: str) -> AnyResponse:
    of, given = form.asked, (me(), form.asked.programme, form.asked.key)
    try:
        with writing(db.session):
            match act:
                case "withdraw":
                    reports.withdraw(db.session, *given, form.edit, now())
                case "correct":
                    reason = request.form.get("correction", "")
                    reports.correct(db.session, *given, reason, form.edit)
                case _:
                    reports.drop_correction(db.session, *given, form.edit)
    except Refused as error:
        return forms.show(forms.opened(of), 409, f"没有办成：{error}。")
    return _back(of, _MOVED[act])


_MOVED = {
    "withdraw": "已撤回，可以继续修改。",
    "correct": "已发起更正；改好后再提交、盖章。更正通过前，原来的数据仍然有效。",
    "drop_correction": "已放弃更正，原来通过的数据不变。",
}


def _again(form: Form, told: str, status: int) -> Response:
    """The form with all that was typed, and why it was not done."""
    form.told = told
    return forms.show(form, status)


def _back(of: Asked, message: str) -> AnyResponse:
    tell(message)
    return redirect(url_for("progress.report", **of.address), 303)
