"""Who is told of a clock, who has seen it, and what goes out by mail and webhook."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.records.append_only import append_only_statements

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_reminders()
    op.create_table(
        "reminder_readings",
        sa.Column("reminder_id", _SEQUENCE, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminders.id"], name="fk_reminder_readings_reminder_id_reminders"),
        sa.PrimaryKeyConstraint("reminder_id", "user_id", name="pk_reminder_readings"),
    )
    _create_messages()


def _create_reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("clock", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("escalation", sa.Integer(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reminders"),
        sa.UniqueConstraint(
            "subject",
            "subject_id",
            "clock",
            "stage",
            "escalation",
            "due_ms",
            "role",
            "unit_id",
            name="uq_reminders_once",
        ),
    )
    op.create_index("ix_reminders_role_unit_id", "reminders", ["role", "unit_id", "id"])
    for statement in append_only_statements("reminders", op.get_bind().dialect.name):
        op.execute(statement)


def _create_messages() -> None:
    op.create_table(
        "reminder_messages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=True),
        sa.Column("process", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reminder_messages"),
    )
    op.create_index("ix_reminder_messages_state", "reminder_messages", ["state", "due_ms"])
    op.create_index("ix_reminder_messages_subject", "reminder_messages", ["subject", "subject_id"])


def downgrade() -> None:
    op.drop_table("reminder_messages")
    op.drop_table("reminder_readings")
    op.drop_table("reminders")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION reminders_refuse_change()")
