"""Checks over the platform itself, which is the systems' security management center."""

from __future__ import annotations

from sqlalchemy import func, select

from audit import AuditRecord
from compliance.checks.context import CheckContext
from compliance.checks.verdicts import Counted, Required, share_outcome, unknown
from compliance.evidence import CheckOutcome
from compliance.judgment import Judgment
from policies.retention import storage_policy

_MS_PER_DAY = 86_400_000
_ALL = Required(1.0, 0.5)


def retention(context: CheckContext) -> CheckOutcome:
    """Every class of events is kept for half a year."""
    policy, floor = storage_policy(), int(context.limit("floor_days"))
    days = min(policy.days.values())
    row = context.fact("policies/retention/classes.yml", len(policy.days))
    judgment = Judgment.FULFILLED if days >= floor else Judgment.FAILED
    return CheckOutcome(context.name, judgment, "retention", {"days": days, "floor": floor}, (row,))


def audit_trail(context: CheckContext) -> CheckOutcome:
    """The trail holds, and but for its last days is vouched for."""
    verdict = context.surroundings.trail
    row = context.fact("fengsui audit verify", verdict.records)
    if verdict.records == 0:
        return unknown(context.name, "trail_empty", (row,))
    figures: dict[str, int | str] = {"records": verdict.records, "anchored": verdict.anchored_to}
    if not verdict.holds:
        first = verdict.first_bad if verdict.first_bad is not None else "?"
        return CheckOutcome(context.name, Judgment.FAILED, "trail_broken", {**figures, "first": first}, (row,))
    oldest = context.session.scalar(
        select(func.min(AuditRecord.time_ms)).where(AuditRecord.sequence > verdict.anchored_to)
    )
    allowed = context.limit("unanchored_days") * _MS_PER_DAY
    if oldest is not None and (context.now - oldest > allowed or verdict.anchored_to == 0):
        told = {**figures, "unanchored": verdict.unanchored}
        return CheckOutcome(context.name, Judgment.PARTLY, "trail_unanchored", told, (row,))
    return CheckOutcome(context.name, Judgment.FULFILLED, "trail_holds", figures, (row,))


def log_backup(context: CheckContext) -> CheckOutcome:
    """The platform, which keeps the systems' logs, was backed up not long ago."""
    backups = (AuditRecord.object_kind == "backup", AuditRecord.action == "backup:create")
    held, last = context.session.execute(
        select(func.count(AuditRecord.sequence), func.max(AuditRecord.time_ms)).where(*backups)
    ).one()
    row = context.row("audit_records: action=backup:create", held)
    if context.surroundings.trail.records == 0:
        return unknown(context.name, "trail_empty", (row,))
    if last is None:
        return CheckOutcome(context.name, Judgment.FAILED, "log_backup_none", {}, (row,))
    days, required = max(context.now - last, 0) / _MS_PER_DAY, context.limit("fulfilled_days")
    judgment = Judgment.FAILED
    if days <= context.limit("partly_days"):
        judgment = Judgment.FULFILLED if days <= required else Judgment.PARTLY
    return CheckOutcome(context.name, judgment, "recent", {"days": int(days), "required": f"{required:g}"}, (row,))


def audit_reading(context: CheckContext) -> CheckOutcome:
    """The trail is read by people and not only written."""
    wanted = (
        AuditRecord.object_kind == "audit",
        AuditRecord.actor_kind == "user",
        AuditRecord.time_ms >= context.since,
        AuditRecord.time_ms <= context.now,
    )
    total = func.count(AuditRecord.sequence)
    held, people = context.session.execute(
        select(total, func.count(AuditRecord.actor_id.distinct())).where(*wanted)
    ).one()
    row = context.row("audit_records: object_kind=audit, actor_kind=user", held)
    if context.surroundings.trail.records == 0:
        return unknown(context.name, "trail_empty", (row,))
    if not held:
        return CheckOutcome(context.name, Judgment.FAILED, "audit_not_read", {}, (row,))
    return CheckOutcome(context.name, Judgment.FULFILLED, "audit_read", {"held": held, "people": people}, (row,))


