"""Data sources, and scans with the resources that they look at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_sources",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("sealed_address", sa.Text(), nullable=False),
        sa.Column("password_from", sa.String(length=255), nullable=True),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("retired_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_data_sources"),
    )
    op.create_index("ix_data_sources_unit_id", "data_sources", ["unit_id"], unique=False)
    _create_scans()
    op.create_table(
        "scan_resources",
        sa.Column("scan_id", sa.String(length=36), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("resource_id", sa.String(length=128), nullable=True),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("finished_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"], name="fk_scan_resources_scan_id_scans"),
        sa.PrimaryKeyConstraint("scan_id", "ordinal", name="pk_scan_resources"),
    )
    op.create_index("ix_scan_resources_state", "scan_resources", ["scan_id", "state", "ordinal"], unique=False)


def downgrade() -> None:
    for table in ("scan_resources", "scans", "data_sources"):
        op.drop_table(table)


def _create_scans() -> None:
    op.create_table(
        "scans",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sampling", sa.JSON(), nullable=False),
        sa.Column("detector_version", sa.String(length=64), nullable=False),
        sa.Column("requested_by", sa.String(length=255), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=True),
        sa.Column("finished_ms", sa.BigInteger(), nullable=True),
        sa.Column("claim", sa.String(length=36), nullable=True),
        sa.Column("lease_ms", sa.BigInteger(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("resources", sa.Integer(), nullable=True),
        sa.Column("resources_done", sa.Integer(), nullable=False),
        sa.Column("resources_failed", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("rows_now", sa.BigInteger(), nullable=False),
        sa.Column("resource_now", sa.Text(), nullable=True),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["data_sources.id"], name="fk_scans_source_id_data_sources"),
        sa.PrimaryKeyConstraint("id", name="pk_scans"),
    )
    for column in ("source_id", "state", "created_ms"):
        op.create_index(f"ix_scans_{column}", "scans", [column], unique=False)
