"""which sends are under way

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UNDER_WAY = sa.text("under_way")


def upgrade() -> None:
    op.add_column("sent", sa.Column("under_way", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_sent_under_way", "sent", ["scope", "at"], sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY
    )


def downgrade() -> None:
    op.drop_index("ix_sent_under_way", "sent")
    with op.batch_alter_table("sent") as table:
        table.drop_column("under_way")
