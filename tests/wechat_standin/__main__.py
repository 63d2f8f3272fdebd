"""``make wechat-standin``: the stand-in on a port, with what to set and how to try it."""

import sys

import click

from tests.wechat_standin.service import StandIn
from tests.wechat_standin.state import APP_ID, BUS_TEMPLATE, PUSH_AES_KEY, PUSH_TOKEN, SECRET

PORT = 8899


def main() -> None:
    service = StandIn(int(sys.argv[1]) if sys.argv[1:] else PORT)
    click.echo(
        f"""微信替身在 {service.base}，按 Ctrl-C 停止。
另开一个终端，设好下面几项再 make serve：

export TONGYOU_WECHAT_URL={service.base}
export TONGYOU_WECHAT_APP_ID={APP_ID}
export TONGYOU_WECHAT_APP_SECRET={SECRET}
export TONGYOU_WECHAT_PUSH_TOKEN={PUSH_TOKEN}
export TONGYOU_WECHAT_PUSH_AES_KEY={PUSH_AES_KEY}
export TONGYOU_WECHAT_BUS_TEMPLATE={BUS_TEMPLATE}

登录凭证（代替 wx.login）：try-名字-任意字，每个只能用一次。
怎样给同意、切换故障，见 docs/operations.md 的“微信小程序”。"""
    )
    # Ctrl-C ends it without an exception.
    service.server.serve_forever()
    click.echo("已停止。")


if __name__ == "__main__":
    main()
