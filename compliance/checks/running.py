"""Runs every check of the policy over one system."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from compliance.checks import of_events, of_platform, of_registry, of_response
from compliance.checks.context import CheckContext, Surroundings
from compliance.event_figures import EventFigures
from compliance.evidence import CheckOutcome
from compliance.system import AssessedSystem
from policies.compliance.checks import (
    AbsentCheck,
    BurstsCheck,
    Check,
    CheckPolicy,
    ClockCheck,
    DailyCheck,
    FamiliesCheck,
    RecentCheck,
    RecordsCheck,
    RecordSource,
    SeenCheck,
    ShareCheck,
)

_OF_RECORDS: Mapping[RecordSource, Callable[[CheckContext], CheckOutcome]] = {
    "retention": of_platform.retention,
    "audit_trail": of_platform.audit_trail,
    "audit_reading": of_platform.audit_reading,
    "log_backup": of_platform.log_backup,
    "administrators": of_platform.administrators,
    "second_factor": of_platform.second_factor,
    "lockout": of_platform.lockout,
    "session_limits": of_platform.session_limits,
    "password_rules": of_platform.password_rules,
    "rules_age": of_platform.rules_age,
    "named_accounts": of_registry.named_accounts,
    "dormant_accounts": of_registry.dormant_accounts,
    "contractor_accounts": of_registry.contractor_accounts,
    "asset_register": of_registry.asset_register,
    "filing": of_registry.filing,
    "grading": of_registry.grading,
    "grants": of_registry.grants,
    "alert_handling": of_response.alert_handling,
    "incident_handling": of_response.incident_handling,
    "notice_handling": of_response.notice_handling,
    "sources_alive": of_response.sources_alive,
}

_OF_EVENTS: Mapping[type[Check], Callable[[str, Any, EventFigures], CheckOutcome]] = {
    ShareCheck: of_events.share,
    SeenCheck: of_events.seen,
    AbsentCheck: of_events.absent,
    RecentCheck: of_events.recent,
    FamiliesCheck: of_events.families,
    DailyCheck: of_events.daily,
    BurstsCheck: of_events.bursts,
    ClockCheck: of_events.clock,
}


def check_system(
    session: Session, system: AssessedSystem, policy: CheckPolicy, found: EventFigures, around: Surroundings
) -> Iterator[CheckOutcome]:
    """The outcome of each check, in the policy's order."""
    for name, check in policy.checks.items():
        if isinstance(check, RecordsCheck):
            context = CheckContext(name, check, session, system, found, around)
            yield _OF_RECORDS[check.source](context)
        else:
            yield _OF_EVENTS[type(check)](name, check, found)
