"""The language in which a report is written."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("compliance_reports", sa.Column("language", sa.String(length=2), nullable=False, server_default="zh"))


def downgrade() -> None:
    op.drop_column("compliance_reports", "language")
