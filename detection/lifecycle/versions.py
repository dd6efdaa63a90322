"""Versions: a rule's content as it is loaded, remembered whenever it is new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from detection.authorship import Change, audit_change, by_itself
from detection.lifecycle.models import RuleVersion
from detection.lifecycle.repository import latest_versions
from detection.rules import Rule

_NAMED_IN_TRAIL = 100


def note_versions(session: Session, rules: Iterable[Rule], now_ms: int) -> list[str]:
    """Remember the rules whose content was not loaded last time; returns their ids.

    The content is that of the file: rules that share a file share their changes. A file that can't be read any more
    is left out.
    """
    known, hashes = latest_versions(session), dict[Path, str | None]()
    rows: list[dict[str, object]] = []
    for rule in rules:
        if rule.path not in hashes:
            hashes[rule.path] = _hash_of(rule.path)
        version, last = hashes[rule.path], known.get(rule.id)
        if version is not None and (last is None or last.version != version):
            rows.append(_row(rule, version, now_ms))
    if rows:
        session.execute(insert(RuleVersion), rows)
        _audit(session, [str(row["rule_id"]) for row in rows], now_ms)
    return [str(row["rule_id"]) for row in rows]


def _row(rule: Rule, version: str, now_ms: int) -> dict[str, object]:
    return {
        "rule_id": rule.id,
        "version": version,
        "seen": now_ms,
        "path": str(rule.path),
        "title": rule.title,
        "status": rule.status,
    }


def _audit(session: Session, rule_ids: list[str], now_ms: int) -> None:
    after = {"rules": len(rule_ids), "rule_ids": rule_ids[:_NAMED_IN_TRAIL]}
    audit_change(session, Change("rule", "load", "", after=after), by_itself(now_ms))


def _hash_of(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