def administrators(context: CheckContext) -> CheckOutcome:
    """All three administrators are there, and nobody is two of them."""
    accounts = context.surroundings.facts.accounts
    if accounts is None:
        return unknown(context.name, "no_facts")
    row = context.fact("users: roles", len(accounts))
    if not accounts:
        return unknown(context.name, "no_facts", (row,))
    counts: dict[str, int | str] = {
        kind: sum(kind in each.administers for each in accounts) for kind in ("system", "security", "audit")
    }
    shared = sum(len(each.administers) > 1 for each in accounts)
    if shared:
        return CheckOutcome(context.name, Judgment.FAILED, "administrators_shared", {"shared": shared}, (row,))
    if all(counts.values()):
        return CheckOutcome(context.name, Judgment.FULFILLED, "administrators", counts, (row,))
    judgment = Judgment.PARTLY if any(counts.values()) else Judgment.FAILED
    return CheckOutcome(context.name, judgment, "administrators_missing", counts, (row,))


def second_factor(context: CheckContext) -> CheckOutcome:
    """Those who need a second factor have one."""
    accounts = context.surroundings.facts.accounts
    needing = [each for each in accounts or () if each.needs_second_factor]
    if not needing:
        return unknown(context.name, "no_facts")
    held = sum(each.has_second_factor for each in needing)
    row = context.fact("second_factors: confirmed", held)
    return share_outcome(context.name, Counted(held, len(needing), "second_factor"), _ALL, (row,))


def lockout(context: CheckContext) -> CheckOutcome:
    """Failed sign-ins lock an account soon enough."""
    rules = context.surroundings.facts.sign_in
    if rules is None:
        return unknown(context.name, "no_facts")
    limit = int(context.limit("failures"))
    figures: dict[str, int | str] = {
        "failures": rules.lockout_failures,
        "minutes": rules.lock_minutes,
        "limit": limit,
    }
    return _configured(context, "lockout", figures, holds=rules.lockout_failures <= limit)


def session_limits(context: CheckContext) -> CheckOutcome:
    """A session without requests ends soon enough."""
    rules = context.surroundings.facts.sign_in
    if rules is None:
        return unknown(context.name, "no_facts")
    limit = int(context.limit("idle_minutes"))
    figures: dict[str, int | str] = {"idle": rules.idle_minutes, "limit": limit}
    return _configured(context, "sessions", figures, holds=rules.idle_minutes <= limit)


def password_rules(context: CheckContext) -> CheckOutcome:
    """Passwords are long enough."""
    rules = context.surroundings.facts.sign_in
    if rules is None:
        return unknown(context.name, "no_facts")
    limit = int(context.limit("minimum_length"))
    figures: dict[str, int | str] = {"length": rules.password_length, "limit": limit}
    return _configured(context, "passwords", figures, holds=rules.password_length >= limit)


def rules_age(context: CheckContext) -> CheckOutcome:
    """Enough detection rules are in force, and were brought up to date."""
    rules = context.surroundings.facts.rules
    if rules is None:
        return unknown(context.name, "no_facts")
    row, minimum = context.fact("rules: in force", rules.count), int(context.limit("minimum"))
    if not rules.count or rules.updated_ms is None:
        return CheckOutcome(context.name, Judgment.FAILED, "rules_none", {}, (row,))
    days = max(context.now - rules.updated_ms, 0) // _MS_PER_DAY
    if rules.count < minimum:
        told: dict[str, int | str] = {"count": rules.count, "minimum": minimum}
        return CheckOutcome(context.name, Judgment.PARTLY, "rules_few", told, (row,))
    judgment = Judgment.FAILED
    if days <= context.limit("partly_days"):
        judgment = Judgment.FULFILLED if days <= context.check.days else Judgment.PARTLY
    return CheckOutcome(context.name, judgment, "rules", {"count": rules.count, "days": days}, (row,))


def _configured(context: CheckContext, reason: str, figures: dict[str, int | str], *, holds: bool) -> CheckOutcome:
    row = context.fact("policies/identity/sign_in.yml", 1)
    judgment = Judgment.FULFILLED if holds else Judgment.FAILED
    return CheckOutcome(context.name, judgment, reason, figures, (row,))
