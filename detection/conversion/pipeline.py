"""The routing policy as a pySigma processing pipeline: a rule's fields become the event's, its logsource conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import (
    AddConditionTransformation,
    FieldMappingTransformation,
    SetStateTransformation,
)
from sigma.processing.transformations.base import PreprocessingTransformation

from detection.compile import predicates_of
from detection.routing import Route, Vocabulary
from detection.rules import Rule
from detection.rules.expression import Expression, Not, NullTest, Predicate, ReferenceTest, Selection
from events import field_table


def route_pipeline(rule: Rule, vocabulary: Vocabulary, route: Route, index: str) -> ProcessingPipeline:
    """The pipeline for a rule over the events of one route."""
    items = (*transformations(rule, vocabulary, route), SetStateTransformation("index", index))
    return ProcessingPipeline(name="fengsui", items=[ProcessingItem(item) for item in items])


def transformations(rule: Rule, vocabulary: Vocabulary, route: Route) -> Sequence[PreprocessingTransformation]:
    """What makes of a rule one over the events of a route.

    A field becomes every field that may hold it, any of which may satisfy the rule; one that must be absent or
    different becomes the first alone. Keywords are looked for in the vocabulary's fields, or where these are not
    single fields in the index's default.
    """
    expression = rule.expression
    names = {name for predicate in predicates_of(expression) for name in _names(predicate)}
    single = {name for predicate in _absences(expression, within=False) for name in _names(predicate)}
    mapping: dict[str | None, str | list[str]] = {
        name: event_fields(name, vocabulary, route)[: 1 if name in single else None] for name in names
    }
    keywords = vocabulary.profile.keywords
    if keywords and not any(name.endswith("*") for name in keywords):
        mapping[None] = keywords
    conditions: dict[str, int | str | list[str]] = dict(route.where)
    return FieldMappingTransformation(mapping), AddConditionTransformation(conditions)


def _names(predicate: Predicate) -> list[str]:
    """The fields that a comparison names."""
    names = [predicate.field, predicate.test.field if isinstance(predicate.test, ReferenceTest) else None]
    return [name for name in names if name is not None]


def _absences(expression: Expression, *, within: bool) -> Iterator[Predicate]:
    """Comparisons with null, and those that an item negates by itself (``neq``, ``exists: false``)."""
    if isinstance(expression, Predicate):
        if isinstance(expression.test, NullTest):
            yield expression
    elif isinstance(expression, Not) and within:
        yield from predicates_of(expression)
    elif isinstance(expression, Not | Selection):
        yield from _absences(expression.part, within=within or isinstance(expression, Selection))
    else:
        for part in expression.parts:
            yield from _absences(part, within=within)


def event_fields(name: str, vocabulary: Vocabulary, route: Route) -> list[str]:
    """Where the events of a route keep a field: under the source's own name, and under those of ECS."""
    profile, ecs = vocabulary.profile, vocabulary.profile.ecs.get(name, [])
    if field_table().type_of(name) is not None:
        return [name]
    if name in profile.names and name not in route.rename:
        own = profile.names[name]
    else:
        prefixes = vocabulary.prefixes[:1] if ecs else vocabulary.prefixes
        own = [f"{prefix}{route.rename.get(name, name)}" for prefix in prefixes]
    return list(dict.fromkeys([*own, *ecs])) or [name]
