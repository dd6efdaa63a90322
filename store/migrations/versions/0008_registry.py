"""The registry: units, systems, resources, consumers, grants; and the units that an account speaks for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.records.append_only import append_only_statements

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("registry_changes", "registry_grant_transitions")
_TABLES_FROM_THE_LAST = (
    "registry_grant_transitions",
    "registry_resource_parents",
    "registry_resource_fields",
    "registry_grants",
    "registry_system_addresses",
    "registry_resources",
    "registry_accounts",
    "registry_systems",
    "registry_consumers",
    "registry_units",
    "registry_changes",
)


def upgrade() -> None:
    op.add_column("users", sa.Column("units", sa.JSON(), nullable=True))
    _create_changes()
    _create_units()
    _create_consumers()
    _create_systems()
    _create_accounts()
    _create_resources()
    _create_system_addresses()
    _create_grants()
    _create_resource_fields()
    _create_resource_parents()
    _create_grant_transitions()
    for table in _APPEND_ONLY:
        for statement in append_only_statements(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in _TABLES_FROM_THE_LAST:
        op.drop_table(table)
    op.drop_column("users", "units")
    if op.get_bind().dialect.name == "postgresql":
        for table in _APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse_change()")


def _create_changes() -> None:
    op.create_table(
        "registry_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", sa.String(length=128), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_registry_changes"),
    )
    op.create_index("ix_registry_changes_kind_object_id", "registry_changes", ["kind", "object_id", "id"], unique=False)


def _create_units() -> None:
    op.create_table(
        "registry_units",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("parent_id", sa.String(length=64), nullable=True),
        sa.Column("path", sa.String(length=1024), nullable=False),
        sa.Column("contacts", sa.JSON(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["registry_units.id"], name="fk_registry_units_parent_id_registry_units"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registry_units"),
    )
    op.create_index("ix_registry_units_name", "registry_units", ["name"], unique=False)
    op.create_index("ix_registry_units_parent_id", "registry_units", ["parent_id"], unique=False)
    op.create_index("ix_registry_units_path", "registry_units", ["path"], unique=False)


def _create_consumers() -> None:
    op.create_table(
        "registry_consumers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("company", sa.String(length=255), nullable=False),
        sa.Column("contract_end_ms", sa.BigInteger(), nullable=True),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["registry_units.id"], name="fk_registry_consumers_unit_id_registry_units"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registry_consumers"),
    )
    op.create_index("ix_registry_consumers_unit_id", "registry_consumers", ["unit_id"], unique=False)


def _create_systems() -> None:
    op.create_table(
        "registry_systems",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("operator_id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("supervisor_id", sa.String(length=64), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("level_s", sa.Integer(), nullable=True),
        sa.Column("level_a", sa.Integer(), nullable=True),
        sa.Column("filing_number", sa.String(length=64), nullable=False),
        sa.Column("is_critical", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=32), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["registry_units.id"], name="fk_registry_systems_operator_id_registry_units"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["registry_units.id"], name="fk_registry_systems_owner_id_registry_units"
        ),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["registry_units.id"], name="fk_registry_systems_supervisor_id_registry_units"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registry_systems"),
    )
    op.create_index("ix_registry_systems_operator_id", "registry_systems", ["operator_id"], unique=False)
    op.create_index("ix_registry_systems_owner_id", "registry_systems", ["owner_id"], unique=False)
    op.create_index("ix_registry_systems_supervisor_id", "registry_systems", ["supervisor_id"], unique=False)


def _create_accounts() -> None:
    op.create_table(
        "registry_accounts",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("consumer_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("last_used_ms", sa.BigInteger(), nullable=True),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_id"], ["registry_consumers.id"], name="fk_registry_accounts_consumer_id_registry_consumers"
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["registry_systems.id"], name="fk_registry_accounts_system_id_registry_systems"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registry_accounts"),
    )
    op.create_index("ix_registry_accounts_consumer_id", "registry_accounts", ["consumer_id"], unique=False)
    op.create_index("ix_registry_accounts_system_id", "registry_accounts", ["system_id"], unique=False)


def _create_resources() -> None:
    op.create_table(
        "registry_resources",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=True),
        sa.Column("database", sa.String(length=128), nullable=False),
        sa.Column("schema", sa.String(length=128), nullable=False),
        sa.Column("table", sa.String(length=128), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("path", sa.String(length=512), nullable=False),
        sa.Column("locator", sa.String(length=640), nullable=True),
        sa.Column("grade", sa.String(length=32), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("sharing", sa.String(length=16), nullable=False),
        sa.Column("opening", sa.String(length=16), nullable=False),
        sa.Column("dedicated", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=True),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["registry_units.id"], name="fk_registry_resources_provider_id_registry_units"
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["registry_systems.id"], name="fk_registry_resources_system_id_registry_systems"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registry_resources"),
        sa.UniqueConstraint("locator", name="uq_registry_resources_locator"),
    )
    op.create_index("ix_registry_resources_grade", "registry_resources", ["grade"], unique=False)
    op.create_index("ix_registry_resources_provider_id", "registry_resources", ["provider_id"], unique=False)
    op.create_index("ix_registry_resources_system_id", "registry_resources", ["system_id"], unique=False)


def _create_system_addresses() -> None:
    op.create_table(
        "registry_system_addresses",
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["registry_systems.id"], name="fk_registry_system_addresses_system_id_registry_systems"
        ),
        sa.PrimaryKeyConstraint("network", name="pk_registry_system_addresses"),
    )
    op.create_index("ix_registry_system_addresses_system_id", "registry_system_addresses", ["system_id"], unique=False)


def _create_grants() -> None:
    op.create_table(
        "registry_grants",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("consumer_id", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("resource_id", sa.String(length=128), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.String(length=255), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), nullable=False),
        sa.Column("valid_to_ms", sa.BigInteger(), nullable=False),
        sa.Column("records_per_day", sa.BigInteger(), nullable=True),
        sa.Column("subjects_per_day", sa.BigInteger(), nullable=True),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since_ms", sa.BigInteger(), nullable=False),
        sa.Column("requested_by", sa.String(length=128), nullable=False),
        sa.Column("approved_by", sa.String(length=128), nullable=True),
        sa.Column("approved_ms", sa.BigInteger(), nullable=True),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_id"], ["registry_consumers.id"], name="fk_registry_grants_consumer_id_registry_consumers"
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["registry_units.id"], name="fk_registry_grants_provider_id_registry_units"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["registry_resources.id"], name="fk_registry_grants_resource_id_registry_resources"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registry_grants"),
    )
    op.create_index("ix_registry_grants_consumer_id", "registry_grants", ["consumer_id"], unique=False)
    op.create_index("ix_registry_grants_due", "registry_grants", ["state", "valid_to_ms"], unique=False)
    op.create_index("ix_registry_grants_provider_id", "registry_grants", ["provider_id"], unique=False)
    op.create_index("ix_registry_grants_resource_id", "registry_grants", ["resource_id"], unique=False)


def _create_resource_fields() -> None:
    op.create_table(
        "registry_resource_fields",
        sa.Column("resource_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("grade", sa.String(length=32), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["registry_resources.id"],
            name="fk_registry_resource_fields_resource_id_registry_resources",
        ),
        sa.PrimaryKeyConstraint("resource_id", "name", name="pk_registry_resource_fields"),
    )


def _create_resource_parents() -> None:
    op.create_table(
        "registry_resource_parents",
        sa.Column("resource_id", sa.String(length=128), nullable=False),
        sa.Column("parent_id", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["registry_resources.id"], name="fk_registry_resource_parents_parent_id_registry_resources"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["registry_resources.id"],
            name="fk_registry_resource_parents_resource_id_registry_resources",
        ),
        sa.PrimaryKeyConstraint("resource_id", "parent_id", name="pk_registry_resource_parents"),
    )
    op.create_index("ix_registry_resource_parents_parent_id", "registry_resource_parents", ["parent_id"], unique=False)


def _create_grant_transitions() -> None:
    op.create_table(
        "registry_grant_transitions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("grant_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["registry_grants.id"], name="fk_registry_grant_transitions_grant_id_registry_grants"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registry_grant_transitions"),
    )
    op.create_index("ix_registry_grant_transitions_grant_id", "registry_grant_transitions", ["grant_id"], unique=False)
    op.create_index("ix_registry_grant_transitions_to_state", "registry_grant_transitions", ["to_state"], unique=False)
