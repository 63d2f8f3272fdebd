"""the mini-program's users, their passports and messages, what the public tells staff"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("openid_hash", sa.String(length=64), nullable=False),
        sa.Column("openid_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("openid_hash", name=op.f("uq_person_openid_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("person") as batch_op:
        batch_op.create_index("ix_person_key_id", ["key_id"], unique=False)

    op.create_table(
        "pushed_event",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_pushed_event")),
    )
    with op.batch_alter_table("pushed_event") as batch_op:
        batch_op.create_index("ix_pushed_event_at", ["at"], unique=False)

    op.create_table(
        "bus_subscription",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_bus_subscription_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["route_id"], ["listing.id"], name=op.f("fk_bus_subscription_route_id_listing")
        ),
        sa.PrimaryKeyConstraint("person_id", "route_id", name=op.f("pk_bus_subscription")),
    )
    with op.batch_alter_table("bus_subscription") as batch_op:
        batch_op.create_index("ix_bus_subscription_route_id", ["route_id"], unique=False)

    op.create_table(
        "coded_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=24), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('changed', 'declined')) = (decided_at IS NOT NULL)",
            name=op.f("ck_coded_report_decided_at"),
        ),
        sa.CheckConstraint(
            "state <> 'declined' OR reason <> ''", name=op.f("ck_coded_report_reason")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'checking', 'changed', 'declined')",
            name=op.f("ck_coded_report_state"),
        ),
        sa.CheckConstraint(
            "what IN ('did_not_come', 'left_early', 'late', 'wrong_position', 'wrong_phone',"
            " 'closed')",
            name=op.f("ck_coded_report_what"),
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"],
            ["staff_account.id"],
            name=op.f("fk_coded_report_checked_by_staff_account"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["staff_account.id"],
            name=op.f("fk_coded_report_decided_by_staff_account"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_coded_report_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coded_report")),
        sa.UniqueConstraint("receipt", name=op.f("uq_coded_report_receipt")),
    )
    with op.batch_alter_table("coded_report") as batch_op:
        batch_op.create_index("ix_coded_report_listing_id", ["listing_id"], unique=False)
        batch_op.create_index("ix_coded_report_state_id", ["state", "id"], unique=False)

    op.create_table(
        "favourite",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_favourite_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_favourite_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "listing_id", name=op.f("pk_favourite")),
    )
    with op.batch_alter_table("favourite") as batch_op:
        batch_op.create_index("ix_favourite_listing_id", ["listing_id"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_check", sa.String(length=16), nullable=False),
        sa.Column("check_label", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'answered') = (answer <> '')", name=op.f("ck_feedback_answer")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (answered_at IS NULL)", name=op.f("ck_feedback_answered_at")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'closed')", name=op.f("ck_feedback_state")
        ),
        sa.CheckConstraint(
            "text_check IN ('pass', 'review', 'failed')", name=op.f("ck_feedback_text_check")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["staff_account.id"],
            name=op.f("fk_feedback_answered_by_staff_account"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_feedback_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_feedback_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("feedback") as batch_op:
        batch_op.create_index("ix_feedback_listing_id", ["listing_id"], unique=False)
        batch_op.create_index("ix_feedback_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_feedback_state_id", ["state", "id"], unique=False)

    op.create_table(
        "message_consent",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_message_consent_remaining")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_message_consent_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "template", name=op.f("pk_message_consent")),
    )
    op.create_table(
        "person_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_person_session_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_session")),
        sa.UniqueConstraint("sha256", name=op.f("uq_person_session_sha256")),
    )
    with op.batch_alter_table("person_session") as batch_op:
        batch_op.create_index("ix_person_session_person_id", ["person_id"], unique=False)

    op.create_table(
        "scene",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_scene_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["staff_account.id"], name=op.f("fk_scene_made_by_staff_account")
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["stored_file.id"], name=op.f("fk_scene_picture_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["staff_account.id"], name=op.f("fk_scene_revoked_by_staff_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scene")),
        sa.UniqueConstraint("code", name=op.f("uq_scene_code")),
    )
    with op.batch_alter_table("scene") as batch_op:
        batch_op.create_index("ix_scene_listing_id", ["listing_id"], unique=False)
        batch_op.create_index(
            "uq_scene_listing_id_good",
            ["listing_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "stamp",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_stamp_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_stamp_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "listing_id", "day", name=op.f("pk_stamp")),
    )
    with op.batch_alter_table("stamp") as batch_op:
        batch_op.create_index("ix_stamp_listing_id", ["listing_id"], unique=False)

    op.create_table(
        "mailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_mailing_job_id_job"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["listing.id"], name=op.f("fk_mailing_notice_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.UniqueConstraint("notice_id", "template", name="uq_mailing_notice_id_template"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'refused', 'failed', 'uncertain')",
            name=op.f("ck_message_state"),
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_message_mailing_id_mailing")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_message_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["route_id"], ["listing.id"], name=op.f("fk_message_route_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("mailing_id", "person_id", name="uq_message_mailing_id_person_id"),
    )
    with op.batch_alter_table("message") as batch_op:
        batch_op.create_index("ix_message_mailing_id_state", ["mailing_id", "state"], unique=False)
        batch_op.create_index("ix_message_person_id", ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index("ix_message_person_id")
        batch_op.drop_index("ix_message_mailing_id_state")

    op.drop_table("message")
    op.drop_table("mailing")
    with op.batch_alter_table("stamp") as batch_op:
        batch_op.drop_index("ix_stamp_listing_id")

    op.drop_table("stamp")
    with op.batch_alter_table("scene") as batch_op:
        batch_op.drop_index(
            "uq_scene_listing_id_good",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index("ix_scene_listing_id")

    op.drop_table("scene")
    with op.batch_alter_table("person_session") as batch_op:
        batch_op.drop_index("ix_person_session_person_id")

    op.drop_table("person_session")
    op.drop_table("message_consent")
    with op.batch_alter_table("feedback") as batch_op:
        batch_op.drop_index("ix_feedback_state_id")
        batch_op.drop_index("ix_feedback_person_id")
        batch_op.drop_index("ix_feedback_listing_id")

    op.drop_table("feedback")
    with op.batch_alter_table("favourite") as batch_op:
        batch_op.drop_index("ix_favourite_listing_id")

    op.drop_table("favourite")
    with op.batch_alter_table("coded_report") as batch_op:
        batch_op.drop_index("ix_coded_report_state_id")
        batch_op.drop_index("ix_coded_report_listing_id")

    op.drop_table("coded_report")
    with op.batch_alter_table("bus_subscription") as batch_op:
        batch_op.drop_index("ix_bus_subscription_route_id")

    op.drop_table("bus_subscription")
    with op.batch_alter_table("pushed_event") as batch_op:
        batch_op.drop_index("ix_pushed_event_at")

    op.drop_table("pushed_event")
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_index("ix_person_key_id")

    op.drop_table("person")
