"""the progress ledger: reports and their versions, lists, scans, matters, closings, tokens"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROLES_BEFORE = ("viewer", "editor", "reviewer", "publisher", "dispatcher", "administrator")
ROLES = (*ROLES_BEFORE, "reporter", "unit_head", "office_reviewer", "office_head", "leader")

FIXED = ("id", "report_id", "number", "content", "digest", "submitted_at", "submitted_by", "late")
NEVER_ALTERED = {
    "sqlite": (
        """CREATE TRIGGER report_version_kept BEFORE DELETE ON report_version
        BEGIN SELECT RAISE(ABORT, 'report_version is never altered'); END""",
        """CREATE TRIGGER report_version_unaltered BEFORE UPDATE ON report_version
        WHEN OLD.outcome != 'waiting' OR """
        + " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in FIXED)
        + " BEGIN SELECT RAISE(ABORT, 'report_version is never altered'); END",
        """CREATE TRIGGER report_version_added BEFORE INSERT ON report_version
        WHEN EXISTS (SELECT 1 FROM report_version WHERE id = NEW.id
            OR report_id = NEW.report_id AND number = NEW.number)
        BEGIN SELECT RAISE(ABORT, 'report_version is never altered'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION report_version_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'report_version is never altered'; END $$""",
        """CREATE TRIGGER report_version_kept BEFORE DELETE ON report_version
        FOR EACH ROW EXECUTE FUNCTION report_version_refuse()""",
        """CREATE TRIGGER report_version_unaltered BEFORE UPDATE ON report_version
        FOR EACH ROW WHEN (OLD.outcome <> 'waiting' OR """
        + " OR ".join(f"OLD.{name}::text IS DISTINCT FROM NEW.{name}::text" for name in FIXED)
        + ") EXECUTE FUNCTION report_version_refuse()",
        """CREATE TRIGGER report_version_whole BEFORE TRUNCATE ON report_version
        FOR EACH STATEMENT EXECUTE FUNCTION report_version_refuse()""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "ledger_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("failure", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_reminder")),
        sa.UniqueConstraint(
            "unit",
            "period",
            "days",
            "channel",
            name=op.f("uq_ledger_reminder_unit_period_days_channel"),
        ),
    )
    op.create_table(
        "important_matter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("action", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["staff_account.id"],
            name=op.f("fk_important_matter_answered_by_staff_account"),
        ),
        sa.ForeignKeyConstraint(
            ["seen_by"],
            ["staff_account.id"],
            name=op.f("fk_important_matter_seen_by_staff_account"),
        ),
        sa.ForeignKeyConstraint(
            ["told_by"],
            ["staff_account.id"],
            name=op.f("fk_important_matter_told_by_staff_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_important_matter")),
    )
    with op.batch_alter_table("important_matter", schema=None) as batch_op:
        batch_op.create_index("ix_important_matter_year_unit", ["year", "unit"], unique=False)

    op.create_table(
        "ledger_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["staff_account.id"],
            name=op.f("fk_ledger_token_created_by_staff_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_token")),
        sa.UniqueConstraint("sha256", name=op.f("uq_ledger_token_sha256")),
    )
    with op.batch_alter_table("ledger_token", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_token_unit", ["unit"], unique=False)

    op.create_table(
        "period_closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["staff_account.id"],
            name=op.f("fk_period_closing_closed_by_staff_account"),
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by"],
            ["staff_account.id"],
            name=op.f("fk_period_closing_reopened_by_staff_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_closing")),
    )
    with op.batch_alter_table("period_closing", schema=None) as batch_op:
        batch_op.create_index("ix_period_closing_period", ["period"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("edit", sa.Integer(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("without_progress", sa.Boolean(), nullable=False),
        sa.Column("newest_number", sa.Integer(), nullable=False),
        sa.Column("accepted_number", sa.Integer(), nullable=True),
        sa.Column("resubmit_by", sa.Date(), nullable=True),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'accepted')", name=op.f("ck_report_state")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["staff_account.id"], name=op.f("fk_report_saved_by_staff_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("unit", "action", "period", name=op.f("uq_report_unit_action_period")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index("ix_report_period", ["period"], unique=False)

    op.create_table(
        "totals_confirmed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmed_by"],
            ["staff_account.id"],
            name=op.f("fk_totals_confirmed_confirmed_by_staff_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totals_confirmed")),
    )
    with op.batch_alter_table("totals_confirmed", schema=None) as batch_op:
        batch_op.create_index(
            "ix_totals_confirmed_period_action", ["period", "action"], unique=False
        )

    op.create_table(
        "listed_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=8), nullable=False),
        sa.Column("district", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["staff_account.id"],
            name=op.f("fk_listed_item_created_by_staff_account"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_listed_item_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listed_item_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_item")),
    )
    with op.batch_alter_table("listed_item", schema=None) as batch_op:
        batch_op.create_index("ix_listed_item_unit", ["year", "unit"], unique=False)
        batch_op.create_index(
            "uq_listed_item_year_indicator_key",
            ["year", "indicator", "key"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    op.create_table(
        "report_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'withdrawn', 'returned', 'accepted')",
            name=op.f("ck_report_version_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["staff_account.id"],
            name=op.f("fk_report_version_decided_by_staff_account"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_version_report_id_report")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"],
            ["staff_account.id"],
            name=op.f("fk_report_version_submitted_by_staff_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_version")),
        sa.UniqueConstraint("report_id", "number", name=op.f("uq_report_version_report_id_number")),
    )
    op.create_table(
        "sealed_scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("matched_by", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_sealed_scan_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_sealed_scan_report_id_report")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"],
            ["staff_account.id"],
            name=op.f("fk_sealed_scan_uploaded_by_staff_account"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["report_version.id"],
            name=op.f("fk_sealed_scan_version_id_report_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_scan")),
    )
    with op.batch_alter_table("sealed_scan", schema=None) as batch_op:
        batch_op.create_index("ix_sealed_scan_report_id", ["report_id"], unique=False)

    with op.batch_alter_table("staff_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit", sa.String(length=40), nullable=True))
    _let_in(ROLES)
    for statement in NEVER_ALTERED[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    # Who has a role that is no more can't come in, but what they did keeps their name.
    account = sa.table("staff_account", sa.column("role"), sa.column("disabled_at"))
    op.execute(
        account.update()
        .where(account.c.role.not_in(ROLES_BEFORE))
        .values(role="viewer", disabled_at=sa.func.current_timestamp())
    )
    _let_in(ROLES_BEFORE)
    with op.batch_alter_table("staff_account", schema=None) as batch_op:
        batch_op.drop_column("unit")

    with op.batch_alter_table("sealed_scan", schema=None) as batch_op:
        batch_op.drop_index("ix_sealed_scan_report_id")

    op.drop_table("sealed_scan")
    op.drop_table("report_version")
    with op.batch_alter_table("listed_item", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_listed_item_year_indicator_key",
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )
        batch_op.drop_index("ix_listed_item_unit")

    op.drop_table("listed_item")
    with op.batch_alter_table("totals_confirmed", schema=None) as batch_op:
        batch_op.drop_index("ix_totals_confirmed_period_action")

    op.drop_table("totals_confirmed")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index("ix_report_period")

    op.drop_table("report")
    with op.batch_alter_table("period_closing", schema=None) as batch_op:
        batch_op.drop_index("ix_period_closing_period")

    op.drop_table("period_closing")
    with op.batch_alter_table("ledger_token", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_token_unit")

    op.drop_table("ledger_token")
    with op.batch_alter_table("important_matter", schema=None) as batch_op:
        batch_op.drop_index("ix_important_matter_year_unit")

    op.drop_table("important_matter")
    op.drop_table("ledger_reminder")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION report_version_refuse()")


def _let_in(roles: tuple[str, ...]) -> None:
    with op.batch_alter_table("staff_account") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_staff_account_role"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_staff_account_role"), f"role IN {roles}")
