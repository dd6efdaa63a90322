"""Second factors, people of an OpenID provider, API keys bound to networks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_secret", sa.String(length=256), nullable=False),
        sa.Column("enrolled_ms", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_ms", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_second_factors_user_id_users"),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
    )
    op.add_column("api_keys", sa.Column("networks", sa.JSON(), nullable=True))
    op.add_column("users", sa.Column("external_subject", sa.String(length=255), nullable=True))
    op.create_index("ix_users_external_subject", "users", ["external_subject"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_users_external_subject", "users")
    op.drop_column("users", "external_subject")
    op.drop_column("api_keys", "networks")
    op.drop_table("second_factors")
