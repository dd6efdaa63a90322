"""Whether a flow is covered, and if not, why: the one judgment that rules, pages and receipts share.

In this order; the first that applies decides:

1. ``none`` *unknown_resource*, *unknown_consumer*: the registry knows nothing that could cover the flow.
2. ``revoked`` *account_disabled*; ``expired`` *contract_ended*: the consumer may not take anything any more.
3. ``not_in_dedicated_list`` *not_in_list*, *not_shared*: the resource, or one that it is derived from, is dedicated to
   other units, or not shared at all (不予共享) and without a list. A list admits the units on it, those below them, and
   the provider. A grant does not help.
4. ``valid`` *own_data*: the consumer's unit provides the resource itself.
5. ``valid`` *shared_unconditionally*: the resource and all that it is derived from are shared without conditions.
6. The grants of the consumer (and, as policy says, of its unit) for the resource. Each is held against the flow:
   ``none`` *not_approved*, *not_yet_valid* → ``revoked`` *revoked*, *suspended* → ``expired`` *expired* → ``region``
   *zone* → ``purpose_mismatch`` *purpose* → ``fields_exceeded`` *fields*, *unmasked* → ``volume_exceeded`` *records*,
   *subjects* → ``valid`` *granted*. One grant that holds is enough; otherwise the one that comes furthest speaks, and
   says everything that it does not cover. Without any: ``none`` *no_grant*.

4 and 5 are not for kinds of consumers that policy makes need a grant for everything (contractors).

A grant's state is the one at the moment of the flow, so that a flow that is told late is judged by what held then.
What a flow does not tell (fields, purpose, zone, counts: None) contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.comparison import comparable
from registry.index.catalog import Catalog
from registry.index.entries import Account, Consumer, Grant, Resource
from registry.index.grants import GrantTable
from registry.index.organization import Organization
from registry.policy import SharingPolicy
from registry.vocabulary import AccountState, ConsumerKind, GrantState, GrantStatus

_REACHED = {
    status: place
    for place, status in enumerate(
        (
            GrantStatus.NONE,
            GrantStatus.REVOKED,
            GrantStatus.EXPIRED,
            GrantStatus.REGION,
            GrantStatus.PURPOSE_MISMATCH,
            GrantStatus.FIELDS_EXCEEDED,
            GrantStatus.VOLUME_EXCEEDED,
        )
    )
}
"""How far a grant comes that fails so."""
_ALL_FIELDS = "*"


@dataclass(frozen=True, slots=True)
class FlowQuestion:
    """What a flow took; None where it does not tell.

    Attributes:
        account: who took it.
        resource: what was taken.
        at_ms: when.
        fields: names of the fields taken.
        purpose: what for, as stated.
        records: records taken, best the day's sum with this flow's; likewise subjects.
        masked: whether sensitive values were masked.
        zone: the zone to which the data went.
        grant_id: the grant that the flow claims; of several that hold it is named.
    """

    account: Account | None
    resource: Resource | None
    at_ms: int
    fields: Sequence[str] | None = None
    purpose: str | None = None
    records: int | None = None
    subjects: int | None = None
    masked: bool | None = None
    zone: str | None = None
    grant_id: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not covered: its status, a stable reason, and what (field names, the zone, the resource)."""

    status: GrantStatus
    reason: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantJudgment:
    """The verdict; ``findings`` are all that the named grant does not cover, the decisive first."""

    status: GrantStatus
    grant_id: str | None
    reason: str
    findings: tuple[Finding, ...] = ()


