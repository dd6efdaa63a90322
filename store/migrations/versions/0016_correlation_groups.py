"""How many groups correlations hold, and when the oldest window began that is still open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("correlation_states", sa.Column("groups_held", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("correlation_states", sa.Column("oldest_window", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for name in ("oldest_window", "groups_held"):
        op.drop_column("correlation_states", name)
