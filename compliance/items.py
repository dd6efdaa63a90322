"""Judges an item from the checks that speak for it and from what a person attested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from compliance.evidence import CheckOutcome
from compliance.judgment import Judgment
from policies.compliance.checks import CheckPolicy

_WORSE_FIRST = (Judgment.FAILED, Judgment.PARTLY, Judgment.FULFILLED)


class JudgmentSource(StrEnum):
    """What a judgment rests on."""

    CHECKS = "checks"
    ATTESTATION = "attestation"
    BOTH = "checks_and_attestation"
    PERSON = "person"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class AttestedItem:
    """What a person attested of an item, and until when (ms) it holds."""

    attestation_id: str
    judgment: Judgment
    valid_until_ms: int


@dataclass(frozen=True, slots=True)
class ItemJudgment:
    """The judgment of an item: ``reason`` is a code, ``checks`` those that spoke, known or not."""

    ref: str
    judgment: Judgment
    source: JudgmentSource
    reason: str
    checks: tuple[str, ...] = ()
    attestation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ItemJudge:
    """Judges the items of one system at one moment (ms). Without evidence an item is unknown, never fulfilled."""

    policy: CheckPolicy
    outcomes: Mapping[str, CheckOutcome]
    attested: Mapping[str, AttestedItem]
    now: int

    def judge(self, ref: str) -> ItemJudgment:
        """The judgment of an item.

        A check that answers the item alone decides. Those that see a part make it hold in part, and what a person
        attests of the rest makes it whole. What the checks find wrong no attestation mends.
        """
        speaking = self.policy.speaking_for(ref)
        known = [self.outcomes[name] for name in speaking if self.outcomes[name].judgment is not Judgment.UNKNOWN]
        attested = self.attested.get(ref)
        in_force = attested if attested is not None and attested.valid_until_ms > self.now else None
        if not known:
            return self._without_checks(ref, tuple(speaking), in_force, expired=attested is not None)
        found = _combined(known)
        is_whole = any(speaking[each.check] for each in known)
        return _with_checks(ItemJudgment(ref, *found, tuple(speaking)), in_force, is_whole=is_whole)

    def _without_checks(
        self, ref: str, speaking: tuple[str, ...], in_force: AttestedItem | None, *, expired: bool
    ) -> ItemJudgment:
        if in_force is None:
            reason = "attestation_expired" if expired else "no_evidence"
            return ItemJudgment(ref, Judgment.UNKNOWN, JudgmentSource.NONE, reason, speaking)
        source, attestation_id = JudgmentSource.ATTESTATION, in_force.attestation_id
        return ItemJudgment(ref, in_force.judgment, source, "attested", speaking, attestation_id)


def _combined(known: list[CheckOutcome]) -> tuple[Judgment, JudgmentSource, str]:
    judgments = {each.judgment for each in known}
    if judgments == {Judgment.FULFILLED}:
        return Judgment.FULFILLED, JudgmentSource.CHECKS, "checks_hold"
    if judgments == {Judgment.FAILED}:
        return Judgment.FAILED, JudgmentSource.CHECKS, "checks_fail"
    return Judgment.PARTLY, JudgmentSource.CHECKS, "checks_partly"


def _with_checks(found: ItemJudgment, attested: AttestedItem | None, *, is_whole: bool) -> ItemJudgment:
    """What checks found, with what was attested in force."""
    if found.judgment is Judgment.FULFILLED and not is_whole:
        if attested is not None and attested.judgment is Judgment.FULFILLED:
            return _both(found, Judgment.FULFILLED, "attested", attested)
        return ItemJudgment(found.ref, Judgment.PARTLY, found.source, "part_seen", found.checks)
    if attested is None:
        return found
    if attested.judgment not in _WORSE_FIRST or _worse(found.judgment, attested.judgment) is found.judgment:
        reason = found.reason if attested.judgment is found.judgment else "contradicted"
        return _both(found, found.judgment, reason, attested)
    return _both(found, attested.judgment, "attested", attested)


def _worse(one: Judgment, other: Judgment) -> Judgment:
    return min(one, other, key=_WORSE_FIRST.index)


def _both(found: ItemJudgment, judgment: Judgment, reason: str, attested: AttestedItem) -> ItemJudgment:
    return ItemJudgment(found.ref, judgment, JudgmentSource.BOTH, reason, found.checks, attested.attestation_id)
