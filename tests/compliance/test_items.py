"""How checks and what people attest make the judgment of an item."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence import CheckOutcome
from compliance.items import AttestedItem, ItemJudge, JudgmentSource
from compliance.judgment import Judgment
from policies.compliance.checks import check_policy
from policies.compliance.words import compliance_words

F, P, N, X, U = (
    Judgment.FULFILLED,
    Judgment.PARTLY,
    Judgment.FAILED,
    Judgment.NOT_APPLICABLE,
    Judgment.UNKNOWN,
)
# 8.1.4.1 c is answered by one check alone; one check sees a part of 8.1.4.9 a; no check looks at 8.1.1.1 a.
WHOLE, PART, NONE = ("8.1.4.1 c", "clear_text_administration"), ("8.1.4.9 a", "backup"), ("8.1.1.1 a", "")
NOW = 1_000


def _judge(place: tuple[str, str], found: Judgment, attested: Judgment | None, until: int = NOW + 1) -> ItemJudge:
    outcomes = {name: CheckOutcome(name, U, "no_events") for name in check_policy().checks}
    outcomes[place[1]] = CheckOutcome(place[1], found, "no_events")
    items = {} if attested is None else {place[0]: AttestedItem("a", attested, until)}
    return ItemJudge(check_policy(), outcomes, items, NOW)


@pytest.mark.parametrize(
    ("place", "found", "attested", "judgment", "reason"),
    [
        (WHOLE, F, None, F, "checks_hold"),
        (WHOLE, N, None, N, "checks_fail"),
        (WHOLE, P, None, P, "checks_partly"),
        (WHOLE, N, F, N, "contradicted"),
        (WHOLE, N, X, N, "contradicted"),
        (WHOLE, F, N, N, "attested"),
        (WHOLE, U, F, F, "attested"),
        (WHOLE, U, None, U, "no_evidence"),
        (PART, F, None, P, "part_seen"),
        (PART, F, F, F, "attested"),
        (PART, F, N, P, "part_seen"),
        (PART, N, F, N, "contradicted"),
        (NONE, U, None, U, "no_evidence"),
        (NONE, U, X, X, "attested"),
    ],
)
def test_an_item_is_judged(
    place: tuple[str, str], found: Judgment, attested: Judgment | None, judgment: Judgment, reason: str
) -> None:
    judged = _judge(place, found, attested).judge(place[0])
    assert (judged.judgment, judged.reason) == (judgment, reason)
    assert judged.reason in compliance_words().item_reasons


def test_what_has_expired_says_nothing() -> None:
    judged = _judge(NONE, U, F, until=NOW).judge(NONE[0])
    assert (judged.judgment, judged.source, judged.reason) == (U, JudgmentSource.NONE, "attestation_expired")


@given(st.sampled_from([WHOLE, PART, NONE]), st.sampled_from(Judgment), st.sampled_from([None, P, N, X]))
def test_nothing_holds_that_nothing_speaks_for(
    place: tuple[str, str], found: Judgment, attested: Judgment | None
) -> None:
    judged = _judge(place, found, attested).judge(place[0])
    if judged.judgment is F:
        assert found is F
        assert place is WHOLE


def test_at_least_25_checks_and_each_layer_of_technology_is_looked_at() -> None:
    policy = check_policy()
    assert len(policy.checks) >= 25
    spoken = {ref for check in policy.checks.values() for ref in (*check.whole, *check.part)}
    assert {ref[:5] for ref in spoken} >= {"8.1.2", "8.1.3", "8.1.4", "8.1.5", "7.1.3", "7.1.4", "7.1.5"}
