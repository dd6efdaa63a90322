"""The life of grants: requested, approved by another, suspended, revoked, expired; each step appended and audited."""

from registry.grants.expiry import any_due, expire_due
from registry.grants.lifecycle import GrantStep, change_terms, move_grant, needs_reason, request_grant, steps_from
from registry.grants.register import GRANTS
from registry.grants.repository import grant_transitions

__all__ = [
    "GRANTS",
    "GrantStep",
    "any_due",
    "change_terms",
    "expire_due",
    "grant_transitions",
    "move_grant",
    "needs_reason",
    "request_grant",
    "steps_from",
]
