"""Rules converted by pySigma's Elasticsearch backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sigma.backends.elasticsearch.elasticsearch_eql import EqlBackend
from sigma.backends.elasticsearch.elasticsearch_esql import ESQLBackend
from sigma.backends.elasticsearch.elasticsearch_lucene import LuceneBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from detection.conversion.pipeline import route_pipeline
from detection.conversion.query import ConversionError, QueryFormat, RuleQuery
from detection.routing import load_routing_policy, sources_of, vocabulary_of
from detection.rules import Rule
from detection.telemetry import route_name

_BACKENDS: dict[QueryFormat, tuple[Any, str]] = {
    QueryFormat.LUCENE: (LuceneBackend, "default"),
    QueryFormat.DSL: (LuceneBackend, "dsl_lucene"),
    QueryFormat.EQL: (EqlBackend, "default"),
    QueryFormat.ESQL: (ESQLBackend, "default"),
}


def convert(rule: Rule, query_format: QueryFormat, index: str) -> Iterator[RuleQuery]:
    """A rule as queries, one for each route that leads events to it, or more where it has several conditions.

    The query finds what the rule means as far as the language can say it: values are compared by the index's
    analysis, and a filter that stands in another file is not in it.

    Raises:
        ConversionError: the language can't express the rule.
    """
    backend_type, output = _BACKENDS[query_format]
    policy = load_routing_policy()
    for source in sources_of(rule.logsource, policy.sources):
        for route in source.routes:
            pipeline = route_pipeline(rule, vocabulary_of(source, policy.profiles), route, index)
            try:
                found = backend_type(pipeline).convert(_collection(rule), output)
            except (SigmaError, NotImplementedError) as error:
                raise ConversionError(f"{rule.path}: {rule.id}: {query_format} can't express it: {error}") from error
            for query in found:
                yield RuleQuery(rule.id, rule.title, route_name(route), query)


def _collection(rule: Rule) -> SigmaCollection:
    """The rule's own file with this rule alone in it, read anew: a conversion changes what it converts."""
    collection = SigmaCollection.load_ruleset([rule.path])
    found = [each for each in collection.rules if isinstance(each, SigmaRule) and _same(each, rule)]
    collection.rules = [replace(each) for each in found]  # anew: pySigma gives no query for one that feeds correlations
    if not collection.rules:
        raise ConversionError(f"{rule.path}: {rule.id}: pySigma can't read the rule; see `fengsui rules check`")
    return collection


def _same(read: SigmaRule, rule: Rule) -> bool:
    logsource = (read.logsource.product, read.logsource.category, read.logsource.service)
    own = (rule.logsource.product, rule.logsource.category, rule.logsource.service)
    return str(read.id) == rule.id or (read.id is None and read.title == rule.title and logsource == own)
