"""The rules as the console shows them, following their files."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import structlog

from api.dependencies import RuleSummary
from detection import Rule, RuleSet, UnsupportedRule
from detection.correlation import CorrelationRule
from detection.following import FollowedRules
from detection.rules import DescribedRule, default_reading_cache
from fengsui.rule_reload import LookTimes

_PAUSE_SECONDS = 0.5
_log = structlog.get_logger(__name__)


class RuleCatalog:
    """What the console shows of rules; loading thousands takes a while, so it happens beside the first answers."""

    def __init__(self, folders: Sequence[Path], times: LookTimes | None = None) -> None:
        """Remember where the rules are."""
        self._folders = folders
        self._times = times or LookTimes()
        self._summaries: Sequence[RuleSummary] = ()
        self._rules: Sequence[Rule] = ()
        self._correlations: Sequence[CorrelationRule] = ()

    def follow_in_background(self) -> None:
        """Begin to load, and to follow the files."""
        threading.Thread(target=self._follow, name="rule-catalog", daemon=True).start()

    def summaries(self) -> Sequence[RuleSummary]:
        """The rules, none before they are loaded."""
        return self._summaries

    def rules(self) -> Sequence[Rule]:
        """The rules that can be evaluated, none before they are loaded."""
        return self._rules

    def correlations(self) -> Sequence[CorrelationRule]:
        """The correlations that can be evaluated, none before they are loaded."""
        return self._correlations

    def _follow(self) -> None:
        followed = FollowedRules(self._folders, reading_cache=default_reading_cache())
        self._show(followed.rule_set)
        while True:
            time.sleep(_PAUSE_SECONDS)
            if not self._times.is_due():
                continue
            started = time.monotonic()
            try:
                if followed.look():
                    self._show(followed.rule_set)
            except Exception as error:  # noqa: BLE001 (whatever the disk or a file brings: the next look tries again)
                _log.warning("rules not looked at, trying again", error=type(error).__name__)
            self._times.looked(time.monotonic() - started)

    def _show(self, rule_set: RuleSet) -> None:
        self._rules, self._correlations = rule_set.rules, rule_set.correlations
        self._summaries = [
            *map(_single, rule_set.rules),
            *map(_correlation, rule_set.correlations),
            *map(_problem, rule_set.unsupported),
        ]


def _single(rule: Rule) -> RuleSummary:
    logsource = {name: value for name, value in asdict(rule.logsource).items() if value}
    return _summary(rule, logsource, tuple(rule.settings.entities or ()))


def _correlation(rule: CorrelationRule) -> RuleSummary:
    return _summary(rule, {"correlation": rule.type.value}, rule.group_by)


def _summary(rule: DescribedRule, logsource: dict[str, str], group_by: tuple[str, ...]) -> RuleSummary:
    return RuleSummary(
        id=rule.id,
        title=rule.title,
        level=rule.level,
        description=rule.description,
        status=rule.status or "",
        author=rule.author,
        path=str(rule.path),
        logsource=logsource,
        group_by=group_by,
        tags=rule.tags,
        false_positives=rule.falsepositives,
        references=rule.sources,
        policy=rule.settings.policy,
    )


def _problem(rule: UnsupportedRule) -> RuleSummary:
    return RuleSummary(id=rule.id or "", title=rule.path.name, level="", path=str(rule.path), problem=rule.reason)
