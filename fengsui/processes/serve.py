"""``serve``: the API and the console, reading what ``collect`` writes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn

from api.app import create_app
from api.dependencies import ApiDependencies, ApiSettings, RuleSummary
from detection import Rule, UnsupportedRule, load_rules
from detection.correlation import CorrelationRule
from detection.rules import default_reading_cache
from fengsui.processes.foundation import open_records, prepare_data_dir, signing_key, trail_trust
from fengsui.settings import Settings
from store import EmbeddedEventStore


def run_serve(settings: Settings) -> None:
    """Serve until told to end."""
    prepare_data_dir(settings)
    rules = RuleCatalog(settings.detection.rules)
    rules.load_in_background()
    with closing(open_records(settings)) as records, closing(EmbeddedEventStore(settings.events_dir, "read")) as events:
        dependencies = ApiDependencies(
            records=records,
            events=events,
            secret_key=signing_key(settings),
            trust=trail_trust(settings),
            rules=rules.summaries,
            loaded_rules=rules.rules,
            settings=ApiSettings(secure_cookies=settings.api.secure_cookies, time_zone=ZoneInfo(settings.api.timezone)),
        )
        uvicorn.run(
            create_app(dependencies),
            host=settings.api.host,
            port=settings.api.port,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=5,
        )


class RuleCatalog:
    """The rules as the console shows them; loading thousands takes seconds, so it happens beside the first answers."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Remember where the rules are."""
        self._folders = folders
        self._summaries: Sequence[RuleSummary] = ()
        self._rules: Sequence[Rule] = ()

    def load_in_background(self) -> None:
        """Begin to load."""
        threading.Thread(target=self._load, name="rule-catalog", daemon=True).start()

    def summaries(self) -> Sequence[RuleSummary]:
        """The rules, none before they are loaded."""
        return self._summaries

    def rules(self) -> Sequence[Rule]:
        """The rules that can be evaluated, none before they are loaded."""
        return self._rules

    def _load(self) -> None:
        rule_set = load_rules(self._folders, cache=default_reading_cache())
        self._rules = rule_set.rules
        self._summaries = [
            *map(_summary, rule_set.rules),
            *map(_correlation, rule_set.correlations),
            *map(_problem, rule_set.unsupported),
        ]


def _summary(rule: Rule) -> RuleSummary:
    return RuleSummary(
        id=rule.id,
        title=rule.title,
        level=rule.level,
        description=rule.description,
        status=rule.status or "",
        author=rule.author,
        path=str(rule.path),
        logsource={name: value for name, value in asdict(rule.logsource).items() if value},
        group_by=tuple(rule.settings.entities or ()),
        tags=tuple(rule.tags),
        false_positives=tuple(rule.falsepositives),
        references=tuple(rule.references),
    )


def _correlation(rule: CorrelationRule) -> RuleSummary:
    return RuleSummary(
        id=rule.id,
        title=rule.title,
        level=rule.level,
        description=rule.description,
        status=rule.status or "",
        author=rule.author,
        path=str(rule.path),
        logsource={"correlation": rule.type.value},
        group_by=rule.group_by,
        tags=rule.tags,
        false_positives=rule.falsepositives,
        references=rule.sources,
    )


def _problem(rule: UnsupportedRule) -> RuleSummary:
    return RuleSummary(id=rule.id or "", title=rule.path.name, level="", path=str(rule.path), problem=rule.reason)
