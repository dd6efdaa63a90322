"""Versions: a rule's content as it is loaded, remembered whenever it is new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from sqlalchemy import insert
from sqlalchemy.orm import Session

from detection.authorship import Change, audit_change, by_itself
from detection.lifecycle.models import RuleVersion
from detection.lifecycle.repository import latest_versions

_NAMED_IN_TRAIL = 100


class Versioned(Protocol):
    """A rule or a correlation as it was loaded."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> str:
        """SHA-256 of what its document says."""

    @property
    def path(self) -> Path:
        """The file that it stands in."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def status(self) -> str | None:
        """Its Sigma status."""


def note_versions(session: Session, rules: Iterable[Versioned], now_ms: int) -> list[str]:
    """Remember the rules whose content was not loaded last time; returns their ids.

    The content is what the rule's own document says: its layout and its neighbors in the file don't matter.
    """
    known = latest_versions(session)
    rows = [_row(rule, now_ms) for rule in rules if rule.id not in known or known[rule.id].version != rule.version]
    if rows:
        session.execute(insert(RuleVersion), rows)
        _audit(session, "load", [str(row["rule_id"]) for row in rows], now_ms)
    return [str(row["rule_id"]) for row in rows]


def note_removed(session: Session, rule_ids: Sequence[str], now_ms: int) -> None:
    """Tell the audit trail of rules whose files are gone while the product runs."""
    if rule_ids:
        _audit(session, "remove", rule_ids, now_ms)


def _row(rule: Versioned, now_ms: int) -> dict[str, object]:
    return {
        "rule_id": rule.id,
        "version": rule.version,
        "seen": now_ms,
        "path": str(rule.path),
        "title": rule.title,
        "status": rule.status,
    }


def _audit(session: Session, verb: str, rule_ids: Sequence[str], now_ms: int) -> None:
    after = {"rules": len(rule_ids), "rule_ids": list(rule_ids[:_NAMED_IN_TRAIL])}
    audit_change(session, Change("rule", verb, "", after=after), by_itself(now_ms))
