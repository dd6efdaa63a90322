"""The tables of the registry."""

from registry.models.changes import RegistryChange
from registry.models.imports import ImportTrialRecord
from registry.models.organization import SystemAddress, SystemLogName, SystemRecord, UnitRecord
from registry.models.resources import ResourceField, ResourceParent, ResourceRecord
from registry.models.sharing import AccountRecord, ConsumerRecord, GrantRecord, GrantTransition

__all__ = [
    "AccountRecord",
    "ConsumerRecord",
    "GrantRecord",
    "GrantTransition",
    "ImportTrialRecord",
    "RegistryChange",
    "ResourceField",
    "ResourceParent",
    "ResourceRecord",
    "SystemAddress",
    "SystemLogName",
    "SystemRecord",
    "UnitRecord",
]
