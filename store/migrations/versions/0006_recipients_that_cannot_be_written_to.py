"""recipients of a broadcast whose message cannot be written

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "broadcast_recipient", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "broadcast_recipient", sa.Column("error", sa.String(length=500), nullable=False, server_default="")
    )


def downgrade() -> None:
    with op.batch_alter_table("broadcast_recipient") as table:
        table.drop_column("error")
        table.drop_column("attempts")
