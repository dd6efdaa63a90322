"""What policy says of rules is read from them, from correlations too, and what is no such fact is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from detection import RuleSet, load_rules
from detection.rules import AccountableParty, PolicyFacts

_FLOW_RULES = Path(__file__).resolve().parents[2] / "detection" / "content" / "data_flow"
_RULE = """title: Taken
id: taken
level: high
logsource: {{product: fengsui, category: data_flow}}
detection: {{s: {{fengsui.grant.status: none}}, condition: s}}
fengsui: {facts}
"""


def loaded(folder: Path, facts: str) -> RuleSet:
    (folder / "rule.yml").write_text(_RULE.format(facts=facts), encoding="utf-8")
    return load_rules([folder])


@pytest.mark.parametrize(
    ("facts", "policy"),
    [
        (
            "{requirement: [B4, B5], accountable: provider, playbook: suspend_grant}",
            PolicyFacts(("B4", "B5"), AccountableParty.PROVIDER, "suspend_grant"),
        ),
        ("{requirement: B9, playbook: none}", PolicyFacts(("B9",))),
        ("{accountable: operator}", PolicyFacts((), AccountableParty.OPERATOR)),
        ("{owner: soc}", None),
    ],
)
def test_facts_are_read(tmp_path: Path, facts: str, policy: PolicyFacts | None) -> None:
    (rule,) = loaded(tmp_path, facts).rules
    assert rule.settings.policy == policy


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ("{accountable: everybody}", "accountable"),
        ("{accountable: [provider]}", "accountable"),
        ("{requirement: [5]}", "requirement"),
        ("{requirement: {B: 5}}", "requirement"),
        ("{playbook: 7}", "playbook"),
        ("{playbook: ''}", "playbook"),
    ],
)
def test_what_is_no_fact_is_refused_by_its_name(tmp_path: Path, facts: str, named: str) -> None:
    rule_set = loaded(tmp_path, facts)
    assert rule_set.rules == []
    assert named in rule_set.unsupported[0].reason


def test_every_flow_rule_and_correlation_carries_its_facts() -> None:
    rule_set = load_rules([_FLOW_RULES])
    assert not rule_set.unsupported
    assert rule_set.correlations
    for rule in [*rule_set.rules, *rule_set.correlations]:
        assert rule.settings.policy is not None, rule.id
        assert rule.settings.policy.requirements, rule.id
        assert rule.settings.policy.accountable, rule.id
