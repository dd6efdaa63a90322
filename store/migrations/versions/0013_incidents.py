"""Incidents and notices: steps, links, tasks, reports, clocks, timeline, attachments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.records.append_only import append_only_statements

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_APPEND_ONLY = (
    "incident_attachments",
    "incident_clock_events",
    "incident_reports",
    "incident_timeline",
    "incident_transitions",
    "notice_transitions",
)
_TABLES_FROM_THE_LAST = (
    "notice_transitions",
    "notices",
    "incident_transitions",
    "incident_timeline",
    "incident_tasks",
    "incident_reports",
    "incident_alerts",
    "incidents",
    "incident_clocks",
    "incident_clock_events",
    "incident_attachments",
)


def upgrade() -> None:
    op.create_index("ix_alerts_created", "alerts", ["created"], unique=False)
    _create_incident_attachments()
    _create_incident_clock_events()
    _create_incident_clocks()
    _create_incidents()
    _create_incident_alerts()
    _create_incident_reports()
    _create_incident_tasks()
    _create_incident_timeline()
    _create_incident_transitions()
    _create_notices()
    _create_notice_transitions()
    for table in _APPEND_ONLY:
        for statement in append_only_statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in _TABLES_FROM_THE_LAST:
        op.drop_table(table)
    op.drop_index("ix_alerts_created", "alerts")
    if op.get_bind().dialect.name == "postgresql":
        for table in _APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse_change()")


def _create_incident_attachments() -> None:
    op.create_table(
        "incident_attachments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=128), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sm3", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident_attachments"),
    )
    op.create_index("ix_incident_attachments_sha256", "incident_attachments", ["sha256"], unique=False)
    op.create_index(
        "ix_incident_attachments_subject", "incident_attachments", ["subject", "subject_id", "at"], unique=False
    )


def _create_incident_clock_events() -> None:
    op.create_table(
        "incident_clock_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("clock", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=True),
        sa.Column("due_ms", sa.BigInteger(), nullable=True),
        sa.Column("remaining_ms", sa.BigInteger(), nullable=True),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_incident_clock_events"),
    )
    op.create_index(
        "ix_incident_clock_events_subject", "incident_clock_events", ["subject", "subject_id", "id"], unique=False
    )


def _create_incident_clocks() -> None:
    op.create_table(
        "incident_clocks",
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("clock", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=True),
        sa.Column("remaining_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("breached_ms", sa.BigInteger(), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("next_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("subject", "subject_id", "clock", name="pk_incident_clocks"),
    )
    op.create_index("ix_incident_clocks_next_ms", "incident_clocks", ["next_ms"], unique=False)


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("system_id", sa.String(length=64), nullable=True),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("class_code", sa.String(length=64), nullable=False),
        sa.Column("subclass_code", sa.String(length=64), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("proposed_level", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("level_decided_by", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("conclusion", sa.String(length=32), nullable=True),
        sa.Column("owner_id", sa.String(length=128), nullable=True),
        sa.Column("owner_name", sa.String(length=255), nullable=True),
        sa.Column("accountable", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("opened_by", sa.String(length=255), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("discovered_ms", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_ms", sa.BigInteger(), nullable=True),
        sa.Column("handled_ms", sa.BigInteger(), nullable=True),
        sa.Column("reopened_ms", sa.BigInteger(), nullable=True),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("merged_into_id", sa.String(length=32), nullable=True),
        sa.Column("group_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["merged_into_id"], ["incidents.id"], name="fk_incidents_merged_into_id_incidents"),
        sa.ForeignKeyConstraint(["system_id"], ["registry_systems.id"], name="fk_incidents_system_id_registry_systems"),
        sa.ForeignKeyConstraint(["unit_id"], ["registry_units.id"], name="fk_incidents_unit_id_registry_units"),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.UniqueConstraint("number", name="uq_incidents_number"),
    )
    op.create_index("ix_incidents_group_key", "incidents", ["group_key", "opened_ms"], unique=False)
    op.create_index("ix_incidents_merged_into_id", "incidents", ["merged_into_id"], unique=False)
    op.create_index("ix_incidents_opened_ms", "incidents", ["opened_ms"], unique=False)
    op.create_index("ix_incidents_state_changed_ms", "incidents", ["state", "changed_ms"], unique=False)
    op.create_index("ix_incidents_system_id", "incidents", ["system_id"], unique=False)
    op.create_index("ix_incidents_unit_id", "incidents", ["unit_id"], unique=False)


def _create_incident_alerts() -> None:
    op.create_table(
        "incident_alerts",
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("is_linked", sa.Boolean(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_incident_alerts_alert_id_alerts"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_alerts_incident_id_incidents"),
        sa.PrimaryKeyConstraint("incident_id", "alert_id", name="pk_incident_alerts"),
    )
    op.create_index("ix_incident_alerts_alert_id", "incident_alerts", ["alert_id"], unique=False)


def _create_incident_reports() -> None:
    op.create_table(
        "incident_reports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("addressee", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reported_ms", sa.BigInteger(), nullable=False),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_reports_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_incident_reports"),
    )
    op.create_index("ix_incident_reports_incident_id", "incident_reports", ["incident_id"], unique=False)


def _create_incident_tasks() -> None:
    op.create_table(
        "incident_tasks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("assignee", sa.String(length=255), nullable=True),
        sa.Column("due_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_tasks_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_incident_tasks"),
    )
    op.create_index("ix_incident_tasks_incident_id", "incident_tasks", ["incident_id"], unique=False)


def _create_incident_timeline() -> None:
    op.create_table(
        "incident_timeline",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_timeline_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_incident_timeline"),
    )
    op.create_index(
        "ix_incident_timeline_incident_id_at", "incident_timeline", ["incident_id", "at", "id"], unique=False
    )


def _create_incident_transitions() -> None:
    op.create_table(
        "incident_transitions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("conclusion", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_transitions_incident_id_incidents"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_incident_transitions"),
    )
    op.create_index("ix_incident_transitions_incident_id", "incident_transitions", ["incident_id"], unique=False)


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("issued_by_id", sa.String(length=128), nullable=False),
        sa.Column("issued_by", sa.String(length=255), nullable=False),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("deadline_ms", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_ms", sa.BigInteger(), nullable=True),
        sa.Column("answered_by_id", sa.String(length=128), nullable=True),
        sa.Column("answered_ms", sa.BigInteger(), nullable=True),
        sa.Column("verified_ms", sa.BigInteger(), nullable=True),
        sa.Column("asked_deadline_ms", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_id", sa.String(length=128), nullable=True),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_notices_incident_id_incidents"),
        sa.ForeignKeyConstraint(["unit_id"], ["registry_units.id"], name="fk_notices_unit_id_registry_units"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("number", name="uq_notices_number"),
    )
    op.create_index("ix_notices_incident_id", "notices", ["incident_id"], unique=False)
    op.create_index("ix_notices_source_reference", "notices", ["source", "reference"], unique=False)
    op.create_index("ix_notices_state_deadline_ms", "notices", ["state", "deadline_ms"], unique=False)
    op.create_index("ix_notices_unit_id", "notices", ["unit_id"], unique=False)


def _create_notice_transitions() -> None:
    op.create_table(
        "notice_transitions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=128), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("deadline_ms", sa.BigInteger(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_notice_transitions_notice_id_notices"),
        sa.PrimaryKeyConstraint("id", name="pk_notice_transitions"),
    )
    op.create_index("ix_notice_transitions_notice_id", "notice_transitions", ["notice_id"], unique=False)
