"""What the platform says of itself when systems are assessed: accounts, rules of signing in, detection rules."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.identity.models import SecondFactor
from api.identity.policy import sign_in_policy
from api.identity.repository import list_users
from compliance import AccountFact, FactsProvider, PlatformFacts, RuleFacts, SignInFacts
from compliance.platform_facts import Administrator
from detection.lifecycle import RuleState, switched_states
from detection.lifecycle.repository import latest_versions
from detection.lifecycle.states import state_of
from store.records import RecordsDatabase

_ADMINISTRATORS: Mapping[str, Administrator] = {
    "system_administrator": "system",
    "security_administrator": "security",
    "audit_administrator": "audit",
}
_IN_FORCE = frozenset({RuleState.ON, RuleState.TEST})


def platform_facts(records: RecordsDatabase) -> FactsProvider:
    """What tells the facts as they are at each call."""

    def facts() -> PlatformFacts:
        with records.read() as session:
            return PlatformFacts(_accounts(session), _sign_in(), _rules(session))

    return facts


def _accounts(session: Session) -> tuple[AccountFact, ...]:
    confirmed = set(session.scalars(select(SecondFactor.user_id).where(SecondFactor.confirmed_ms.is_not(None))))
    required = sign_in_policy().second_factor.required_roles
    return tuple(
        AccountFact(
            user.id,
            frozenset(_ADMINISTRATORS[role] for role in user.roles if role in _ADMINISTRATORS),
            not required.isdisjoint(user.roles),
            user.id in confirmed,
        )
        for user in list_users(session)
        if not user.disabled
    )


def _sign_in() -> SignInFacts:
    policy = sign_in_policy()
    return SignInFacts(
        policy.lockout.failures,
        policy.lockout.lock_minutes,
        policy.session.idle_minutes,
        policy.password.minimum_length,
    )


def _rules(session: Session) -> RuleFacts:
    switched, versions = switched_states(session), latest_versions(session).values()
    held = [each for each in versions if state_of(each.rule_id, each.status, switched) in _IN_FORCE]
    return RuleFacts(len(held), max((each.seen for each in held), default=None))
