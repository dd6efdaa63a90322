"""Indicators, their history, and the version of the whole set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.records.append_only import append_only_statements

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_HISTORY = "indicator_transitions"


def upgrade() -> None:
    op.create_table(
        "indicators",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=2048), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), nullable=True),
        sa.Column("valid_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("tlp", sa.String(length=16), nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("searched_ms", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_indicators"),
    )
    op.create_index("ix_indicators_type_value", "indicators", ["type", "value"], unique=False)
    op.create_index("ix_indicators_updated_ms", "indicators", ["updated_ms", "id"], unique=False)
    op.create_index("ix_indicators_due", "indicators", ["state", "searched_ms", "type", "id"], unique=False)
    op.create_table(
        "indicator_transitions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("indicator_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicators.id"], name="fk_indicator_transitions_indicator_id_indicators"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_indicator_transitions"),
    )
    op.create_index("ix_indicator_transitions_indicator_id", "indicator_transitions", ["indicator_id"], unique=False)
    op.create_table(
        "indicator_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_indicator_version"),
    )
    for statement in append_only_statements(_HISTORY, op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for table in ("indicator_version", "indicator_transitions", "indicators"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {_HISTORY}_refuse_change()")
