"""Puts the rooms together; nothing else lives here."""

from apiflask import APIFlask
from flask import Blueprint
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from config.version import VERSION
from miniapp_api import live, openapi, preflight, problems
from miniapp_api.bus import bus
from miniapp_api.bus_feeds import bus_feeds
from miniapp_api.bus_journeys import bus_journeys
from miniapp_api.bus_vehicles import bus_vehicles
from miniapp_api.coded_reports import coded_reports
from miniapp_api.editions import editions
from miniapp_api.favourites import favourites
from miniapp_api.feedback import feedback
from miniapp_api.front import Front
from miniapp_api.hotlines import hotlines
from miniapp_api.me import me
from miniapp_api.operations import operations
from miniapp_api.passport import passport
from miniapp_api.session import session
from miniapp_api.sites import sites
from miniapp_api.subscriptions import subscriptions
from miniapp_api.suggest import suggest
from miniapp_api.wechat_push import wechat_push
from server import (
    api_page,
    assets,
    cli,
    db,
    limits,
    logs,
    metrics,
    outside,
    pages,
    promises,
    security_headers,
    starting,
    tallies,
    wechat,
)
from server.atlas_keeper import AtlasKeeper
from server.console import sign_in
from server.live.book import book_of
from server.media import media
from server.people.keys import secrets_of
from server.progress.views import ledger_api, progress
from server.secret_key import secret_key
from server.staff.views import staff
from server.webmap import report_pages
from server.webmap.views import webmap


@starting.told_in_one_line()
def create_app(settings: Settings | None = None) -> APIFlask:
    """The whole service, not yet watching for editions: see ``AtlasKeeper.start``.

    Raises:
        CannotStart: a setting, the city's file, the key or the folder is of no use.
    """
    settings = settings or starting.read_settings()
    logs.configure(settings.log_format)
    app = APIFlask(
        __name__,
        title="童友图 · 淄博市儿童友好服务地图",
        version=VERSION,
        spec_path=None,
        docs_path=None,
        json_errors=False,
        instance_path=str(settings.instance.resolve()),
        static_folder=None,  # type: ignore[arg-type]  # server.assets serves it
        template_folder="server/templates",
    )
    city = starting.read_city(settings.city)
    starting.private_folder(settings.instance)
    keeper = AtlasKeeper(settings, app)
    programmes = starting.read_programmes(settings.programmes)
    app.extensions |= {
        "settings": settings,
        "city": city,
        "programmes": programmes,
        "badges": starting.read_badges(),
        "atlas_keeper": keeper,
    }
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    db.init(app)
    cli.register(app)
    metrics.register(app)
    security_headers.register(app)
    assets.register(app)
    tallies.register(app)
    outside.register(app, settings.outside_calls)
    wechat.register(app, settings)
    pages.register(app)
    promises.register(app)
    api_page.register(app)
    sign_in.configure(app, secret_key(settings))
    secrets_of(settings)  # unusable ones must show now, not when somebody signs in
    problems.register(app)
    preflight.register(app)
    openapi.configure(app)
    public = (sites, suggest, hotlines, bus, bus_journeys, bus_vehicles, bus_feeds, editions)
    personal = (session, me, favourites, passport, coded_reports, subscriptions, feedback)
    rooms = (
        operations,
        wechat_push,
        media,
        webmap,
        report_pages.reporting,
        staff,
        progress,
        ledger_api,
    )
    for blueprint in (*public, *personal, *rooms):
        app.register_blueprint(blueprint)
    held: dict[Blueprint, tuple[limits.Rule, ...]] = {one: one.rules for one in personal}
    held[report_pages.reporting] = report_pages.RULES
    limits.register(app, settings, held)
    live.register(app, settings, lambda: book_of(keeper.atlas))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.wsgi_app = Front(  # type: ignore[method-assign]
        app.wsgi_app, public, keeper, app.extensions["live_board"]
    )
    return app
