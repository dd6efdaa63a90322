"""What rules with new terms have seen, and the windows that rules with a threshold count in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_seen_rules",
        sa.Column("rule_id", sa.String(length=255), nullable=False),
        sa.Column("earliest", sa.BigInteger(), nullable=False),
        sa.Column("newest_piece", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name="pk_first_seen_rules"),
    )
    op.create_table(
        "seen_combinations",
        sa.Column("rule_id", sa.String(length=255), nullable=False),
        sa.Column("combination", sa.String(length=32), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.Column("recent", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "combination", name="pk_seen_combinations"),
    )
    op.create_index("ix_seen_combinations_rule_id_latest", "seen_combinations", ["rule_id", "latest"], unique=False)
    op.create_table(
        "threshold_windows",
        sa.Column("rule_id", sa.String(length=255), nullable=False),
        sa.Column("group", sa.String(length=32), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "group", "start", name="pk_threshold_windows"),
    )
    op.create_index("ix_threshold_windows_rule_id_start", "threshold_windows", ["rule_id", "start"], unique=False)


def downgrade() -> None:
    op.drop_table("threshold_windows")
    op.drop_table("seen_combinations")
    op.drop_table("first_seen_rules")
