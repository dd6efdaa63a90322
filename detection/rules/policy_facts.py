"""What policy says of a rule: the requirements it serves, who answers for its findings, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from detection.rules.errors import RuleError


class AccountableParty(StrEnum):
    """Who answers for a finding: who provides the data, who uses it, or who runs the system it is in."""

    PROVIDER = "provider"
    CONSUMER = "consumer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What a rule says of its place in policy, as it stands under its key ``fengsui``.

    Attributes:
        requirements: ids of the requirements that the rule serves.
        accountable: the party that answers for its findings.
        playbook: name of the playbook suggested for them.
    """

    requirements: tuple[str, ...] = ()
    accountable: AccountableParty | None = None
    playbook: str | None = None


def parse_policy_facts(section: Mapping[str, object]) -> PolicyFacts | None:
    """Read ``requirement``, ``accountable`` and ``playbook``; None where a rule has none of them.

    ``playbook: none`` says that none is suggested.

    Raises:
        RuleError: one of them is not what it should be.
    """
    if section.keys().isdisjoint({"requirement", "accountable", "playbook"}):
        return None
    playbook = section.get("playbook")
    if playbook is not None and not (isinstance(playbook, str) and playbook):
        raise RuleError("'playbook' must be the name of a playbook, or none", ("fengsui", "playbook"))
    return PolicyFacts(
        _requirements(section.get("requirement", [])),
        _accountable(section.get("accountable")),
        None if playbook == "none" else playbook,
    )


def _requirements(value: object) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) and each for each in listed):
        raise RuleError("'requirement' must be an id or a list of ids such as [B5]", ("fengsui", "requirement"))
    return tuple(listed)


def _accountable(value: object) -> AccountableParty | None:
    try:
        return None if value is None else AccountableParty(value if isinstance(value, str) else "")
    except ValueError as error:
        known = ", ".join(AccountableParty)
        raise RuleError(f"'accountable' must be one of {known}", ("fengsui", "accountable")) from error
