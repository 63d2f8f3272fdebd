"""The job that sends a mailing's messages, one after the other.

Public names: ``SEND``, ``send``. A run that can't go on ends with why and from when on another may
be tried; ``laying`` sees to that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from config.settings import Settings
from geo.opening import SHANGHAI
from server.db import db, now
from server.jobs import Interrupted, Running, kind
from server.mailings import outbox
from server.mailings.noticed import Noticed, noticed
from server.mailings.outbox import Claim, Claiming, End
from server.mailings.resting import pause
from server.mailings.subscriptions import counted_here
from server.mailings.wording import Said, data
from server.models import Job, Mailing
from server.people.keys import key_ring
from server.revisions import writing
from server.wechat import NotConfigured, WeChatDown, WeChatRefused, wechat
from server.wechat.errors import CONSENT_GONE, TOO_OFTEN

SEND = "mailing.send"

QUOTA_OF_A_DAY = 45009

FINAL = frozenset({40003, 40037, 40097, 41030, 47003})
"""Refusals of one message that another attempt would meet again. A code that is in neither this
nor another rule is about the service itself (its secret, its address): the run ends."""

DOWN_IN_A_ROW = 3
"""Messages without an answer after which WeChat is left alone for a while."""

LOOK_EVERY = 10
"""Messages between looks whether the notice still stands."""

SOON, LATER = timedelta(minutes=1), timedelta(minutes=10)

NO_ANSWER = "微信没有回应"
OVER = "公告已经结束、撤回或不再涉及线路"


class Halt(Exception):
    """The run goes no further; another may be tried from a moment on. ``why`` is Chinese."""

    def __init__(self, why: str, not_before: datetime, tries: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.not_before = not_before
        self.tries = tries
        """Runs one after the other that got no answer."""


@dataclass(frozen=True)
class Outcome:
    """What came of one message."""

    end: End | None
    errcode: int | None = None
    taken: bool = True
    halt: Halt | None = None


@kind(SEND)
def send(job: Running) -> dict[str, Any]:
    """Send what waits of the mailing in the parameters; safe to be run again."""
    mailing = db.session.get(Mailing, job.parameters["mailing"])
    if mailing is None or mailing.finished_at is not None:
        return {}
    mailing_id, notice_id, template = mailing.id, mailing.notice_id, mailing.template
    db.session.rollback()
    told = noticed()
    notice = told.current(now()).get(notice_id)
    if notice is None:
        return {"why": OVER}
    settings: Settings = current_app.extensions["settings"]
    pushed = not counted_here(settings)
    lines = frozenset(told.touched(notice))
    claiming = Claiming(mailing_id, template, lines, key_ring(settings), pushed, now())
    try:
        _send_all(job, claiming, told, notice_id)
    except Halt as halt:
        not_before = halt.not_before.isoformat()
        return {"why": halt.why, "not_before": not_before, "tries": halt.tries}
    return _ended(job, mailing_id)


def _send_all(job: Running, claiming: Claiming, told: Noticed, notice_id: int) -> None:
    """Everything that is due.

    Raises:
        Halt: something that the other messages would meet as well.
    """
    down, tries = 0, job.parameters.get("tries", 0)
    notice = told.notices[notice_id]
    for claim in _claims(job, claiming, notice_id):
        outcome = _ask(claim, Said(told.lines[claim.route_id], notice))
        with writing(db.session):
            outbox.settle(db.session, claim, outcome.end, outcome.errcode, taken=outcome.taken)
        if outcome.halt is not None:
            raise outcome.halt
        down, tries = (down + 1, tries) if outcome.end is None else (0, 0)
        if down == DOWN_IN_A_ROW:
            raise Halt(NO_ANSWER, now() + pause(tries + 1), tries + 1)


def _claims(job: Running, claiming: Claiming, notice_id: int) -> Iterator[Claim]:
    """One message after the other, each marked before it is handed out."""
    for message_id in outbox.in_doubt(db.session, claiming.mailing_id):
        with writing(db.session):
            _own(job)
            again = outbox.claim_again(db.session, claiming, message_id)
        if again is not None:
            yield again
    done, total = _progress(claiming.mailing_id)
    while True:
        # Before a message is marked: a run that ends here leaves none in doubt.
        job.step(min(done, total), total)
        if done % LOOK_EVERY == 0 and notice_id not in noticed().current(now()):
            raise Halt(OVER, now())
        done += 1
        with writing(db.session):
            _own(job)
            found = outbox.next_claim(db.session, claiming)
        if found == "none":
            return
        if isinstance(found, Claim):
            yield found


def _ask(claim: Claim, said: Said) -> Outcome:
    settings: Settings = current_app.extensions["settings"]
    page = f"{settings.wechat_bus_page}?id={claim.route_id}"
    try:
        wechat().send_subscribe_message(
            claim.openid, claim.template, data(settings.wechat_bus_fields, said), page
        )
    except WeChatDown as down:
        return Outcome(None, taken=down.maybe_done)
    except NotConfigured as error:
        return Outcome(None, taken=False, halt=Halt(str(error), now() + LATER))
    except WeChatRefused as refused:
        return _refused(refused)
    return Outcome("sent")


def _refused(refused: WeChatRefused) -> Outcome:
    code = refused.errcode
    if code == CONSENT_GONE:
        return Outcome("refused", code)
    if code in FINAL:
        return Outcome("failed", code, taken=False)
    wait = _tomorrow() if code == QUOTA_OF_A_DAY else now() + LATER
    if code in TOO_OFTEN and code != QUOTA_OF_A_DAY:
        wait = now() + SOON
    return Outcome(None, code, taken=False, halt=Halt(str(refused), wait))


def _ended(job: Running, mailing_id: int) -> dict[str, Any]:
    with writing(db.session):
        result: dict[str, Any] = {}
        if outbox.open_messages(db.session, mailing_id):
            result = {"why": NO_ANSWER, "not_before": (now() + SOON).isoformat()}
        else:
            mailing = db.session.get_one(Mailing, mailing_id)
            mailing.finished_at = mailing.finished_at or now()
        job.finish(db.session, result)
    return result


def _own(job: Running) -> None:
    """Go on only while the job is this run's: another may have taken it for dead.

    Raises:
        Interrupted: it is not.
    """
    row = db.session.execute(select(Job.state, Job.attempts).where(Job.id == job.id)).first()
    if row is None or tuple(row) != ("running", job.attempt):
        raise Interrupted


def _progress(mailing_id: int) -> tuple[int, int]:
    """How many messages are settled, and how many there were."""
    row = Mailing
    settled = row.sent + row.refused + row.failed
    done, total = db.session.execute(select(settled, row.total).where(row.id == mailing_id)).one()
    return done, total


def _tomorrow() -> datetime:
    day = datetime.now(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(day, time(), SHANGHAI)
