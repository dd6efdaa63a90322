"""Correlations converted by pySigma's Elasticsearch backend, where what comes of it says what the rule means.

ES|QL counts in buckets of the clock, and finds no window that reaches from one into the next. EQL finds sequences in
windows that slide; of its conversions only those are given that keep the rule's condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import ClassVar

from sigma.backends.elasticsearch.elasticsearch_eql import EqlBackend
from sigma.backends.elasticsearch.elasticsearch_esql import ESQLBackend
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationConditionOperator, SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.processing.conditions import IsSigmaCorrelationRuleCondition
from sigma.processing.conditions.base import RuleProcessingCondition
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import FieldMappingTransformation, SetStateTransformation
from sigma.rule import SigmaRule

from detection.conversion.pipeline import event_fields, transformations
from detection.conversion.query import ConversionError, QueryFormat, RuleQuery
from detection.correlation import CorrelationRule, CorrelationType
from detection.routing import Route, Vocabulary, load_routing_policy, sources_of, vocabulary_of
from detection.rules import Rule
from detection.telemetry import route_name

_BUCKETS = "ES|QL counts in buckets of the clock: a window that reaches from one into the next is not found"
_LEAST = frozenset({"gt", "gte"})


class _Eql(EqlBackend):
    """The backend with a template for sequences that leaves out a count which belongs to other types."""

    temporal_ordered_correlation_query: ClassVar[dict[str, str]] = {
        "sequence": "sequence {groupby} with maxspan={timespan} \n {search}"
    }


@dataclass
class _IsRule(RuleProcessingCondition):
    """Whether a rule is the one of an id."""

    rule_id: str = field(default="")

    def match(self, rule: SigmaRule | SigmaCorrelationRule) -> bool:
        return str(rule.id) == self.rule_id


def convert_correlation(correlation: CorrelationRule, query_format: QueryFormat, index: str) -> Iterator[RuleQuery]:
    """A correlation as queries, one for each combination of kinds of events that its rules mean.

    Raises:
        ConversionError: the language, or the backend, can't say what the correlation means.
    """
    reason = _refusal(correlation, query_format)
    if reason:
        raise ConversionError(f"{correlation.path}: {correlation.id}: {query_format} can't express it: {reason}")
    backend = ESQLBackend if query_format is QueryFormat.ESQL else _Eql
    for ways in product(*map(_ways, correlation.base_rules)):
        try:
            queries = backend(_pipeline(correlation, ways, index)).convert(_collection(correlation))
        except (SigmaError, NotImplementedError) as error:
            raise ConversionError(
                f"{correlation.path}: {correlation.id}: {query_format} can't express it: {error}"
            ) from error
        kinds = ", ".join(dict.fromkeys(route_name(route) for _, route in ways))
        for query in queries:
            note = _BUCKETS if query_format is QueryFormat.ESQL else ""
            yield RuleQuery(correlation.id, correlation.title, kinds, query, note)


def _refusal(correlation: CorrelationRule, query_format: QueryFormat) -> str:
    """Why a query would not say what the correlation means, beyond what the backend refuses itself; empty: it would."""
    if query_format in {QueryFormat.LUCENE, QueryFormat.DSL}:
        return "it finds single events; take esql or eql"
    if any(isinstance(each, CorrelationRule) for each in correlation.references):
        return "it is over correlations"
    if correlation.condition.bound:
        return "it compares with a number that stands in the events"
    if query_format is QueryFormat.EQL and not _is_sequence(correlation):
        return "a sequence says only that one rule matched so often, or rules in their order"
    return ""


def _is_sequence(correlation: CorrelationRule) -> bool:
    """Whether what is asked for are at least so many events of one rule, or all rules one after the other."""
    comparisons, rules = correlation.condition.comparisons, len(correlation.references)
    if correlation.type is CorrelationType.EVENT_COUNT:
        return rules == 1 and len(comparisons) == 1 and comparisons[0][0] in _LEAST
    return correlation.type is CorrelationType.TEMPORAL_ORDERED and comparisons == (("gte", rules),)


_Way = tuple[Vocabulary, Route]


def _ways(rule: Rule) -> list[_Way]:
    """The kinds of events that a rule means."""
    policy = load_routing_policy()
    return [
        (vocabulary_of(source, policy.profiles), route)
        for source in sources_of(rule.logsource, policy.sources)
        for route in source.routes
    ]


def _pipeline(correlation: CorrelationRule, ways: Sequence[_Way], index: str) -> ProcessingPipeline:
    items = [
        ProcessingItem(each, rule_conditions=[_IsRule(rule.id)])
        for rule, way in zip(correlation.base_rules, ways, strict=True)
        for each in transformations(rule, *way)
    ]
    mapping = FieldMappingTransformation(_grouped_fields(correlation, ways))
    items.append(ProcessingItem(mapping, rule_conditions=[IsSigmaCorrelationRuleCondition()]))
    items.append(ProcessingItem(SetStateTransformation("index", index)))
    return ProcessingPipeline(name="fengsui", items=items)


def _grouped_fields(correlation: CorrelationRule, ways: Sequence[_Way]) -> dict[str | None, str | list[str]]:
    """Where the events keep the fields that are grouped by and measured: a query names one place for all rules."""
    found: dict[str | None, str | list[str]] = {}
    for name in (*correlation.group_by, *correlation.condition.fields):
        places = {event_fields(name, *way)[0] for way in ways}
        if len(places) > 1:
            raise ConversionError(
                f"{correlation.path}: {correlation.id}: the events of its rules keep '{name}' in different fields: "
                f"{', '.join(sorted(places))}"
            )
        found[name] = places.pop()
    return found


def _collection(correlation: CorrelationRule) -> SigmaCollection:
    """The files of the correlation and its rules with these alone in it, read anew; the correlation alone is told."""
    paths = {correlation.path: None} | {rule.path: None for rule in correlation.base_rules}
    collection = SigmaCollection.load_ruleset(list(paths))
    wanted = {correlation.id, *(rule.id for rule in correlation.base_rules)}
    collection.rules = [each for each in collection.rules if str(each.id) in wanted]
    if {str(each.id) for each in collection.rules} != wanted:
        raise ConversionError(f"{correlation.path}: {correlation.id}: pySigma can't read it; see `fengsui rules check`")
    for each in collection.rules:
        if not isinstance(each, SigmaCorrelationRule):
            each.disable_output()
        elif isinstance(each.condition, SigmaCorrelationCondition):
            _as_at_least(each.condition)
    return collection


def _as_at_least(condition: SigmaCorrelationCondition) -> None:
    """More than a whole number as at least the next: the backend gives a sequence the number as it stands."""
    if condition.op is SigmaCorrelationConditionOperator.GT:
        condition.op, condition.count = SigmaCorrelationConditionOperator.GTE, condition.count + 1
