"""Playbooks, their runs with approvals and history, webhooks with their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.records.append_only import append_only_statements

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_GROWING = ("run_history", "webhook_attempts")
_TABLES = (
    "playbook_versions",
    "webhook_endpoints",
    "playbook_runs",
    "webhook_callbacks",
    "webhook_deliveries",
    "run_approvals",
    "run_history",
    "run_operations",
    "run_tokens",
    "webhook_attempts",
)
_sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_playbook_versions()
    _create_webhook_endpoints()
    _create_playbook_runs()
    _create_webhook_callbacks()
    _create_webhook_deliveries()
    _create_run_approvals()
    _create_run_history()
    _create_run_operations()
    _create_run_tokens()
    _create_webhook_attempts()
    for table in _GROWING:
        for statement in append_only_statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in _GROWING:
            op.execute(f"DROP FUNCTION {table}_refuse_change()")


def _create_playbook_versions() -> None:
    op.create_table(
        "playbook_versions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("playbook_id", sa.String(length=250), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("modified", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("added_ms", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=255), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_playbook_versions"),
    )
    op.create_index("ix_playbook_versions_is_current", "playbook_versions", ["is_current"], unique=False)
    op.create_index("ix_playbook_versions_playbook_id", "playbook_versions", ["playbook_id"], unique=False)


def _create_webhook_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_former", sa.Text(), nullable=True),
        sa.Column("former_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("disabled_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoints"),
        sa.UniqueConstraint("name", name="uq_webhook_endpoints_name"),
    )
    op.create_index("ix_webhook_endpoints_unit_id", "webhook_endpoints", ["unit_id"], unique=False)


def _create_playbook_runs() -> None:
    op.create_table(
        "playbook_runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("playbook_id", sa.String(length=250), nullable=False),
        sa.Column("playbook_name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=255), nullable=False),
        sa.Column("requested_name", sa.String(length=255), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=True),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("incident_id", sa.String(length=64), nullable=True),
        sa.Column("alert_id", sa.String(length=64), nullable=True),
        sa.Column("trigger", sa.String(length=255), nullable=True),
        sa.Column("parent_run_id", sa.String(length=32), nullable=True),
        sa.Column("parent_token_id", _sequence, nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("round_number", sa.Integer(), nullable=False),
        sa.Column("is_moving", sa.Boolean(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["digest"], ["playbook_versions.digest"], name="fk_playbook_runs_digest_playbook_versions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_playbook_runs"),
        sa.UniqueConstraint("trigger", name="uq_playbook_runs_trigger"),
    )
    op.create_index("ix_playbook_runs_alert_id", "playbook_runs", ["alert_id"], unique=False)
    op.create_index("ix_playbook_runs_incident_id", "playbook_runs", ["incident_id"], unique=False)
    op.create_index("ix_playbook_runs_is_moving", "playbook_runs", ["is_moving"], unique=False)
    op.create_index("ix_playbook_runs_playbook_id", "playbook_runs", ["playbook_id"], unique=False)
    op.create_index("ix_playbook_runs_started", "playbook_runs", ["started_ms", "id"], unique=False)
    op.create_index("ix_playbook_runs_unit_id", "playbook_runs", ["unit_id"], unique=False)


def _create_webhook_callbacks() -> None:
    op.create_table(
        "webhook_callbacks",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("endpoint_id", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name="fk_webhook_callbacks_endpoint_id_webhook_endpoints"
        ),
        sa.PrimaryKeyConstraint("id", "endpoint_id", name="pk_webhook_callbacks"),
    )


def _create_webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("endpoint_id", sa.String(length=32), nullable=False),
        sa.Column("token_id", _sequence, nullable=True),
        sa.Column("type", sa.String(length=128), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("most_attempts", sa.Integer(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name="fk_webhook_deliveries_endpoint_id_webhook_endpoints"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["state", "due_ms"], unique=False)
    op.create_index("ix_webhook_deliveries_endpoint_id", "webhook_deliveries", ["endpoint_id"], unique=False)


def _create_run_approvals() -> None:
    op.create_table(
        "run_approvals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("token_id", _sequence, nullable=False),
        sa.Column("step_id", sa.String(length=250), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=255), nullable=True),
        sa.Column("decided_name", sa.String(length=255), nullable=True),
        sa.Column("used_steps", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["playbook_runs.id"], name="fk_run_approvals_run_id_playbook_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_run_approvals"),
    )
    op.create_index("ix_run_approvals_role", "run_approvals", ["role"], unique=False)
    op.create_index("ix_run_approvals_run_id", "run_approvals", ["run_id"], unique=False)
    op.create_index("ix_run_approvals_state", "run_approvals", ["state"], unique=False)


def _create_run_history() -> None:
    op.create_table(
        "run_history",
        sa.Column("id", _sequence, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("step_id", sa.String(length=250), nullable=True),
        sa.Column("operation_id", sa.String(length=64), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["playbook_runs.id"], name="fk_run_history_run_id_playbook_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_run_history"),
    )
    op.create_index("ix_run_history_run_id", "run_history", ["run_id"], unique=False)


def _create_run_operations() -> None:
    op.create_table(
        "run_operations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("token_id", _sequence, nullable=False),
        sa.Column("step_id", sa.String(length=250), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("payload_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["playbook_runs.id"], name="fk_run_operations_run_id_playbook_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_run_operations"),
    )
    op.create_index("ix_run_operations_run_id", "run_operations", ["run_id"], unique=False)


def _create_run_tokens() -> None:
    op.create_table(
        "run_tokens",
        sa.Column("id", _sequence, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("parent_id", _sequence, nullable=True),
        sa.Column("step_id", sa.String(length=250), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("wait", sa.String(length=16), nullable=True),
        sa.Column("due_ms", sa.BigInteger(), nullable=True),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_delayed", sa.Boolean(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["playbook_runs.id"], name="fk_run_tokens_run_id_playbook_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_run_tokens"),
    )
    op.create_index("ix_run_tokens_parent_id", "run_tokens", ["parent_id"], unique=False)
    op.create_index("ix_run_tokens_run_id", "run_tokens", ["run_id"], unique=False)
    op.create_index("ix_run_tokens_state", "run_tokens", ["state", "due_ms"], unique=False)


def _create_webhook_attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("id", _sequence, autoincrement=True, nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_deliveries.id"], name="fk_webhook_attempts_delivery_id_webhook_deliveries"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_attempts"),
    )
    op.create_index("ix_webhook_attempts_delivery_id", "webhook_attempts", ["delivery_id"], unique=False)
