"""The history of alerts refuses change, as the audit trail does."""

from __future__ import annotations

from alembic import op

from store.records.append_only import append_only_statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_HISTORY = "alert_transitions"


def upgrade() -> None:
    for statement in append_only_statements(_HISTORY, op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for operation in ("update", "delete"):
            op.execute(f"DROP TRIGGER {_HISTORY}_no_{operation}")
    else:
        for trigger in ("change", "truncate"):
            op.execute(f"DROP TRIGGER {_HISTORY}_no_{trigger} ON {_HISTORY}")
        op.execute(f"DROP FUNCTION {_HISTORY}_refuse_change()")
