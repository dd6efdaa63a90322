"""Assessments with their evidence and judgments, attestations, reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.records.append_only import append_only_statements

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_GROWING = ("compliance_results", "compliance_judgments", "compliance_attestations")
_TABLES = (
    "compliance_reports",
    "compliance_judgments",
    "compliance_results",
    "compliance_attestations",
    "compliance_assessments",
)


def upgrade() -> None:
    _create_assessments()
    _create_attestations()
    _create_results()
    _create_judgments()
    _create_reports()
    for table in _GROWING:
        for statement in append_only_statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in _GROWING:
            op.execute(f"DROP FUNCTION {table}_refuse_change()")


def _create_assessments() -> None:
    op.create_table(
        "compliance_assessments",
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("level_s", sa.Integer(), nullable=False),
        sa.Column("level_a", sa.Integer(), nullable=False),
        sa.Column("assessed_ms", sa.BigInteger(), nullable=True),
        sa.Column("system", sa.JSON(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=255), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("claimed_ms", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["system_id"], ["registry_systems.id"], name="fk_compliance_assessments_system_id_registry_systems"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_compliance_assessments"),
    )
    op.create_index("ix_compliance_assessments_state", "compliance_assessments", ["state"], unique=False)
    op.create_index("ix_compliance_assessments_system_id", "compliance_assessments", ["system_id"], unique=False)


def _create_attestations() -> None:
    op.create_table(
        "compliance_attestations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("judgment", sa.String(length=16), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=255), nullable=False),
        sa.Column("document_digest", sa.String(length=64), nullable=False),
        sa.Column("attested_by_id", sa.String(length=128), nullable=False),
        sa.Column("attested_by", sa.String(length=255), nullable=False),
        sa.Column("attested_ms", sa.BigInteger(), nullable=False),
        sa.Column("valid_until_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["registry_systems.id"], name="fk_compliance_attestations_system_id_registry_systems"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_compliance_attestations"),
    )
    op.create_index(
        "ix_compliance_attestations_system_id",
        "compliance_attestations",
        ["system_id", "ref", "attested_ms"],
        unique=False,
    )


def _create_results() -> None:
    op.create_table(
        "compliance_results",
        sa.Column("assessment_id", sa.String(length=32), nullable=False),
        sa.Column("check_id", sa.String(length=64), nullable=False),
        sa.Column("judgment", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("checked_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["compliance_assessments.id"],
            name="fk_compliance_results_assessment_id_compliance_assessments",
        ),
        sa.PrimaryKeyConstraint("assessment_id", "check_id", name="pk_compliance_results"),
    )


def _create_judgments() -> None:
    op.create_table(
        "compliance_judgments",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("assessment_id", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("judgment", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("attestation_id", sa.String(length=32), nullable=True),
        sa.Column("actor_id", sa.String(length=128), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["compliance_assessments.id"],
            name="fk_compliance_judgments_assessment_id_compliance_assessments",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_compliance_judgments"),
    )
    op.create_index(
        "ix_compliance_judgments_assessment_id",
        "compliance_judgments",
        ["assessment_id", "ref", "id"],
        unique=False,
    )


def _create_reports() -> None:
    op.create_table(
        "compliance_reports",
        sa.Column("assessment_id", sa.String(length=32), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("finished_ms", sa.BigInteger(), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("snapshot_digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=255), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("claimed_ms", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["compliance_assessments.id"],
            name="fk_compliance_reports_assessment_id_compliance_assessments",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_compliance_reports"),
    )
    op.create_index("ix_compliance_reports_assessment_id", "compliance_reports", ["assessment_id"], unique=False)
    op.create_index("ix_compliance_reports_state", "compliance_reports", ["state"], unique=False)
