"""What changed in the registry: written with the audit record of each change, read by whoever follows it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.models import RegistryChange
from registry.vocabulary import EntryKind


def present_version(session: Session) -> int:
    """The version of the registry; 0 where nothing was ever registered."""
    return session.scalar(select(func.max(RegistryChange.id))) or 0


def changed_kinds(session: Session, version: int) -> set[str]:
    """The kinds of entries that changed after a version."""
    return set(session.scalars(select(RegistryChange.kind).where(RegistryChange.id > version).distinct()))


def changed_ids(session: Session, kind: EntryKind, version: int, limit: int) -> set[str]:
    """The ids of the entries of a kind that changed after a version, at most ``limit`` of them."""
    wanted = (RegistryChange.id > version) & (RegistryChange.kind == kind.value)
    return set(session.scalars(select(RegistryChange.object_id).where(wanted).distinct().limit(limit)))
