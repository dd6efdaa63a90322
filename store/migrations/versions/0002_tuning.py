"""Exceptions, withheld matches, silences, and the states and versions of rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.records.append_only import append_only_statements

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("rule_exception_transitions", "rule_state_changes", "rule_versions")


def upgrade() -> None:
    op.add_column("alerts", sa.Column("silence_id", sa.String(length=36), nullable=True))
    op.add_column("alerts", sa.Column("silenced_until", sa.BigInteger(), nullable=True))
    op.create_index("ix_alerts_silence_id", "alerts", ["silence_id"], unique=False)
    _create_exceptions()
    _create_withheld_matches()
    _create_silences()
    _create_lifecycle()
    for table in _APPEND_ONLY:
        for statement in append_only_statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in (
        "rule_versions",
        "rule_state_changes",
        "silences",
        "withheld_matches",
        "rule_exception_transitions",
        "rule_exceptions",
    ):
        op.drop_table(table)
    op.drop_index("ix_alerts_silence_id", "alerts")
    op.drop_column("alerts", "silenced_until")
    op.drop_column("alerts", "silence_id")
    if op.get_bind().dialect.name == "postgresql":
        for table in _APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse_change()")


def _create_exceptions() -> None:
    op.create_table(
        "rule_exceptions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("rule_id", sa.String(length=255), nullable=False),
        sa.Column("rule_title", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.String(length=255), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=True),
        sa.Column("backtest", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_exceptions"),
    )
    op.create_index("ix_rule_exceptions_rule_id", "rule_exceptions", ["rule_id"], unique=False)
    op.create_index("ix_rule_exceptions_state", "rule_exceptions", ["state"], unique=False)
    op.create_table(
        "rule_exception_transitions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("exception_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["exception_id"],
            ["rule_exceptions.id"],
            name="fk_rule_exception_transitions_exception_id_rule_exceptions",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rule_exception_transitions"),
    )
    op.create_index(
        "ix_rule_exception_transitions_exception_id", "rule_exception_transitions", ["exception_id"], unique=False
    )


def _create_withheld_matches() -> None:
    op.create_table(
        "withheld_matches",
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("cause_id", sa.String(length=255), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("rule_id", sa.String(length=255), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cause", "cause_id", "event_id", name="pk_withheld_matches"),
    )
    op.create_index("ix_withheld_matches_time", "withheld_matches", ["cause", "cause_id", "time"], unique=False)


def _create_silences() -> None:
    op.create_table(
        "silences",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("matchers", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_ends", "silences", ["ends"], unique=False)


def _create_lifecycle() -> None:
    op.create_table(
        "rule_state_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rule_id", sa.String(length=255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_state_changes"),
    )
    op.create_index("ix_rule_state_changes_rule_id", "rule_state_changes", ["rule_id"], unique=False)
    op.create_table(
        "rule_versions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rule_id", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rule_versions"),
    )
    op.create_index("ix_rule_versions_rule", "rule_versions", ["rule_id", "id"], unique=False)
