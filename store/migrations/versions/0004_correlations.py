"""What correlations hold across a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TOTALS = ("observed", "late", "without_group", "evaluated_early", "evicted_groups", "evicted_events")


def upgrade() -> None:
    op.create_table(
        "correlation_states",
        sa.Column("family", sa.String(length=32), nullable=False),
        sa.Column("rule_ids", sa.JSON(), nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _TOTALS),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("family", name="pk_correlation_states"),
    )
    op.create_table(
        "correlation_items",
        sa.Column("family", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("family", "event_id", "node", "slot", name="pk_correlation_items"),
    )
    op.create_index("ix_correlation_items_family_time", "correlation_items", ["family", "time"], unique=False)


def downgrade() -> None:
    op.drop_table("correlation_items")
    op.drop_table("correlation_states")
