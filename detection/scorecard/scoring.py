"""A rule's record and what it says: keep, tune or retire."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

from sqlalchemy.orm import Session

from detection.alerts import AlertState, Disposition
from detection.scorecard.policy import ScorecardPolicy, load_scorecard_policy
from detection.scorecard.repository import RuleTotals, Scope, busiest_entities, delays, dispositions, totals

_DAY_MS = 86_400_000
_UNWANTED = (Disposition.FALSE_POSITIVE, Disposition.BENIGN)
_TAKEN_ON = (AlertState.ACKNOWLEDGED, AlertState.CLOSED)


class Hint(StrEnum):
    """What to do with a rule."""

    KEEP = "keep"
    TUNE = "tune"
    RETIRE = "retire"


class HintReason(StrEnum):
    """Why."""

    FALSE_POSITIVES = "false_positives"
    UNWANTED = "unwanted"
    TOO_MANY = "too_many"
    TOO_FEW_VERDICTS = "too_few_verdicts"
    SILENT = "silent"
    USEFUL = "useful"


@dataclass(frozen=True, slots=True)
class NoisyEntity:
    """An entity of many of a rule's alerts; ``share`` (0 to 1) is of all of them."""

    name: str
    value: str
    alerts: int
    share: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What came of a rule's alerts within the policy's period.

    Attributes:
        dispositions: closed alerts by disposition.
        verdicts: alerts closed with a verdict, that is not as undetermined; shares (0 to 1) are of these.
        unwanted_share: false positives and benign alerts; None without a verdict, as ``false_positive_share``.
        acknowledge_ms, close_ms: medians from being raised; None where no alert came so far.
        last_fired_ms: time of the last event, None when there is none.
        noisy_entities: only where a single rule is asked for.
    """

    rule_id: str
    period_days: int
    alerts: int
    events: int
    dispositions: dict[str, int]
    verdicts: int
    false_positive_share: float | None
    unwanted_share: float | None
    acknowledge_ms: int | None
    close_ms: int | None
    last_fired_ms: int | None
    hint: Hint
    reason: HintReason
    noisy_entities: list[NoisyEntity] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Records:
    """What the alerts of a scope say, by rule."""

    totals: dict[str, RuleTotals]
    dispositions: dict[str, dict[str, int]]
    acknowledged: dict[str, list[int]]
    closed: dict[str, list[int]]


def scorecards(session: Session, now_ms: int, policy: ScorecardPolicy | None = None) -> list[Scorecard]:
    """The scorecards of all rules with alerts within the period, by rule id."""
    policy = policy or load_scorecard_policy()
    records = _read(session, Scope(now_ms - policy.period_days * _DAY_MS))
    return [_card(rule_id, records, policy, []) for rule_id in sorted(records.totals)]


def scorecard_of(session: Session, rule_id: str, now_ms: int, policy: ScorecardPolicy | None = None) -> Scorecard:
    """The scorecard of one rule, with its noisy entities; all zero for a rule without alerts."""
    policy = policy or load_scorecard_policy()
    scope = Scope(now_ms - policy.period_days * _DAY_MS, rule_id)
    records = _read(session, scope)
    alerts = records.totals[rule_id].alerts if rule_id in records.totals else 0
    noisy = [
        NoisyEntity(name, value, number, number / alerts)
        for name, value, number in busiest_entities(session, scope, policy.noisy_entities)
    ]
    return _card(rule_id, records, policy, noisy)


def _read(session: Session, scope: Scope) -> _Records:
    return _Records(
        totals(session, scope),
        dispositions(session, scope),
        delays(session, scope, _TAKEN_ON),
        delays(session, scope, (AlertState.CLOSED,)),
    )


def _card(rule_id: str, records: _Records, policy: ScorecardPolicy, noisy: list[NoisyEntity]) -> Scorecard:
    total = records.totals.get(rule_id)
    closed = records.dispositions.get(rule_id, {})
    verdicts = sum(number for name, number in closed.items() if name != Disposition.UNDETERMINED)
    false_positives = closed.get(Disposition.FALSE_POSITIVE, 0)
    unwanted = sum(closed.get(name, 0) for name in _UNWANTED)
    shares = (false_positives / verdicts, unwanted / verdicts) if verdicts else (None, None)
    alerts = total.alerts if total else 0
    hint, reason = _hint(alerts, verdicts, shares, policy)
    return Scorecard(
        rule_id=rule_id,
        period_days=policy.period_days,
        alerts=alerts,
        events=total.events if total else 0,
        dispositions=closed,
        verdicts=verdicts,
        false_positive_share=shares[0],
        unwanted_share=shares[1],
        acknowledge_ms=_median(records.acknowledged.get(rule_id)),
        close_ms=_median(records.closed.get(rule_id)),
        last_fired_ms=total.last_fired_ms if total else None,
        hint=hint,
        reason=reason,
        noisy_entities=noisy,
    )


def _hint(
    alerts: int, verdicts: int, shares: tuple[float | None, float | None], policy: ScorecardPolicy
) -> tuple[Hint, HintReason]:
    false_positive_share, unwanted_share = (share or 0.0 for share in shares)
    told = verdicts >= policy.minimum_closed
    if told and false_positive_share >= policy.retire.false_positive_share:
        return Hint.RETIRE, HintReason.FALSE_POSITIVES
    if told and unwanted_share >= policy.tune.unwanted_share:
        return Hint.TUNE, HintReason.UNWANTED
    if alerts / policy.period_days > policy.tune.alerts_a_day:
        return Hint.TUNE, HintReason.TOO_MANY
    if alerts == 0:
        return Hint.KEEP, HintReason.SILENT
    return Hint.KEEP, HintReason.USEFUL if told else HintReason.TOO_FEW_VERDICTS


def _median(delays_ms: list[int] | None) -> int | None:
    return round(median(delays_ms)) if delays_ms else None
