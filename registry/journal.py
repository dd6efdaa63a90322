"""Writes down what changes: a row of the change log for each entry, and the audit record of the whole change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from sqlalchemy import insert
from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from registry.models import RegistryChange
from registry.vocabulary import EntryKind

_NOT_KEPT = frozenset({"telephone", "email"})
"""Of a contact only role and name stand in the logs."""


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What was done to an entry: ``verb`` with its states before and after, as JSON values."""

    kind: EntryKind
    object_id: str
    verb: str
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    reason: str | None = None


def journal(session: Session, change: EntryChange, by: ChangedBy) -> None:
    """Write one change down, in the caller's transaction; the audit record first, since that orders the writers."""
    before, after = _kept(change.before), _kept(change.after)
    kind = change.kind.value
    audit_change(session, Change(kind, change.verb, change.object_id, change.reason, before, after), by)
    _add_rows(session, [change], by)


def journal_import(
    session: Session, summary: Mapping[str, object], changes: Sequence[EntryChange], by: ChangedBy
) -> None:
    """Write the changes of a file down: all of them in the change log, and one audit record with their SM3 digest."""
    digest = hashes.Hash(hashes.SM3())
    for change in changes:
        line = [change.kind.value, change.object_id, change.verb, _kept(change.before), _kept(change.after)]
        digest.update(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")
    after = {**summary, "changes_sm3": digest.finalize().hex()}
    audit_change(session, Change("registry", "import", str(summary["register"]), after=after), by)
    _add_rows(session, changes, by)


def _add_rows(session: Session, changes: Sequence[EntryChange], by: ChangedBy) -> None:
    rows = [
        {
            "at": by.at_ms,
            "kind": change.kind.value,
            "object_id": change.object_id,
            "verb": change.verb,
            "actor": by.actor.name,
            "before": _kept(change.before),
            "after": _kept(change.after),
        }
        for change in changes
    ]
    if rows:
        session.flush()
        session.execute(insert(RegistryChange), rows)


def _kept(state: Mapping[str, object] | None) -> dict[str, object] | None:
    if state is None:
        return None
    kept = dict(state)
    contacts = kept.get("contacts")
    if isinstance(contacts, list):
        kept["contacts"] = [{name: each[name] for name in each if name not in _NOT_KEPT} for each in contacts]
    return kept
