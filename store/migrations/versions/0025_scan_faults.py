"""What went wrong in a scan by a stable name, so that readers are told in their language."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scans", sa.Column("fault", sa.String(length=32), nullable=True))
    op.add_column("scan_resources", sa.Column("faults", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("scan_resources", "faults")
    op.drop_column("scans", "fault")
