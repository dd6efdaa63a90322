"""Whether grants cover a flow, as event fields."""

from __future__ import annotations

import math
import sys
from bisect import bisect_right
from collections.abc import Iterable

from collectors.enrichment.flows.parties import Party
from collectors.enrichment.flows.policy import FlowPolicy
from collectors.enrichment.flows.taking import Taking
from collectors.enrichment.flows.vocabulary import UNDETERMINED, Activity
from events import Event, Scalar
from registry.index import Account, FlowQuestion, Grant, GrantJudgment, RegistryIndex, Resource
from registry.vocabulary import GrantState, GrantStatus

_GRAVITY = (
    GrantStatus.VALID,
    GrantStatus.FIELDS_EXCEEDED,
    GrantStatus.VOLUME_EXCEEDED,
    GrantStatus.PURPOSE_MISMATCH,
    GrantStatus.REGION,
    GrantStatus.EXPIRED,
    GrantStatus.REVOKED,
    GrantStatus.NONE,
    GrantStatus.NOT_IN_DEDICATED_LIST,
)
"""From the least to the gravest, where one flow takes several resources."""
_FIELD_REASONS = frozenset({"fields"})
_LISTED = frozenset({"not_in_list", "not_shared"})
_WHOLE = 100
_HOUR_MS = 3_600_000


class Covering:
    """Asks one state of the registry about flows."""

    def __init__(self, index: RegistryIndex, policy: FlowPolicy) -> None:
        """Take the index."""
        self._index = index
        self._policy = policy
        self._changing: dict[tuple[str, str], list[int]] = {}

    def fields_of(self, taking: Taking, party: Party, event: Event, at_ms: int | None) -> Event:
        """The status of a flow and what is behind it.

        Args:
            taking: what was taken.
            party: by whom.
            event: the event, with records, subjects, purpose and zones.
            at_ms: the flow's time; None where it is not to be trusted, and validity can't be judged.
        """
        if at_ms is None:
            return {"fengsui.grant.status": UNDETERMINED, "fengsui.grant.reason": "implausible_time"}
        judgment = self._index.judge(
            FlowQuestion(
                party.account,
                taking.resource,
                at_ms,
                taking.fields,
                _text(event.get("fengsui.purpose")),
                _number(event.get("fengsui.data.records")),
                _number(event.get("fengsui.data.subjects")),
                taking.masked,
                _text(event.get("fengsui.zone.destination")),
                _text(event.get("fengsui.grant.claimed")),
            )
        )
        fields = self._judged(judgment, taking, event)
        if taking.activity is Activity.DESTROY:
            fields["fengsui.grant.destruction_approved"] = self._destruction_approved(taking, party, at_ms)
        return fields

    def steady_hours(self, account: Account | None, resource: Resource | None, hour: int) -> tuple[int, int]:
        """The hours since 1970 around an hour, half-open, throughout which the same is covered.

        No grant begins, ends or changes its state in them; empty for an hour in which one does.
        """
        if account is None or resource is None:
            return 0, sys.maxsize
        key = (account.consumer.id, resource.id)
        changing = self._changing.get(key)
        if changing is None:
            if len(self._changing) >= self._policy.remembered:
                self._changing.clear()
            changing = self._changing[key] = self._changing_hours(account, resource)
        place = bisect_right(changing, hour)
        begin = changing[place - 1] + 1 if place else 0
        return begin, changing[place] if place < len(changing) else sys.maxsize

    def _changing_hours(self, account: Account, resource: Resource) -> list[int]:
        grants = self._index.grants
        consumers = [account.consumer.id, *grants.unit_consumers(account.consumer.unit_id)]
        moments: list[int | None] = [account.consumer.contract_end_ms]
        for consumer in consumers:
            for grant in grants.of(consumer, resource.id):
                moments += [grant.valid_from_ms, grant.valid_to_ms, grant.state_since_ms, grant.approved_ms]
                moments += [moment for pause in grant.pauses for moment in pause]
        return sorted({moment // _HOUR_MS for moment in moments if moment is not None})

    def _judged(self, judgment: GrantJudgment, taking: Taking, event: Event) -> Event:
        fields: Event = {
            "fengsui.grant.status": judgment.status.value,
            "fengsui.grant.reason": judgment.reason,
        }
        if judgment.grant_id is not None:
            fields["fengsui.grant.id"] = judgment.grant_id
        if judgment.findings:
            own = taking.resource.id if taking.resource else None
            findings: list[Scalar] = [
                f"parent_{each.reason}" if each.reason in _LISTED and own not in each.details else each.reason
                for each in judgment.findings
            ]
            fields["fengsui.grant.findings"] = findings
            beyond: list[Scalar] = [
                name for each in judgment.findings if each.reason in _FIELD_REASONS for name in each.details
            ]
            if beyond:
                fields["fengsui.grant.fields_beyond"] = beyond
        grant = self._index.grant(judgment.grant_id) if judgment.grant_id else None
        if grant is not None:
            _put_caps(fields, grant, event)
        return fields

    def _destruction_approved(self, taking: Taking, party: Party, at_ms: int) -> bool:
        """Whether a grant in force lets the consumer destroy the resource."""
        if party.account is None or taking.resource is None:
            return False
        purposes = self._policy.comparable_destruction_purposes
        return any(
            grant.comparable_purpose in purposes
            and grant.state is GrantState.APPROVED
            and grant.valid_from_ms <= at_ms < grant.valid_to_ms
            for grant in self._index.grants.of(party.account.consumer.id, taking.resource.id)
        )


def worst(several: Iterable[Event]) -> Event:
    """Of the judgments of one event's resources the gravest, with the findings of all."""
    ordered = sorted(several, key=lambda each: _rank(each["fengsui.grant.status"]))
    fields = dict(ordered[-1])
    for name in ("fengsui.grant.findings", "fengsui.grant.fields_beyond"):
        together = dict.fromkeys(value for each in ordered for value in _list(each.get(name)))
        if together:
            fields[name] = list(together)
    approvals = [each.get("fengsui.grant.destruction_approved") for each in ordered]
    if any(value is not None for value in approvals):
        fields["fengsui.grant.destruction_approved"] = all(value is not False for value in approvals)
    return fields


def share(amount: int, cap: int) -> float:
    """How many percent of a daily cap an amount is; never more than exact, and so are sums.

    A quotient that is no exact number is taken a few units in the last place lower (IEEE 754): the error is below
    1e-15 of it, and a sum beyond the cap by one record still comes out beyond 100 for every cap below 1e14.
    """
    if cap == 0:
        return math.inf if amount else 0.0
    exact, rest = divmod(amount * _WHOLE, cap)
    if rest == 0:
        return float(exact)
    value = amount * _WHOLE / cap
    for _ in range(3):
        value = math.nextafter(value, 0)
    return value


def _put_caps(fields: Event, grant: Grant, event: Event) -> None:
    zone = event.get("fengsui.zone.destination")
    fields["fengsui.grant.zone_named"] = zone in grant.zones
    fields["fengsui.grant.masked"] = grant.masked
    for name, cap in (("records", grant.records_per_day), ("subjects", grant.subjects_per_day)):
        if cap is not None:
            fields[f"fengsui.grant.{name}_cap"] = cap
    records = _number(event.get("fengsui.data.records"))
    if grant.records_per_day and records:
        fields["fengsui.grant.records_share"] = share(records, grant.records_per_day)


def _rank(status: object) -> int:
    return next((place for place, each in enumerate(_GRAVITY) if each.value == status), -1)


def _list(value: object) -> list[str]:
    return value if isinstance(value, list) else [str(value)] if value is not None else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
