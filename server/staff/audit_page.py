"""The audit trail: looked up, and checked on demand."""

from dataclasses import asdict, replace
from datetime import date

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import audit
from server.audit_search import Wanted, actions, actors, search
from server.console.frame import page, tell
from server.console.gate import needs
from server.db import db
from server.permissions import Action
from server.row_ids import row_id
from server.staff import audit_words as words
from server.staff.blueprint import staff


@staff.get("/audit")
@needs(Action.AUDIT)
def audit_trail() -> Response:
    """What was done, the newest first."""
    wanted, mistakes = _asked()
    found = search(db.session, wanted)
    asked = {key: value for key, value in asdict(wanted).items() if value not in ("", None)}
    asked.pop("before", None)
    return page(
        "staff/audit.html",
        400 if mistakes else 200,
        events=found.events,
        older=found.older,
        wanted=wanted,
        asked=asked,
        mistakes=mistakes,
        words=words,
        districts={one.code: one.title for one in current_app.extensions["city"].districts},
        people=[(one, words.ACTORS.get(one, one)) for one in actors(db.session)],
        deeds=sorted(((one, words.title(one)) for one in actions(db.session)), key=_by_title),
        head=audit.head(db.session),
    )


@staff.post("/audit/verify")
@needs(Action.AUDIT)
def verify_audit() -> AnyResponse:
    """Follow the whole chain and say how far it holds."""
    broken, head = audit.verify(db.session), audit.head(db.session)
    if broken is None:
        tell(f"已逐条核对：到第 {head.number} 条为止完整。末条摘要 {head.hash}")
    else:
        tell(f"审计记录不完整：{broken.message}。请立即联系运维人员，不要再改动数据库。", "bad")
    return redirect(url_for("staff.audit_trail"), 303)


def _by_title(deed: tuple[str, str]) -> str:
    return deed[1]


def _asked() -> tuple[Wanted, list[str]]:
    """What the query asks for; what makes no sense is told and left out."""
    mistakes: list[str] = []
    wanted = Wanted(
        person=request.args.get("person", "").strip()[:64],
        action=request.args.get("action", "").strip()[:40],
        text=request.args.get("text", "").strip()[:100],
        listing=_number("listing", "条目编号应为数字", mistakes),
        before=_number("before", "页码有误", mistakes),
        since=_day("since", mistakes),
        until=_day("until", mistakes),
    )
    if wanted.since and wanted.until and wanted.since > wanted.until:
        mistakes.append("起始日期在截止日期之后")
        wanted = replace(wanted, until=None)
    return wanted, mistakes


def _number(name: str, told: str, mistakes: list[str]) -> int | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    number = row_id(text)
    if number is None:
        mistakes.append(told)
    return number


def _day(name: str, mistakes: list[str]) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        mistakes.append("日期应写作 2026-11-24")
        return None
