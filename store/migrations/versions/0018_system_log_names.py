"""The names under which systems show in logs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registry_system_log_names",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["registry_systems.id"], name="fk_registry_system_log_names_system_id_registry_systems"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_registry_system_log_names"),
    )
    op.create_index("ix_registry_system_log_names_system_id", "registry_system_log_names", ["system_id"])


def downgrade() -> None:
    op.drop_table("registry_system_log_names")
