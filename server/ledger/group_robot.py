"""A message to a group of 企业微信 through the group's robot.

The protocol is that of the group robot's webhook: POST the message as JSON to the robot's address;
HTTP 200 whatever happens, ``errcode`` 0 if it went well. The address holds the robot's key: it is
in no log, no message, no row.
"""

from typing import Any

import structlog
from pydantic import SecretStr

SECONDS = 5
"""For connecting, and for each wait for more; a background job waits, nobody else."""

LONGEST = 4096
"""Bytes of a message's text in UTF-8, as the robot takes it."""

_TOLD = {
    45009: "企业微信说发得太快了",
    45033: "企业微信说同时发得太多了",
    93000: "企业微信说机器人的地址无效或机器人已被移出群",
    93008: "企业微信说机器人不在群里",
}

log = structlog.get_logger()


class NotSent(Exception):
    """The message did not go out, as far as we know; the message says why, in Chinese."""


def send(robot: SecretStr, markdown: str) -> None:
    """Say something in the robot's group.

    Raises:
        NotSent: the service is away, slow, or has refused.
    """
    # Loaded when first needed: public workers never are.
    import requests

    message = {"msgtype": "markdown", "markdown": {"content": markdown}}
    try:
        answer = requests.post(
            robot.get_secret_value(), json=message, timeout=SECONDS, allow_redirects=False
        )
        told = answer.json()
    except requests.Timeout as error:
        # The error's own text holds the address, and so the key.
        log.warning("group_robot_slow", error=type(error).__name__)
        raise NotSent("企业微信没有及时回答") from None
    except (requests.RequestException, ValueError) as error:
        log.warning("group_robot_away", error=type(error).__name__)
        raise NotSent("企业微信连不上，或回答看不懂") from None
    _check(answer.status_code, told)


def _check(http_status: int, told: Any) -> None:
    code = told.get("errcode") if isinstance(told, dict) else None
    if code == 0 and http_status == 200:
        return
    log.warning("group_robot_refused", http_status=http_status, errcode=code)
    if not isinstance(code, int):
        raise NotSent("企业微信的回答看不懂")
    raise NotSent(_TOLD.get(code, f"企业微信没有发出（代码 {code}）"))
