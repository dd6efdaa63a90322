"""Checks over what is registered of a system: assets, filing, accounts, grades, grants."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select

from compliance.checks.context import CheckContext
from compliance.checks.verdicts import Counted, Required, named_missing, share_outcome, unknown
from compliance.evidence import CheckOutcome
from compliance.judgment import Judgment
from policies.compliance.words import compliance_words
from registry.models import AccountRecord, ConsumerRecord, GrantRecord, ResourceField, ResourceRecord
from registry.vocabulary import AccountState, ConsumerKind, GrantState


def named_accounts(context: CheckContext) -> CheckOutcome:
    """The accounts that sign in are registered."""
    row = context.found.row(context.name, "of")
    names = [str(each["key"]) for each in context.found.detail(context.name, "of")["buckets"]]
    if not names:
        return unknown(context.name, "no_events", (row,))
    wanted = {variant for name in names for variant in (name, f"{name}@{context.system.id}".lower())}
    known = set(context.session.scalars(select(func.lower(AccountRecord.id)).where(_lower_in(wanted))))
    held = sum(name in known or f"{name}@{context.system.id}".lower() in known for name in names)
    counted = Counted(held, len(names), "accounts_known")
    return share_outcome(context.name, counted, _required(context), (row, context.row("registry_accounts", len(known))))


def dormant_accounts(context: CheckContext) -> CheckOutcome:
    """No active account has been unused for long."""
    accounts = [each for each, _ in _accounts(context) if each.state == AccountState.ACTIVE]
    row = context.row(f"registry_accounts: system {context.system.id}, active", len(accounts))
    if not accounts:
        return unknown(context.name, "no_accounts", (row,))
    used = [each.last_used_ms for each in accounts if each.last_used_ms is not None]
    if not used:
        return unknown(context.name, "use_unknown", (row,), of=len(accounts))
    found = sum(each < context.since for each in used)
    figures: dict[str, int | str] = {"of": len(used), "found": found, "days": context.check.days}
    judgment = Judgment.FULFILLED
    if found:
        judgment = Judgment.PARTLY if found <= context.limit("partly") * len(used) else Judgment.FAILED
    return CheckOutcome(context.name, judgment, "dormant", figures, (row,))


def contractor_accounts(context: CheckContext) -> CheckOutcome:
    """Accounts of contractors have an end, and are disabled when it has passed."""
    theirs = [
        consumer
        for account, consumer in _accounts(context)
        if consumer.kind == ConsumerKind.CONTRACTOR and account.state == AccountState.ACTIVE
    ]
    row = context.row(f"registry_accounts: contractors of system {context.system.id}, active", len(theirs))
    if not theirs:
        return unknown(context.name, "no_contractors", (row,))
    late = sum(each.contract_end_ms is not None and each.contract_end_ms <= context.now for each in theirs)
    endless = sum(each.contract_end_ms is None for each in theirs)
    figures: dict[str, int | str] = {"of": len(theirs), "found": late, "open": endless}
    if not late and not endless:
        return CheckOutcome(context.name, Judgment.FULFILLED, "contractors", figures, (row,))
    judgment = Judgment.FAILED if late else Judgment.PARTLY
    return CheckOutcome(context.name, judgment, "contractors_late", figures, (row,))


def asset_register(context: CheckContext) -> CheckOutcome:
    """What should be known of a system is registered."""
    entry = context.system.entry
    resources, accounts = _resources(context), _accounts(context)
    there = {
        "addresses": bool(entry.addresses),
        "filing_number": bool(entry.filing_number),
        "description": bool(entry.description),
        "resources": bool(resources),
        "accounts": bool(accounts),
    }
    missing = [compliance_words().assets[name] for name, held in there.items() if not held]
    row = context.row(f"registry_systems: {entry.id}", len(there) - len(missing))
    held = len(there) - len(missing)
    if not missing:
        return CheckOutcome(context.name, Judgment.FULFILLED, "assets_all", {"of": len(there)}, (row,))
    if held == 0:
        return unknown(context.name, "assets", (row,), of=len(there), held=0, **named_missing(missing))
    judgment = Judgment.PARTLY if held >= context.limit("partly") * len(there) else Judgment.FAILED
    figures: dict[str, int | str] = {"of": len(there), "held": held, **named_missing(missing)}
    return CheckOutcome(context.name, judgment, "assets", figures, (row,))


def filing(context: CheckContext) -> CheckOutcome:
    """The system is filed; a register that holds no more than its name and levels does not tell."""
    entry = context.system.entry
    row = context.row(f"registry_systems: {entry.id}", int(bool(entry.filing_number)))
    figures: dict[str, int | str] = {"s": context.system.level_s, "a": context.system.level_a}
    if entry.filing_number:
        told = {**figures, "number": entry.filing_number}
        return CheckOutcome(context.name, Judgment.FULFILLED, "filed", told, (row,))
    if not entry.addresses and not entry.description:
        return unknown(context.name, "hardly_registered", (row,), **figures)
    return CheckOutcome(context.name, Judgment.FAILED, "not_filed", figures, (row,))


def grading(context: CheckContext) -> CheckOutcome:
    """The fields of the system's resources are graded."""
    ids = [each.id for each in _resources(context)]
    fields = select(func.count()).select_from(ResourceField).where(ResourceField.resource_id.in_(ids))
    of = context.session.scalar(fields) or 0
    held = context.session.scalar(fields.where(ResourceField.grade.is_not(None))) or 0
    rows = (context.row(f"registry_resource_fields: system {context.system.id}, graded", held),)
    if not of:
        return unknown(context.name, "no_resources", rows)
    return share_outcome(context.name, Counted(held, of, "graded"), _required(context), rows)


