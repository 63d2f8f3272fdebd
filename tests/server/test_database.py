"""Do the migrations make the tables that the models describe, and undo themselves?"""

from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from config.settings import Settings
from geo.city import City
from server import cli, publishing
from server import db as database
from server.accounts import create_account
from server.db import db
from server.models import CalendarDayRow, Listing
from server.starter import fill, load_starter
from tests.server.material import add, site


@pytest.fixture
def migrated(bare_app: Flask) -> Flask:
    database.add_migrations(bare_app)
    upgrade()
    return bare_app


def test_migrated_tables_are_those_of_the_models(migrated: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_does_a_database_error_keep_what_was_asked_with_to_itself(bare_app: Flask) -> None:
    with pytest.raises(DBAPIError) as caught, db.engine.connect() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE told = :told"), {"told": "a secret"})
    assert "nowhere" in str(caught.value)
    assert "a secret" not in str(caught.value)


def test_migrations_go_down_and_up_again_with_rows_in_the_tables(
    migrated: Flask, settings: Settings, city: City
) -> None:
    fill(db.session, load_starter(settings.starter, city, date(2026, 11, 23)))
    create_account("admin", "administrator", "管理员")
    db.session.commit()
    publishing.publish(settings, city)
    publishing.rollback(settings, 1)
    db.session.remove()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade()
    assert db.session.scalars(select(Listing)).all() == []


def test_the_head_read_from_the_files_is_alembics(migrated: Flask) -> None:
    assert cli._schema_version(db.engine) == cli._head()


def test_enumerations_are_held_by_the_database(app: Flask) -> None:
    db.session.add(Listing(type="site", state="lost"))
    with pytest.raises(IntegrityError):
        db.session.commit()


def test_moments_come_back_aware(app: Flask) -> None:
    id_ = add(site())
    created = db.session.scalar(select(Listing.created_at).where(Listing.id == id_))
    assert created is not None
    assert abs((database.now() - created).total_seconds()) < 60


def test_the_starting_data_fills_an_empty_database(
    app: Flask, settings: Settings, city: City
) -> None:
    data = load_starter(settings.starter, city, date(2026, 11, 23))
    fill(db.session, data)
    db.session.commit()
    rows = db.session.execute(select(Listing.id, Listing.type).order_by(Listing.id)).all()
    assert [id_ for id_, type_ in rows if type_ == "site"] == list(range(1, 111))
    assert len(rows) == len(data.documents)
    assert len(db.session.scalars(select(CalendarDayRow)).all()) == len(data.calendar)
    db.session.rollback()
    assert add(site("下一个")) == len(rows) + 1
    done = publishing.publish(settings, city)
    internal = sum(getattr(d, "internal", False) for d in data.documents)
    assert done.total == len(rows) + 1 - len(data.drafts) - internal
    assert not done.official
