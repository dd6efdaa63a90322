"""Checks rules before they are used: what can't be evaluated, and what sigma-cli's own check finds wrong.

Beside the validators that is every rule and condition that pySigma refuses. Two validators stay off, since they fetch
their lists from the network.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import cast

from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.rule import SigmaDetectionItem, SigmaRule, SigmaRuleBase
from sigma.validation import SigmaValidator
from sigma.validators.base import SigmaValidationIssue, SigmaValidationIssueSeverity
from sigma.validators.core import validators

from detection.loading import load_rules
from detection.rules import rule_files

_DOWNLOADING = frozenset({"attacktag", "d3_fendtag"})
"""Validators that fetch their lists from the network."""


class FindingSeverity(StrEnum):
    """How much a finding matters; an error keeps the rule from being evaluated."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend in a rule file; ``rule_id`` and ``fix`` are empty where there is none to give."""

    path: Path
    line: int
    rule_id: str
    severity: FindingSeverity
    message: str
    fix: str


_INHERITED = frozenset(("rules", "severity", "description"))
_SEVERITIES = {
    SigmaValidationIssueSeverity.HIGH: FindingSeverity.WARNING,
    SigmaValidationIssueSeverity.MEDIUM: FindingSeverity.WARNING,
    SigmaValidationIssueSeverity.LOW: FindingSeverity.HINT,
}


def check_rules(paths: Iterable[Path]) -> list[Finding]:
    """Everything there is to say against the rules of the files and folders, by file and line."""
    files = list(rule_files(paths))
    errors = list(_unsupported(files))
    refused = {(error.path, error.rule_id) for error in errors}
    findings = [*errors, *_issues(files, refused)]
    return sorted(findings, key=lambda finding: (str(finding.path), finding.line, finding.message))


def _unsupported(files: Iterable[Path]) -> Iterator[Finding]:
    for each in load_rules(files).unsupported:
        message, _, fix = each.reason.partition("; ")
        yield Finding(each.path, each.line, each.id, FindingSeverity.ERROR, message, fix)


def _issues(files: Iterable[Path], refused: Collection[tuple[Path, str]]) -> Iterator[Finding]:
    """What pySigma finds; a rule that we refuse for a reason of our own need not be refused twice."""
    validator = SigmaValidator(check for name, check in validators.items() if name not in _DOWNLOADING)
    for path in files:
        try:
            collection = SigmaCollection.load_ruleset([path], collect_errors=True, resolve_references=False)
        except (SigmaError, OSError, ValueError):
            continue  # reported by our own reader, with its line
        for rule in collection.rules:
            refusals = [_refusal(path, rule, error) for error in _errors(rule)]
            yield from (each for each in refusals if (path, each.rule_id) not in refused)
            if not refusals:
                # Written for rules alone in its annotation; each validator skips the kinds that it does not know.
                for issue in validator.validate_rule(cast("SigmaRule", rule)):
                    yield _finding(path, issue)
    for issue in validator.finalize():
        yield _finding(_path_of(issue), issue)


def _errors(rule: SigmaRuleBase) -> list[SigmaError]:
    """Why pySigma refuses a rule."""
    if rule.errors or not isinstance(rule, SigmaRule):
        return list(rule.errors)
    try:
        for condition in rule.detection.parsed_condition:
            condition.parse()
    except SigmaError as error:
        return [error]
    return []


def _refusal(path: Path, rule: SigmaRuleBase, error: SigmaError) -> Finding:
    rule_id = str(rule.id) if rule.id else ""
    message = f"other Sigma tools refuse it: {error}"
    return Finding(path, 1, rule_id, FindingSeverity.WARNING, message, "write it so that pySigma reads it too")


def _finding(path: Path, issue: SigmaValidationIssue) -> Finding:
    rule_ids = ", ".join(str(rule.id) for rule in issue.rules if rule.id)
    details = [
        f"{each.name} {_shown(getattr(issue, each.name))}" for each in fields(issue) if each.name not in _INHERITED
    ]
    message = "; ".join([issue.description, *details])
    return Finding(path, 1, rule_ids, _SEVERITIES[issue.severity], message, "")


def _shown(detail: object) -> str:
    """A detail of an issue for people: of an item of the detection, its field."""
    return str(detail.field or "keyword") if isinstance(detail, SigmaDetectionItem) else str(detail)


def _path_of(issue: SigmaValidationIssue) -> Path:
    sources = [rule.source for rule in issue.rules if rule.source is not None]
    return sources[0].path if sources else Path()
