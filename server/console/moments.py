"""Moments as the console tells them, in Asia/Shanghai."""

from datetime import datetime

from geo.opening import SHANGHAI


def moment(at: datetime) -> str:
    """2026-11-24 18:05, by the clock on the wall."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def told_at(at: datetime) -> str:
    """14:32 today; 11月20日 14:32 earlier this year; 2025年11月20日 14:32 before that."""
    local, today = at.astimezone(SHANGHAI), datetime.now(SHANGHAI).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return clock
    year = "" if local.year == today.year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 {clock}"
