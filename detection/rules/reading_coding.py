"""What a file of rules holds, as plain data for JSON, and back again.

What JSON can't give back as it was (a date among a rule's own settings, half a character) is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from detection.rules.described import Level
from detection.rules.documents import Document
from detection.rules.expression_coding import coded, decoded
from detection.rules.filters import RuleFilter
from detection.rules.policy_facts import AccountableParty, PolicyFacts
from detection.rules.reading import FileReading
from detection.rules.rule import Detection, LogSource, Rule, UnsupportedRule
from detection.rules.rule_types import NewTerms, Threshold
from detection.rules.settings import RuleSettings

Plain: TypeAlias = list[Any]

_DEFAULT = RuleSettings()
_LEVELS = {level.value: level for level in Level}
_DATES = ("date", "modified")


class NotKeptError(ValueError):
    """A reading that JSON would change."""


def plain_reading(reading: FileReading) -> Plain:
    """A reading without its path.

    Raises:
        NotKeptError: JSON would change it.
    """
    try:
        return [
            [_plain_rule(rule) for rule in reading.rules],
            [[_plain_document(each), _plain_filter(narrowing)] for each, narrowing in reading.filters],
            [_plain_document(each) for each in reading.correlations],
            [[each.id, each.line, each.reason] for each in reading.problems],
        ]
    except TypeError as error:
        raise NotKeptError(str(error)) from error


def reading_of(data: Plain, path: Path) -> FileReading:
    """The reading that plain data stands for, of a file at this path.

    Raises:
        TypeError, ValueError, LookupError: the data is none.
    """
    rules, filters, correlations, problems = data
    return FileReading(
        path,
        [_rule(each, path) for each in rules],
        [(_document(each, path), _filter(narrowing)) for each, narrowing in filters],
        [_document(each, path) for each in correlations],
        [UnsupportedRule(rule_id, path, line, reason) for rule_id, line, reason in problems],
    )


def _plain_rule(rule: Rule) -> Plain:
    head = [rule.id, rule.title, rule.level.value, *_plain_logsource(rule.logsource), rule.detection.as_text()]
    texts = [rule.line, rule.name, rule.status, rule.description, rule.author, rule.date]
    lists = [rule.tags, rule.sources, rule.falsepositives]
    settings = None if rule.settings == _DEFAULT else astuple(rule.settings)
    return [*head, *texts, *lists, settings, _same(rule.fengsui), rule.version]


def _rule(data: Plain, path: Path) -> Rule:
    (
        rule_id, title, level, product, category, service, detection,
        line, name, status, description, author, date_, tags, sources, falsepositives, settings, own, version,
    ) = data  # fmt: skip
    return Rule(
        id=rule_id,
        title=title,
        level=_LEVELS[level],
        logsource=LogSource(product, category, service),
        detection=Detection(detection),
        path=path,
        line=line,
        name=name,
        status=status,
        description=description,
        author=author,
        date=date_,
        tags=tuple(tags),
        sources=tuple(sources),
        falsepositives=tuple(falsepositives),
        settings=_DEFAULT if settings is None else _settings(*settings),
        fengsui=own,
        version=version,
    )


def _settings(
    entities: list[str] | None,
    window_ms: int | None,
    new_terms: Plain | None,
    threshold: Plain | None,
    policy: Plain | None,
) -> RuleSettings:
    return RuleSettings(
        None if entities is None else tuple(entities),
        window_ms,
        None if new_terms is None else NewTerms(tuple(new_terms[0]), *new_terms[1:]),
        None if threshold is None else Threshold(tuple(threshold[0]), *threshold[1:]),
        None if policy is None else _policy_facts(*policy),
    )


def _policy_facts(requirements: list[str], accountable: str | None, playbook: str | None) -> PolicyFacts:
    party = None if accountable is None else AccountableParty(accountable)
    return PolicyFacts(tuple(requirements), party, playbook)


def _plain_logsource(logsource: LogSource) -> Plain:
    return [logsource.product, logsource.category, logsource.service]


def _plain_filter(narrowing: RuleFilter) -> Plain:
    return [narrowing.rules, *_plain_logsource(narrowing.logsource), coded(narrowing.expression)]


def _filter(data: Plain) -> RuleFilter:
    rules, product, category, service, expression = data
    names = None if rules is None else tuple(rules)
    return RuleFilter(names, LogSource(product, category, service), decoded(expression))


def _plain_document(document: Document) -> Plain:
    dates = {key: str(document.content[key]) for key in _DATES if isinstance(document.content.get(key), date)}
    return [document.index, _same({**document.content, **dates})]


def _document(data: Plain, path: Path) -> Document:
    index, content = data
    return Document(path, index, content)


def _same(content: Mapping[str, object]) -> Mapping[str, object]:
    """The content, if JSON gives it back as it is."""
    if content and orjson.loads(orjson.dumps(content)) != content:
        raise NotKeptError("JSON would change the content")
    return content
