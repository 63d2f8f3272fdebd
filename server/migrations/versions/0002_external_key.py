"""where an imported listing comes from"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listing", sa.Column("external_key", sa.String(length=200), nullable=True))
    columns = ["type", "external_key"]
    op.create_index("ix_listing_type_external_key", "listing", columns, unique=True)


def downgrade() -> None:
    op.drop_index("ix_listing_type_external_key", table_name="listing")
    op.drop_column("listing", "external_key")
