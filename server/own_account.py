"""What people do with their own account: password, second step, sessions.

Public names: ``confirm``, ``change_password``, ``end_session``, ``end_others``, ``set_up``,
``remove``, ``renew_recovery``. All but ``confirm`` change the session only: run them within
``server.revisions.writing``.
"""

from typing import Any, Protocol

from server import attempts, audit, links, passwords, second_step, sessions
from server.db import AnySession, now
from server.models import StaffAccount
from server.revisions import Refused, writing

PASSWORD_FAILURES = 5


class SignedIn(Protocol):
    """A person, and the session in which they act."""

    account_id: int
    login: str
    session_id: int


def confirm(session: AnySession, by: SignedIn, password: str) -> None:
    """Make sure that it is the person themselves who sits there; in transactions of its own.

    Raises:
        Refused: the password is another, or was given wrong too often.
    """
    key = f"password:{by.account_id}"
    with writing(session):
        attempts.take_turn(session, key)
        wait = attempts.wait(session, key, PASSWORD_FAILURES)
        if not wait:
            attempts.count(session, key)
    if wait:
        raise Refused(f"密码填错的次数过多，请 {-(-wait // 60)} 分钟后再试")
    kept = session.get_one(StaffAccount, by.account_id).password_hash
    if not passwords.matches(kept, password):
        raise Refused("现在的密码不对")
    with writing(session):
        attempts.forget(session, key)


def change_password(session: AnySession, by: SignedIn, new: str) -> None:
    """Give oneself another password; all other browsers are signed out, a link is void.

    Raises:
        Refused: it is too weak, or the one that was.
    """
    account = session.get_one(StaffAccount, by.account_id)
    if told := passwords.objection(new, account.login):
        raise Refused(told)
    if passwords.matches(account.password_hash, new):
        raise Refused("新密码不能与现在的相同")
    account.password_hash = passwords.hashed(new)
    links.void(session, account.id)
    ended = sessions.revoke_all(session, account.id, but=by.session_id)
    _tell(session, by, "password.changed", {"sessions_ended": ended})


def end_session(session: AnySession, by: SignedIn, id_: int) -> None:
    """Sign out one of one's browsers; nothing happens if it is signed out already."""
    ended = sessions.revoke(session, by.account_id, id_)
    if ended is not None:
        _tell(session, by, "session.ended", {"browser": ended.browser, "address": ended.address})


def end_others(session: AnySession, by: SignedIn) -> int:
    """Sign out everywhere but here; how many browsers that were."""
    ended = sessions.revoke_all(session, by.account_id, but=by.session_id)
    if ended:
        _tell(session, by, "session.others_ended", {"sessions_ended": ended})
    return ended


def set_up(session: AnySession, by: SignedIn, secret: str, code: str, key: str) -> list[str]:
    """Ask for a code from now on; other browsers, which gave none, are signed out.

    Returns the recovery codes. Raises ``Refused`` when the code is not one of this secret.
    """
    step = second_step.accepted_step(secret, code, None, now())
    if step is None:
        raise Refused("验证码不对。请核对手机的时间是否准确，等验证器显示下一个再试")
    account = session.get_one(StaffAccount, by.account_id)
    again = second_step.is_set_up(account)
    codes = second_step.set_up(account, secret, step, key)
    sessions.revoke_all(session, account.id, but=by.session_id)
    _tell(session, by, "second_step.set_up", {"again": True} if again else None)
    return codes


def remove(session: AnySession, by: SignedIn) -> None:
    """Ask for no code any more."""
    second_step.remove(session.get_one(StaffAccount, by.account_id))
    _tell(session, by, "second_step.removed")


def renew_recovery(session: AnySession, by: SignedIn) -> list[str]:
    """Ten new recovery codes; the former are void.

    Raises:
        Refused: there is no second step to recover from.
    """
    account = session.get_one(StaffAccount, by.account_id)
    if not second_step.is_set_up(account):
        raise Refused("还没有设置两步验证")
    codes = second_step.new_recovery(account)
    _tell(session, by, "second_step.recovery_renewed")
    return codes


def _tell(
    session: AnySession, by: SignedIn, action: str, detail: dict[str, Any] | None = None
) -> None:
    audit.record(session, by, action, "account", by.account_id, detail)
