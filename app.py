"""Puts the rooms together; nothing else lives here."""

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from geo.city import load_city
from miniapp_api import openapi, problems
from miniapp_api.editions import editions
from miniapp_api.front import Front
from miniapp_api.hotlines import hotlines
from miniapp_api.operations import operations
from miniapp_api.sites import sites
from miniapp_api.suggest import suggest
from server import api_page, cli, db, logs, metrics, pages, security_headers
from server.atlas_keeper import AtlasKeeper
from server.secret_key import secret_key
from server.staff import sign_in
from server.staff.views import staff
from server.webmap.views import webmap


def create_app(settings: Settings | None = None) -> APIFlask:
    """The whole service, not yet watching for editions: see ``AtlasKeeper.start``."""
    settings = settings or Settings()
    logs.configure(settings.log_format)
    app = APIFlask(
        __name__,
        title="童友图 · 淄博市儿童友好服务地图",
        version="1.0.0",
        spec_path=None,
        docs_path=None,
        json_errors=False,
        instance_path=str(settings.instance.resolve()),
        static_folder="server/static",
        template_folder="server/templates",
    )
    city = load_city(settings.city)
    keeper = AtlasKeeper(settings, app)
    app.extensions |= {"settings": settings, "city": city, "atlas_keeper": keeper}
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    db.init(app)
    cli.register(app)
    metrics.register(app)
    security_headers.register(app)
    pages.register(app)
    api_page.register(app)
    sign_in.configure(app, secret_key(settings))
    problems.register(app)
    openapi.configure(app)
    public = (sites, suggest, hotlines, editions)
    for blueprint in (*public, operations, webmap, staff):
        app.register_blueprint(blueprint)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.wsgi_app = Front(app.wsgi_app, public, keeper)  # type: ignore[method-assign]
    return app
