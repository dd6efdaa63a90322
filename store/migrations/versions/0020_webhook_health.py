"""Why a webhook endpoint was disabled, and how many deliveries to it were given up one after the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook_endpoints", sa.Column("disabled_because", sa.String(length=16), nullable=True))
    op.add_column("webhook_endpoints", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE webhook_endpoints SET disabled_because = 'person' WHERE disabled_ms IS NOT NULL")


def downgrade() -> None:
    op.drop_column("webhook_endpoints", "failures")
    op.drop_column("webhook_endpoints", "disabled_because")