class Judge:
    """Judges flows against one state of the registry."""

    def __init__(self, organization: Organization, catalog: Catalog, grants: GrantTable, policy: SharingPolicy) -> None:
        """Take the parts of an index."""
        self._organization = organization
        self._catalog = catalog
        self._grants = grants
        self._policy = policy

    def judge(self, question: FlowQuestion) -> GrantJudgment:
        """The verdict on a flow."""
        account, resource = question.account, question.resource
        if resource is None:
            return _refused(Finding(GrantStatus.NONE, "unknown_resource"))
        if account is None:
            return _refused(Finding(GrantStatus.NONE, "unknown_consumer"))
        barred = _barred(account, question.at_ms) or self._excluded(account.consumer, resource)
        if barred is not None:
            return _refused(barred)
        if account.consumer.kind not in self._policy.always_need_grant:
            if account.consumer.unit_id == resource.provider_id:
                return GrantJudgment(GrantStatus.VALID, None, "own_data")
            if not self._catalog.limit(resource.id).needs_grant:
                return GrantJudgment(GrantStatus.VALID, None, "shared_unconditionally")
        return self._by_grants(account.consumer, resource.id, question)

    def _excluded(self, consumer: Consumer, resource: Resource) -> Finding | None:
        lineage = self._organization.lineage(consumer.unit_id)
        for resource_id, has_list, admitted in self._catalog.limit(resource.id).lists:
            if admitted.isdisjoint(lineage if has_list else {consumer.unit_id}):
                reason = "not_in_list" if has_list else "not_shared"
                return Finding(GrantStatus.NOT_IN_DEDICATED_LIST, reason, (resource_id,))
        return None

    def _by_grants(self, consumer: Consumer, resource_id: str, question: FlowQuestion) -> GrantJudgment:
        best: tuple[int, Grant, tuple[Finding, ...]] | None = None
        for grant in self._candidates(consumer, resource_id, question.grant_id):
            findings = tuple(self._findings(grant, question))
            if not findings:
                return GrantJudgment(GrantStatus.VALID, grant.id, "granted")
            reached = _REACHED[findings[0].status]
            if best is None or reached > best[0]:
                best = (reached, grant, findings)
        if best is None:
            return _refused(Finding(GrantStatus.NONE, "no_grant"))
        _, grant, findings = best
        return GrantJudgment(findings[0].status, grant.id, findings[0].reason, findings)

    def _candidates(self, consumer: Consumer, resource_id: str, claimed: str | None) -> Sequence[Grant]:
        """The grants that may cover the flow: the claimed one first, then by id."""
        found: Sequence[Grant] = self._grants.of(consumer.id, resource_id)
        if consumer.kind in self._policy.unit_grant_covers:
            for unit_consumer in self._grants.unit_consumers(consumer.unit_id):
                found = (*found, *self._grants.of(unit_consumer, resource_id))
        own = self._grants.get(claimed) if claimed is not None and len(found) > 1 else None
        return (own, *found) if own is not None and own in found else found

    def _findings(self, grant: Grant, question: FlowQuestion) -> Iterable[Finding]:
        inactive = _inactive(grant, question.at_ms)
        if inactive is not None:
            yield inactive
        zone = question.zone
        if zone is not None and not self._goes_to(grant, zone):
            yield Finding(GrantStatus.REGION, "zone", (zone,))
        if question.purpose is not None and comparable(question.purpose) != grant.comparable_purpose:
            yield Finding(GrantStatus.PURPOSE_MISMATCH, "purpose")
        if question.fields is not None and _ALL_FIELDS not in grant.fields:
            beyond = [name for name in question.fields if name.casefold() not in grant.fields]
            if beyond:
                yield Finding(GrantStatus.FIELDS_EXCEEDED, "fields", tuple(dict.fromkeys(beyond)))
        if grant.masked and question.masked is False:
            yield Finding(GrantStatus.FIELDS_EXCEEDED, "unmasked")
        if grant.records_per_day is not None and (question.records or 0) > grant.records_per_day:
            yield Finding(GrantStatus.VOLUME_EXCEEDED, "records")
        if grant.subjects_per_day is not None and (question.subjects or 0) > grant.subjects_per_day:
            yield Finding(GrantStatus.VOLUME_EXCEEDED, "subjects")

    def _goes_to(self, grant: Grant, zone: str) -> bool:
        return zone in grant.zones if grant.zones else zone not in self._policy.zones_to_be_named


def _refused(finding: Finding) -> GrantJudgment:
    return GrantJudgment(finding.status, None, finding.reason, (finding,))


def _barred(account: Account, at_ms: int) -> Finding | None:
    if account.state is not AccountState.ACTIVE:
        return Finding(GrantStatus.REVOKED, "account_disabled")
    consumer = account.consumer
    ended = consumer.contract_end_ms is not None and at_ms >= consumer.contract_end_ms
    if ended and consumer.kind is ConsumerKind.CONTRACTOR:
        return Finding(GrantStatus.EXPIRED, "contract_ended")
    return None


def _inactive(grant: Grant, at_ms: int) -> Finding | None:
    """What keeps a grant from covering anything at a moment."""
    approved = grant.approved_ms
    if approved is None or at_ms < approved:
        return Finding(GrantStatus.NONE, "not_approved")
    if grant.state is GrantState.REVOKED and at_ms >= grant.state_since_ms:
        return Finding(GrantStatus.REVOKED, "revoked")
    suspended = grant.state is GrantState.SUSPENDED and at_ms >= grant.state_since_ms
    if suspended or any(start <= at_ms < end for start, end in grant.pauses):
        return Finding(GrantStatus.REVOKED, "suspended")
    if at_ms < grant.valid_from_ms:
        return Finding(GrantStatus.NONE, "not_yet_valid")
    return Finding(GrantStatus.EXPIRED, "expired") if at_ms >= grant.valid_to_ms else None
