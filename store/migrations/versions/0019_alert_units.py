"""Whose alerts are: the unit and the system of all their events. Those raised before are of no unit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("unit_id", sa.String(length=64), nullable=True))
    op.add_column("alerts", sa.Column("system_id", sa.String(length=64), nullable=True))
    op.create_index("ix_alerts_unit_id_last_seen", "alerts", ["unit_id", "last_seen"])


def downgrade() -> None:
    op.drop_index("ix_alerts_unit_id_last_seen", "alerts")
    for name in ("system_id", "unit_id"):
        op.drop_column("alerts", name)
