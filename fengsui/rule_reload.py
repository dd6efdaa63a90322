"""Rule files that change while the product runs: looked at at a bounded cost, put in force between two batches."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog

from detection.following import FollowedRules, load_loading_policy
from detection.rules import UnsupportedRule
from fengsui.live_matcher import LiveMatcher

_SHARE = 0.02
"""The most of the time that looking may take, however many files there are."""
_log = structlog.get_logger(__name__)


class LookTimes:
    """When to look at the files again."""

    def __init__(self, look_ms: int | None = None) -> None:
        """Look every ``look_ms``; by the policy by default."""
        self._every = (load_loading_policy().look if look_ms is None else look_ms) / 1000
        self._due = 0.0

    def is_due(self) -> bool:
        """Whether it is time."""
        return time.monotonic() >= self._due

    def looked(self, seconds: float) -> None:
        """Note that a look took so long."""
        self._due = time.monotonic() + max(self._every, seconds / _SHARE)


class RuleReload:
    """Follows rule files for a running matcher. A reload that fails is tried again at the next turn."""

    def __init__(
        self,
        rules: FollowedRules,
        matcher: LiveMatcher,
        between_batches: Callable[[], AbstractContextManager[None]],
        times: LookTimes | None = None,
    ) -> None:
        """Prepare; ``between_batches`` holds deliveries back for the length of a block."""
        self._rules = rules
        self._matcher = matcher
        self._between_batches = between_batches
        self._times = times or LookTimes()
        self._told: frozenset[UnsupportedRule] = frozenset(rules.rule_set.unsupported)
        self._pending = False

    def turn(self) -> bool:
        """Look, if it is time to; returns whether other rules are in force now."""
        if not self._times.is_due():
            return False
        started = time.monotonic()
        self._pending |= self._rules.look()
        self._times.looked(time.monotonic() - started)
        if not self._pending:
            return False
        self._tell()
        self._matcher.take_over(self._rules.rule_set, self._between_batches)
        self._pending = False
        _drop_what_was_replaced()
        return True

    def _tell(self) -> None:
        problems = frozenset(self._rules.rule_set.unsupported)
        for each in sorted(problems - self._told, key=lambda problem: (str(problem.path), problem.line)):
            _log.warning("rule not taken over", path=str(each.path), line=each.line, rule=each.id, reason=each.reason)
        self._told = problems


def _drop_what_was_replaced() -> None:
    """The rules before were set aside from garbage collection for good when they were loaded."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
