"""Findings of classification under review, their history, and the resources that were looked at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.records.append_only import append_only_statements

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STEPS = "classification_finding_steps"


def upgrade() -> None:
    _create_findings()
    op.create_table(
        _STEPS,
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("finding_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("grade", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("detector_version", sa.String(length=64), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["classification_findings.id"],
            name="fk_classification_finding_steps_finding_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_classification_finding_steps"),
    )
    op.create_index("ix_classification_finding_steps_finding_id", _STEPS, ["finding_id"], unique=False)
    op.create_table(
        "classified_resources",
        sa.Column("resource_id", sa.String(length=128), nullable=False),
        sa.Column("resource_name", sa.String(length=255), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("scan_id", sa.String(length=64), nullable=False),
        sa.Column("scanned_ms", sa.BigInteger(), nullable=False),
        sa.Column("detector_version", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("subjects", sa.BigInteger(), nullable=True),
        sa.Column("published_grade", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("resource_id", name="pk_classified_resources"),
    )
    op.create_index("ix_classified_resources_unit_id", "classified_resources", ["unit_id"], unique=False)
    for statement in append_only_statements(_STEPS, op.get_bind().dialect.name):
        op.execute(statement)


def _create_findings() -> None:
    op.create_table(
        "classification_findings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("resource_id", sa.String(length=128), nullable=False),
        sa.Column("field", sa.String(length=128), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("resource_name", sa.String(length=255), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("scheme", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=32), nullable=True),
        sa.Column("grade_rank", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("latest", sa.JSON(), nullable=True),
        sa.Column("disagreement", sa.String(length=16), nullable=True),
        sa.Column("detector_version", sa.String(length=64), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_name", sa.String(length=255), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_name", sa.String(length=255), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("review_due_ms", sa.BigInteger(), nullable=True),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("grade_in_force", sa.String(length=32), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_classification_findings"),
        sa.UniqueConstraint(
            "resource_id", "field", "category", name="uq_classification_findings_resource_id_field_category"
        ),
    )
    for columns in (["unit_id"], ["review_due_ms"], ["state", "grade_rank", "created_ms", "id"]):
        name = "ix_classification_findings_" + ("state_grade_rank" if len(columns) > 1 else columns[0])
        op.create_index(name, "classification_findings", columns, unique=False)


def downgrade() -> None:
    op.drop_table("classified_resources")
    op.drop_table(_STEPS)
    op.drop_table("classification_findings")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {_STEPS}_refuse_change()")
