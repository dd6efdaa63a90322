"""Indicators into the database and out of use, each change in its history and in the audit trail."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy.orm import Session

from audit import Actor, AuditEntry, record
from detection.intelligence import repository
from detection.intelligence.errors import IndicatorNotFoundError
from detection.intelligence.models import Indicator, IndicatorState
from detection.intelligence.policy import load_intelligence_policy
from detection.intelligence.reading import NewIndicator
from events import now_ms
from store.records import RecordsDatabase

_DIGEST_BYTES = 16
_SAID = ("confidence", "reference", "valid_from_ms", "valid_until_ms", "tlp", "description")
"""What a source may say anew of a value that it has named before, besides its labels."""
_REASON_IMPORTED = "imported"
_REASON_CHANGED = "its source describes it anew"


@dataclass(frozen=True, slots=True)
class ChangedBy:
    """Who changes indicators, and from where."""

    actor: Actor
    request_id: str | None = None
    source_address: str | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did; ``retired`` are values that people have retired, which an import does not bring back."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0

    def __add__(self, other: ImportResult) -> ImportResult:
        """Both together."""
        return ImportResult(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.retired + other.retired,
        )


def import_indicators(records: RecordsDatabase, found: Sequence[NewIndicator], by: ChangedBy) -> ImportResult:
    """Add what is new and take over what its source says anew; the same again changes nothing.

    A large import is written in several transactions, so that collecting goes on meanwhile; cut off, it is whole once
    it is done again.
    """
    total, size = ImportResult(), load_intelligence_policy().import_batch
    for start in range(0, max(len(found), 1), size):
        with records.begin() as session:
            total += _import_batch(session, found[start : start + size], by)
    return total


def retire_indicators(session: Session, ids: Sequence[str], reason: str | None, by: ChangedBy) -> int:
    """Stop comparing events with indicators; returns how many were active until now.

    Raises:
        IndicatorNotFoundError: there is none of one of the ids; nothing was changed.
    """
    found = repository.get_indicators(session, ids)
    missing = sorted(set(ids) - {each.id for each in found})
    if missing:
        raise IndicatorNotFoundError(f"there is no indicator {missing[0]}")
    active = [each for each in found if each.state == IndicatorState.ACTIVE.value]
    now, version = now_ms(), repository.next_version(session)
    for each in active:
        each.state, each.updated_ms, each.version = IndicatorState.RETIRED.value, now, version
    session.flush()
    steps = [_step(each.id, IndicatorState.ACTIVE, IndicatorState.RETIRED, by, (now, reason)) for each in active]
    repository.add_steps(session, steps)
    values: dict[str, object] = {"retired": [f"{each.source}: {each.value}" for each in active]}
    record(session, _entry("indicator:retire", by, values, reason))
    return len(active)


def indicator_id(new: NewIndicator) -> str:
    """The id of a source's statement about a value, the same at every import."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in (new.source, new.type, new.value):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()


def _import_batch(session: Session, found: Sequence[NewIndicator], by: ChangedBy) -> ImportResult:
    ids = [indicator_id(new) for new in found]
    known = {each.id: each for each in repository.get_indicators(session, repository.known_ids(session, ids))}
    now, version = now_ms(), repository.next_version(session)
    rows = [_row(key, new, by, (now, version)) for key, new in zip(ids, found, strict=True) if key not in known]
    repository.add_indicators(session, rows)
    why = (now, _REASON_IMPORTED)
    steps = [_step(str(row["id"]), None, IndicatorState.ACTIVE, by, why) for row in rows]
    retired = changed = 0
    for key, new in zip(ids, found, strict=True):
        if (old := known.get(key)) is None:
            continue
        if old.state == IndicatorState.RETIRED.value:
            retired += 1
        elif _take_over(old, new, now, version):
            changed += 1
            steps.append(_step(key, IndicatorState.ACTIVE, IndicatorState.ACTIVE, by, (now, _REASON_CHANGED)))
    session.flush()
    repository.add_steps(session, steps)
    result = ImportResult(len(rows), changed, len(known) - changed - retired, retired)
    record(session, _entry("indicator:import", by, _summary(found, result), None))
    return result


def _take_over(old: Indicator, new: NewIndicator, now: int, version: int) -> bool:
    """Change what the source says anew; a changed validity means searching once more."""
    labels = list(new.labels)
    changed = [name for name in _SAID if getattr(old, name) != getattr(new, name)]
    if not changed and old.labels == labels:
        return False
    for name in changed:
        setattr(old, name, getattr(new, name))
    old.labels, old.updated_ms, old.version = labels, now, version
    if "valid_from_ms" in changed or "valid_until_ms" in changed:
        old.searched_ms = None
    return True


def _row(key: str, new: NewIndicator, by: ChangedBy, written: tuple[int, int]) -> dict[str, object]:
    now, version = written
    return {
        "id": key,
        "type": new.type.value,
        "value": new.value,
        "source": new.source,
        "labels": orjson.dumps(new.labels).decode() if new.labels else "[]",
        "confidence": new.confidence,
        "reference": new.reference,
        "valid_from_ms": new.valid_from_ms,
        "valid_until_ms": new.valid_until_ms,
        "tlp": new.tlp,
        "description": new.description,
        "state": IndicatorState.ACTIVE.value,
        "created_by": by.actor.name,
        "created_ms": now,
        "updated_ms": now,
        "searched_ms": None,
        "version": version,
    }


def _step(
    key: str, before: IndicatorState | None, after: IndicatorState, by: ChangedBy, why: tuple[int, str | None]
) -> dict[str, object]:
    now, reason = why
    return {
        "indicator_id": key,
        "at": now,
        "from_state": before.value if before else None,
        "to_state": after.value,
        "actor": by.actor.name,
        "reason": reason,
    }


def _summary(found: Sequence[NewIndicator], result: ImportResult) -> dict[str, object]:
    sources: list[object] = [*sorted({new.source for new in found})[:20]]
    return {
        "sources": sources,
        "added": result.added,
        "changed": result.changed,
        "unchanged": result.unchanged,
        "retired": result.retired,
    }


def _entry(action: str, by: ChangedBy, after: dict[str, object], reason: str | None) -> AuditEntry:
    return AuditEntry(
        by.actor,
        action,
        "indicator",
        reason=reason,
        after=after,
        request_id=by.request_id,
        source_address=by.source_address,
    )
