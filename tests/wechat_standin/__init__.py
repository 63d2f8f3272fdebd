"""A stand-in for WeChat's server API that speaks the same HTTP, errors and faults included.

``running()`` serves it for tests; ``make wechat-standin`` by hand.
"""

from tests.wechat_standin.service import StandIn, running
from tests.wechat_standin.state import APP_ID, PUSH_AES_KEY, PUSH_TOKEN, SECRET, openid_of

__all__ = [
    "APP_ID",
    "PUSH_AES_KEY",
    "PUSH_TOKEN",
    "SECRET",
    "StandIn",
    "openid_of",
    "running",
]
