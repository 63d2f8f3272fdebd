"""Every setting: its environment name, default, unit, and why.

Read once by ``create_app``; nothing else reads the environment.
"""

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

# The host goes into the Content-Security-Policy, so it is only what a host can be.
_TILES = re.compile(r"(https?://([0-9A-Za-z.-]|\{s\})+(:\d+)?)?/(?!/)[^\s\"'<>\\]*")

_WECHAT_SECRETS = {
    "wechat_app_secret": (r"[0-9A-Za-z_-]{1,128}", "小程序的 AppSecret 只有字母和数字"),
    "wechat_push_token": (r"[0-9A-Za-z]{3,32}", "消息推送的 Token 是 3 至 32 个字母和数字"),
    "wechat_push_aes_key": (r"[0-9A-Za-z]{43}", "消息推送的 EncodingAESKey 是 43 个字母和数字"),
}


def _cores() -> int:
    """Cores that this process may use: in a container or under ``taskset`` not all there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """Set each by an environment variable ``TONGYOU_<NAME>`` or by a line in ``.env``."""

    model_config = SettingsConfigDict(
        env_prefix="TONGYOU_",
        env_file=ROOT / ".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        # A URL or a key that is refused may hold a password.
        hide_input_in_errors=True,
    )

    instance: Path = ROOT / "instance"
    """Folder of all that is written: database, edition cache, files, keys."""

    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in ``instance``. PostgreSQL for many machines."""

    redis_url: SecretStr | None = None
    """Redis for the edition message (later: limits, live positions); unset means files."""

    jobs: bool = True
    """Whether ``make serve`` starts a consumer of background jobs beside the web workers; off where
    ``flask jobs work`` runs on a machine of its own."""

    jobs_url: SecretStr | None = None
    """Redis for the queue of background jobs; unset means SQLite in ``instance``. What people see
    of a job stands in the database in either case."""

    files_folder: Path | None = None
    """Folder of the files that people hand in; unset means ``files`` in ``instance``. Many
    machines share one."""

    secret_key: SecretStr | None = None
    """Signs the console's cookies; unset means one is made at random and kept in ``instance``.
    Many machines behind one address must share it."""

    people_key: SecretStr | None = None
    """Hashes and seals the openids of the mini-program's users; unset means one is made at random
    and kept in ``instance``. Several, the newest first, are separated by commas. Many machines must
    share it; whoever loses it knows none of the users again."""

    wechat_cloud: bool = False
    """Whether WeChat Cloud Hosting stands in front and says in ``X-WX-OPENID`` who calls. Only
    there: elsewhere anyone could claim to be anyone, so the header is refused while this is off."""

    calls_per_token: Annotated[int, Field(ge=1, le=100_000)] = 120
    """Calls a minute that one signed-in user of the mini-program may make."""

    calls_per_address: Annotated[int, Field(ge=1, le=1_000_000)] = 1200
    """Calls a minute for what is personal from one address; whole schools share one."""

    sign_ins_per_address: Annotated[int, Field(ge=1, le=100_000)] = 120
    """Sign-ins a minute from one address: each asks WeChat."""

    feedback_per_token: Annotated[int, Field(ge=1, le=1000)] = 10
    """Texts an hour that one signed-in user may send in: each asks WeChat, and is read by staff."""

    second_step: Literal["off", "privileged", "all"] = "privileged"
    """Who must sign in with a code of their phone besides the password: nobody, publishers and
    administrators, or everybody. Whoever has set it up is asked in any case."""

    city: Path = HERE / "zibo.toml"
    """The city: districts, vocabularies, bounds."""

    programmes: Path = HERE / "programme"
    """Folder of the programmes of the years, one file each, named for the year."""

    promises_page: bool = False
    """Whether the public sees, at ``/promises``, what became of the programme's promises: accepted
    quarters only, with their date."""

    starter: Path = HERE / "starter"
    """The data set that an empty database starts with."""

    edition_check: Annotated[float, Field(gt=0, le=60)] = 0.5
    """Seconds between looks at the machine's edition pointer (one ``stat`` a look)."""

    database_check: Annotated[float, Field(gt=0, le=600)] = 5.0
    """Seconds between looks at the database for an edition published from another machine."""

    editions_kept: Annotated[int, Field(ge=2, le=1000)] = 5
    """Editions kept in the machine's disk cache; the database keeps all."""

    closing_soon: Annotated[int, Field(ge=1, le=180)] = 30
    """Minutes before closing from which a place is said to be closing soon."""

    max_walk: Annotated[int, Field(ge=50, le=5000)] = 800
    """Metres, detours of streets included, that a child walks between home and a school line's
    stop where a question doesn't say how far."""

    host: Annotated[str, Field(validation_alias=AliasChoices("TONGYOU_HOST", "HOST"))] = "127.0.0.1"
    """Address to listen on; also plain ``HOST``. Only this machine unless told otherwise:
    the public comes through nginx or a balancer, which speaks TLS."""

    port: Annotated[
        int, Field(ge=1, le=65535, validation_alias=AliasChoices("TONGYOU_PORT", "PORT"))
    ] = 8000
    """Port to listen on; also plain ``PORT``."""

    workers: Annotated[int, Field(ge=1, le=64)] = Field(default_factory=lambda: min(_cores(), 4))
    """Worker processes. One per core, as answering is work for the processor alone; at most 4
    unless told otherwise, since each takes some 100 MB."""

    threads: Annotated[int, Field(ge=1, le=64)] = 1
    """Threads a worker, besides those that wait for others' services (``outside_calls``). One is
    enough, as answering is work for the processor alone."""

    outside_calls: Annotated[int, Field(ge=1, le=200)] = 31
    """Calls to services of others that a worker waits for at once, each in a thread of its own
    beside ``threads``; whoever comes when all wait is asked to try again. However slow WeChat is,
    a thread is left for the public's reads."""

    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    """Reverse proxies in front, whose ``X-Forwarded-For`` and ``-Proto`` are believed. With none
    it must be 0: anyone could claim any address."""

    log_format: Literal["json", "text"] = "text"
    """``json`` for machines, ``text`` for people."""

    tianditu_key: str = ""
    """Tianditu's key of the kind for browsers; it stands in every page, so it is no secret."""

    tiles_url: str = ""
    """Tiles of another provider: a template with ``{z}``, ``{x}``, ``{y}`` (``{-y}`` for TMS) and
    perhaps ``{s}``; WMTS in its query form is one too."""

    tiles_labels_url: str = ""
    """A second layer over the first, where the provider keeps the names apart."""

    tiles_crs: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    """The coordinate system of those tiles; markers and lines follow it."""

    tiles_subdomains: str = ""
    """What ``{s}`` stands for, separated by commas."""

    tiles_attribution: str = ""
    """Whom the map is by, as the provider wants it said."""

    tiles_max_zoom: Annotated[int, Field(ge=9, le=22)] = 18
    """The closest zoom level that those tiles have."""

    basemap: Literal["outlines", "tianditu", "xyz"] = "outlines"
    """What lies below the markers; the outlines of the districts need no host and no key."""

    tencent_key: SecretStr | None = None
    """Key of Tencent's location service, of the kind for servers (WebService); with it staff can
    look up an address. Unset: they point at the map."""

    tencent_url: Annotated[str, Field(pattern=r"^https?://[0-9A-Za-z.-]+(:[0-9]+)?$")] = (
        "https://apis.map.qq.com"
    )
    """Where Tencent's location service is; another one for rehearsals."""

    ledger_webhook: SecretStr | None = None
    """Address of a group robot of 企业微信 that tells its group which units have not reported;
    unset means that they are reminded in the console alone. It holds the robot's key."""

    wechat_app_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{0,64}$")] = ""
    """The mini-program's AppID; empty: its user can't sign in, everything else works."""

    wechat_app_secret: SecretStr | None = None
    """Its AppSecret; goes to WeChat alone."""

    wechat_url: Annotated[str, Field(pattern=r"^https?://[0-9A-Za-z.-]+(:[0-9]+)?$")] = (
        "https://api.weixin.qq.com"
    )
    """Where WeChat's server API is; another one for rehearsals."""

    wechat_version: Literal["release", "trial", "develop"] = "release"
    """The version of the mini-program that messages and printed codes open."""

    reports_per_address: Annotated[int, Field(ge=1, le=100_000)] = 30
    """Reports of something wrong (one tap, no sign-in) that an address may send an hour."""

    check_in_distance: Annotated[int, Field(ge=0, le=20_000)] = 0
    """Metres within which somebody must stand of a base whose code they scan; the position is
    looked at and forgotten. 0: it is not asked for."""

    wechat_push_token: SecretStr | None = None
    """Token of the message push, as it was made up for WeChat's console; unset: no pushes."""

    wechat_push_aes_key: SecretStr | None = None
    """EncodingAESKey of the message push (43 letters and digits), from WeChat's console."""

    wechat_bus_template: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{0,64}$")] = ""
    """Id of the subscribe message's template that tells of a line's suspension or change; empty:
    nobody is told through WeChat."""

    wechat_bus_fields: Annotated[
        str,
        Field(
            pattern=r"^((thing|phrase)\d{1,2}=(line|effect|start|title|replacement)"
            r"|(time|date)\d{1,2}=start)"
            r"(,((thing|phrase)\d{1,2}=(line|effect|start|title|replacement)"
            r"|(time|date)\d{1,2}=start))*$"
        ),
    ] = "thing1=line,phrase2=effect,time3=start,thing4=replacement"
    """What each of the template's keys is to say, separated by commas."""

    wechat_bus_page: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]+(/[0-9A-Za-z_-]+)*$")] = (
        "pages/bus/line"
    )
    """The mini-program's page that a tap on the message opens, with ``?id=`` the line's."""

    map_approval: str = ""
    """The base map's approval number (审图号), shown on the map."""

    public_url: Annotated[str, Field(pattern=r"^(https?://[0-9A-Za-z.-]+(:[0-9]+)?)?$")] = ""
    """Where the public finds us, such as ``https://map.example.cn``, for canonical links and the
    sitemap; empty means none but on this machine itself, as a request may name any host."""

    leave_to: Annotated[str, Field(pattern=r"^https://[^\s\"'<>\\]+$")] = (
        "https://www.weather.com.cn/"
    )
    """Where the quick-leave button of the page of telephone lines leads: somewhere harmless."""

    @field_validator("database_url")
    @classmethod
    def _psycopg(cls, url: str) -> str:
        # The bare scheme would ask SQLAlchemy for psycopg2, which is not installed.
        url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)
        if url:
            from sqlalchemy.engine import make_url
            from sqlalchemy.exc import ArgumentError

            try:
                known = make_url(url).drivername in ("sqlite", "postgresql+psycopg")
            except (ArgumentError, ValueError):
                known = False
            if not known:
                # Not repeated: it may hold a password.
                raise ValueError("应为 postgresql://用户:密码@主机/库名 或 sqlite:///文件")
        return url

    @field_validator("redis_url", "jobs_url")
    @classmethod
    def _redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value().strip():
            return None
        try:
            parts = urlsplit(url.get_secret_value())
            known = parts.scheme in ("redis", "rediss", "unix") and parts.port != 0
        except ValueError:
            known = False
        if not known:
            raise ValueError("应为 redis://主机:6379/0，或以 rediss://、unix:// 开头")
        return url

    @field_validator("tencent_key")
    @classmethod
    def _tencent_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None or not key.get_secret_value().strip():
            return None
        if not re.fullmatch(r"[0-9A-Za-z-]{1,64}", key.get_secret_value().strip()):
            raise ValueError("腾讯位置服务的密钥只有字母、数字和连字符")
        return SecretStr(key.get_secret_value().strip())

    @field_validator("ledger_webhook")
    @classmethod
    def _webhook(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value().strip():
            return None
        plain = url.get_secret_value().strip()
        if not re.fullmatch(r"https?://[0-9A-Za-z.-]+(:[0-9]+)?/[^\s\"'<>\\\\]*", plain):
            # Not repeated: it holds the robot's key.
            raise ValueError("应为群机器人的 Webhook 地址，以 https:// 开头")
        return SecretStr(plain)

    @field_validator("wechat_app_secret", "wechat_push_token", "wechat_push_aes_key")
    @classmethod
    def _wechat_secret(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        text = secret.get_secret_value().strip() if secret is not None else ""
        if not text:
            return None
        shape, told = _WECHAT_SECRETS[str(info.field_name)]
        if not re.fullmatch(shape, text):
            raise ValueError(told)
        return SecretStr(text)

    @field_validator("tianditu_key")
    @classmethod
    def _key(cls, key: str) -> str:
        if not re.fullmatch(r"[0-9A-Za-z]*", key):
            raise ValueError("天地图的密钥只有字母和数字")
        return key

    @field_validator("tiles_url", "tiles_labels_url")
    @classmethod
    def _tiles(cls, url: str) -> str:
        places = set(re.findall(r"\{(-?\w+)\}", url))
        if url and not (
            _TILES.fullmatch(url)
            and {"z", "x"} <= places <= {"s", "z", "x", "y", "-y"}
            and len(places & {"y", "-y"}) == 1
        ):
            raise ValueError(
                "应为 https:// 或 / 开头的瓦片网址，含 {z}、{x}、{y}，"
                "如 https://{s}.example.cn/{z}/{x}/{y}.png"
            )
        return url

    @field_validator("tiles_subdomains")
    @classmethod
    def _subdomains(cls, names: str, info: ValidationInfo) -> str:
        if names and not re.fullmatch(r"[0-9a-z-]+(,[0-9a-z-]+)*", names):
            raise ValueError("应为小写字母和数字，以逗号分隔，如 a,b,c")
        urls = (info.data.get("tiles_url", ""), info.data.get("tiles_labels_url", ""))
        if not names and any("{s}" in url for url in urls):
            raise ValueError("瓦片网址里有 {s}，这里应写明它代表什么，如 a,b,c")
        return names

    @field_validator("basemap")
    @classmethod
    def _basemap(cls, basemap: str, info: ValidationInfo) -> str:
        if basemap == "tianditu" and info.data.get("tianditu_key") == "":
            raise ValueError("用天地图须同时设置 TONGYOU_TIANDITU_KEY")
        if basemap == "xyz" and info.data.get("tiles_url") == "":
            raise ValueError("用其他瓦片须同时设置 TONGYOU_TILES_URL")
        return basemap

    @cached_property
    def database(self) -> str:
        """The URL in force."""
        return self.database_url or f"sqlite:///{self.instance / 'tongyou.db'}"

    @property
    def editions(self) -> Path:
        """Folder of the machine's edition cache."""
        return self.instance / "editions"

    @property
    def files(self) -> Path:
        """Folder of the files that people hand in."""
        return self.files_folder or self.instance / "files"
