"""Signed checkpoints of the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.records.append_only import append_only_statements

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLE = "audit_checkpoints"
_sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("to_sequence", _sequence, autoincrement=False, nullable=False),
        sa.Column("from_sequence", _sequence, nullable=False),
        sa.Column("head_digest", sa.String(), nullable=False),
        sa.Column("merkle_root", sa.String(), nullable=False),
        sa.Column("leaves", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("previous_digest", sa.String(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("to_sequence", name="pk_audit_checkpoints"),
    )
    for statement in append_only_statements(_TABLE, op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(_TABLE)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {_TABLE}_refuse_change()")
