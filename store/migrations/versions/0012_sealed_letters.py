"""The bytes of dead letters that are shown with values hidden."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("dead_letters", sa.Column("sealed", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop the column; what was sealed is lost."""
    op.drop_column("dead_letters", "sealed")
