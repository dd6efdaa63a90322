"""Entries as people write them, checked one by one: the same for the API and for files."""

from registry.entries.organization import Contact, SystemEntry, UnitEntry
from registry.entries.resources import FieldEntry, ResourceEntry
from registry.entries.sharing import AccountEntry, ConsumerEntry, GrantEntry, RegisteredGrant

__all__ = [
    "AccountEntry",
    "ConsumerEntry",
    "Contact",
    "FieldEntry",
    "GrantEntry",
    "RegisteredGrant",
    "ResourceEntry",
    "SystemEntry",
    "UnitEntry",
]
