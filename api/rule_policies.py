"""What policy says of the loaded rules: requirements, accountable party, suggested playbook."""

from __future__ import annotations

from api.dependencies import ApiDependencies
from detection.rules import PolicyFacts


def policy_facts(dependencies: ApiDependencies) -> dict[str, PolicyFacts]:
    """The facts by rule id, of the rules that state any."""
    return {rule.id: rule.policy for rule in dependencies.rules() if rule.policy is not None}