def grants(context: CheckContext) -> CheckOutcome:
    """Grants of the system's data were approved by another, and none outlived its end."""
    ids = [each.id for each in _resources(context)]
    statement = select(GrantRecord).where(
        GrantRecord.resource_id.in_(ids), GrantRecord.state == GrantState.APPROVED.value
    )
    found = context.session.scalars(statement).all()
    row = context.row(f"registry_grants: system {context.system.id}, approved", len(found))
    if not found:
        return unknown(context.name, "no_grants", (row,))
    bad = sum(each.approved_by in (None, each.requested_by) or each.valid_to_ms <= context.now for each in found)
    figures: dict[str, int | str] = {"of": len(found), "found": bad}
    if not bad:
        return CheckOutcome(context.name, Judgment.FULFILLED, "grants", figures, (row,))
    judgment = Judgment.PARTLY if bad <= (1 - context.limit("partly")) * len(found) else Judgment.FAILED
    return CheckOutcome(context.name, judgment, "grants_open", figures, (row,))


def _resources(context: CheckContext) -> Sequence[ResourceRecord]:
    statement = select(ResourceRecord).where(ResourceRecord.system_id == context.system.id)
    return context.session.scalars(statement.order_by(ResourceRecord.id)).all()


def _accounts(context: CheckContext) -> list[tuple[AccountRecord, ConsumerRecord]]:
    """The accounts of the system, and of those who hold grants of its data."""
    granted = (
        select(GrantRecord.consumer_id)
        .join(ResourceRecord, ResourceRecord.id == GrantRecord.resource_id)
        .where(ResourceRecord.system_id == context.system.id)
    )
    statement = (
        select(AccountRecord, ConsumerRecord)
        .join(ConsumerRecord, ConsumerRecord.id == AccountRecord.consumer_id)
        .where(or_(AccountRecord.system_id == context.system.id, AccountRecord.consumer_id.in_(granted)))
    )
    return [(row[0], row[1]) for row in context.session.execute(statement.order_by(AccountRecord.id))]


def _required(context: CheckContext) -> Required:
    return Required(context.limit("fulfilled"), context.limit("partly"))


def _lower_in(names: set[str]) -> ColumnElement[bool]:
    return func.lower(AccountRecord.id).in_(sorted(names))
